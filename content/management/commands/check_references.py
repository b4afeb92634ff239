from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from content.history import rerendering
from content.markup import references
from content.models import Rendering
from content.references import overview, retraction_watch, retractions
from content.references.retraction_watch import Fault, Record


class Command(BaseCommand):
    """Check what live pages cite: retracted papers, different words for one source, and wrong identifiers."""

    help = (
        "Check the references of all live pages. With the daily file of Retraction Watch, first read which papers were "
        "retracted: readers then see a dated notice where a page cites one, and editors see the sentences on their "
        "home page. Papers are matched by DOI and PMID, never by title. Then list: sentences that cite such a paper; "
        "identifiers and addresses whose shape is wrong; references with the same identifier and different words; and "
        "references with neither identifier nor address. It fetches nothing from the network. Running it again changes "
        "nothing. The exit status is 1 if a page cites such a paper and no reviewer has approved that, if a shape is "
        "wrong, or if a row of the file cannot be read."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the file and --forget-missing."""
        parser.add_argument(
            "file", nargs="?", type=Path, metavar="RETRACTIONS.csv", help="the file of Retraction Watch"
        )
        parser.add_argument(
            "--forget-missing", action="store_true",
            help="also forget records that are not in the file any more; without it, they and their notices stay",
        )  # fmt: skip

    def handle(self, *args: Any, file: Path | None, forget_missing: bool, **options: Any) -> None:
        """Read the file if there is one, renew the notices, and list what was found."""
        if forget_missing and not file:
            raise CommandError("Nothing was done. --forget-missing is for a file: name it.")
        if rerendering.outdated():
            raise CommandError("Nothing was done. Run render_pages first: some versions are not rendered anew.")
        faults = self._read(file, forget_missing) if file else 0
        self._renew()
        sources = overview.find_sources()
        found = faults + self._list_retracted() + self._list_faults(sources)
        self._list_wordings(sources)
        self._list_unidentified(sources)
        citings = sum(len(source.citings) for source in sources)
        self.stdout.write(f"References of live pages: {citings}. Sources: {len(sources)}.")
        if found:
            raise CommandError(f"Findings that need attention, marked with “!”: {found}.")

    def _read(self, path: Path, forget_missing: bool) -> int:
        """Store the records of the file, and return how many of its rows cannot be read."""
        self.faults = 0
        self.seen: list[int] = []
        try:
            read = retractions.store(self._records(path))
        except retraction_watch.BadFile as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{path}: {read.kept} records. New: {read.new}. Changed: {read.changed}.")
        if read.missing and forget_missing and not self.faults:
            self.stdout.write(f"Records forgotten, as they are no longer in the file: {retractions.forget(self.seen)}.")
        elif read.missing:
            self.stdout.write(
                f"Records read earlier that are not in this file: {read.missing}. They stay. If the file is whole, "
                "run this again with --forget-missing."
            )
        return self.faults

    def _records(self, path: Path) -> Iterator[Record]:
        """Yield the records that the site keeps, print the rows that cannot be read, and show progress."""
        for each in tqdm(retraction_watch.read(path), unit="row", disable=None):
            if isinstance(each, Fault):
                self.faults += 1
                with tqdm.external_write_mode():
                    self.stderr.write(f"! {path}, {each}")
            elif each:
                self.seen.append(each.record)
                yield each

    def _renew(self) -> None:
        for _ in tqdm(retractions.renew_all(), total=Rendering.objects.count(), unit="version", disable=None):
            pass

    def _list_retracted(self) -> int:
        """Print the sentences that cite a retracted paper. Return how many pages no reviewer has approved with it."""
        unseen = set()
        for each in retractions.find_concerned():
            mark = "(approved since)" if each.was_known else "!"
            stream = self.stdout if each.was_known else self.stderr
            unseen |= set() if each.was_known else {each.version.pk}
            what = retractions.describe(each.reference, each.retraction)
            stream.write(f"{mark} {each.version.page.slug}, version {each.version.number}: {what}")
            for statement in each.statements:
                stream.write(f"    line {statement.line}: {statement.sentence}")
        return len(unseen)

    def _list_faults(self, sources: list[overview.Source]) -> int:
        found = 0
        for citing in (citing for source in sources for citing in source.citings):
            for message in references.find_faults(citing.reference):
                found += 1
                self.stderr.write(f"! {_place(citing)}: {message}")
        return found

    def _list_wordings(self, sources: list[overview.Source]) -> None:
        for source in sources:
            if source.differs:
                self.stdout.write(f"One source, different words: {', '.join(source.identities)}")
                for citing in source.citings:
                    self.stdout.write(f"    {_place(citing)}: {citing.reference.words}")

    def _list_unidentified(self, sources: list[overview.Source]) -> None:
        for citing in (citing for source in sources for citing in source.citings):
            if not citing.reference.is_identified:
                self.stdout.write(f"Without identifier or address: {_place(citing)}: {citing.reference.words}")


def _place(citing: overview.Citing) -> str:
    return f"{citing.slug}, line {citing.reference.line}, [^{citing.reference.key}]"

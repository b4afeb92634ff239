"""Measure whether a request takes longer on a large site than on a small one: every kind of address, on both.

python -m tests.bench.flat        on 10,000 pages of three versions, 100,000 readers and 1,000,000 notes
python -m tests.bench.flat --pages 2000 --readers 5000 --notes 20000 --folder var/flat        kept there, and used again
python -m tests.bench.flat --only desk --commands        addresses with “desk” in their name; then the commands

Each site is asked by a process of its own, in turns, so that a busy machine slows both. What is compared is CPU time:
the median of the rounds. Making the large site takes some minutes. With EXPLAIN=1 it prints the slowest queries.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

SMALL = {"pages": 100, "versions": 3, "readers": 1_000, "notes": 5_000}
LARGE = {"pages": 10_000, "versions": 3, "readers": 100_000, "notes": 1_000_000}
ROUNDS, TIMES = 5, 5
MOST = 1.2  # times as long on the large site

VISITOR = {
    "home": "/",
    "all pages": "/pages/",
    "all pages, page 2": "/pages/?page=2",
    "pages of a topic": "/pages/?topic=topic-001",
    "page": "/pages/{slug}/",
    "history": "/pages/{slug}/history/",
    "version": "/pages/{slug}/history/2/",
    "comparison": "/pages/{slug}/history/1..2/",
    "as of a day": "/pages/{slug}/on/2026-03-01/",
    "report form": "/pages/{slug}/history/2/report/",
    "search": "/search/?q={name}",
    "suggestions": "/search/suggest/?q={name}",
    "code": "/code/snomed-ct/{code}/",
    "changes": "/changes/",
    "feed": "/feed/",
    "feed of a topic": "/topics/topic-001/feed/",
    "not found": "/pages/nothing-of-this-name/",
    "sign-in": "/sign-in",
}
READER = {
    "home": "/",
    "page": "/pages/{slug}/",
    "my annotations": "/annotations/",
    "my annotations, a word in notes": "/annotations/?q=clinic",
    "my annotations, a word in no note": "/annotations/?q=zirconium",
    "my annotations, ten words": "/annotations/?q=a+b+c+d+e+f+g+h+i+zirconium",
    "my annotations to check": "/annotations/?show=check",
    "my annotations as a file": "/annotations/export.md",
    "note form": "/annotations/{note}/",
    "my account": "/account/",
}
EDITOR = {
    "desk": "/admin/",
    "pages": "/admin/content/page/",
    "pages, search": "/admin/content/page/?q={name}",
    "pages, overdue": "/admin/content/page/?review=overdue",
    "pages, never reviewed": "/admin/content/page/?review=never",
    "pages without a draft": "/admin/content/page/?draft=none",
    "pages with problems": "/admin/content/page/?problems=yes",
    "pages by title": "/admin/content/page/?o=1",
    "one page": "/admin/content/page/{page}/change/",
    "drafts": "/admin/content/draft/",
    "drafts in review": "/admin/content/draft/?state__exact=in_review",
    "drafts, search": "/admin/content/draft/?q={name}",
    "new draft": "/admin/content/draft/add/?page={undrafted}",
    "new draft, no page named": "/admin/content/draft/add/",
    "pages for a new draft": "/admin/autocomplete/?app_label=content&model_name=draft&field_name=page&term={name}",
    "one draft": "/admin/content/draft/{draft}/change/",
    "review of a draft": "/admin/content/draft/{draft}/review/",
    "versions": "/admin/content/version/",
    "versions, scheduled": "/admin/content/version/?when=scheduled",
    "versions, search": "/admin/content/version/?q={name}",
    "one version": "/admin/content/version/{version}/change/",
    "reviews": "/admin/content/review/",
    "reviews, search": "/admin/content/review/?q={name}",
    "new review": "/admin/content/review/add/",
    "reports": "/admin/content/errorreport/",
    "reports, search": "/admin/content/errorreport/?q={name}",
    "what readers miss": "/admin/content/missingpage/",
    "home entries": "/admin/content/homeentry/",
    "new home entry": "/admin/content/homeentry/add/",
    "topics": "/admin/content/topic/",
    "synonyms": "/admin/content/synonym/",
    "references": "/admin/content/page/references/",
    "not found": "/admin/content/page/unfound/",
    "people": "/admin/accounts/user/",
    "people, search by address": "/admin/accounts/user/?q=reader77@many.example",
    "people, search by name": "/admin/accounts/user/?q=Reader77",
    "people, search in vain": "/admin/accounts/user/?q=zirconium",
    "people to verify": "/admin/accounts/user/?registration=to-verify",
    "one person": "/admin/accounts/user/{person}/change/",
    "groups": "/admin/auth/group/",
}
ADDRESSES = {"visitor": VISITOR, "reader": READER, "administrator": EDITOR}
ADDING = ("reader", "adding a note")


# In the process of one site


class Asker:
    """One site of a size, and the people who ask it."""

    def __init__(self) -> None:
        from django.test import Client

        from accounts.models import User
        from annotations.models import Annotation
        from content.models import Code, Draft, Page, Version

        page = [*Page.objects.order_by("pk")[:6]][-1]
        without_draft = Page.objects.filter(drafts=None).order_by("pk").first()
        self.facts = {
            "slug": page.slug,
            "page": page.pk,
            "name": page.slug.split("-")[0],
            "code": Code.objects.get(page=page).code,
            "undrafted": (without_draft or page).pk,
            "draft": Draft.objects.order_by("pk")[0].pk,
            "version": Version.objects.get(page=page, number=2).pk,
            "note": Annotation.objects.filter(owner__email="reader@measured.example").order_by("pk")[0].pk,
            "person": [*User.objects.order_by("pk")[:8]][-1].pk,
        }
        self.clients = {"visitor": Client(SERVER_NAME="localhost")}
        for who in ("reader", "administrator"):
            self.clients[who] = _signed_in(User.objects.get(email=f"{who}@measured.example"))

    def ask(self, who: str, name: str, times: int) -> dict[str, Any]:
        """Return the seconds of CPU time of each request, and of the last its size, status and number of queries."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        request = self.add if (who, name) == ADDING else self.get(who, name)
        request()
        taken = []
        for _ in range(times):
            began = time.process_time()
            request()
            taken.append(time.process_time() - began)
        with CaptureQueriesContext(connection) as queries:
            response = request()
        asked = sorted((float(each["time"]), str(each["sql"])) for each in queries.captured_queries)
        return {
            "taken": taken,
            "status": response.status_code,
            "size": len(response.content),
            "queries": len(queries),
            "slowest": [f"{seconds * 1000:.0f} ms: {sql[:3000]}" for seconds, sql in asked[-2:]],
        }

    def get(self, who: str, name: str) -> Callable[[], Any]:
        """Return what asks for this address, a visitor each time as a new one."""
        address, client = ADDRESSES[who][name].format(**self.facts), self.clients[who]

        def get() -> Any:
            if who == "visitor":
                client.cookies.clear()
            return client.get(address, headers={"accept-encoding": "identity"})

        return get

    def add(self) -> Any:
        """Add a note to a page, as its form does, and take back the one before it."""
        from annotations.models import Annotation

        text = "Added while measuring."
        Annotation.objects.filter(owner__email="reader@measured.example", text=text).delete()
        return self.clients["reader"].post(f"/pages/{self.facts['slug']}/annotations/", {"text": text})


def _signed_in(person: Any) -> Any:
    """Return a client in which this person is signed in, an administrator with a second factor."""
    from types import SimpleNamespace

    from django.conf import settings
    from django.test import Client
    from django.utils import timezone

    from accounts.allauth_private import record_authentication, totp
    from accounts.session.timeout import RECORD, SessionLifetime

    client = Client(SERVER_NAME="localhost")
    client.force_login(person)
    session = client.session
    session[RECORD] = SessionLifetime.begin(timezone.now(), settings.IDLE_TIME).to_record()
    if person.is_staff:
        if not person.has_second_factor:
            totp.TOTP.activate(person, totp.generate_totp_secret())
        record_authentication(SimpleNamespace(session=session), person, "mfa", type="totp")
    session.save()
    return client


def serve(folder: Path, sizes: dict[str, int]) -> None:
    """Make a site of these sizes in `folder`, unless it is there, and answer one line of JSON with another."""
    import django
    from django.core.management import call_command

    said, sys.stdout = sys.stdout, sys.stderr
    django.setup()
    made = folder / "sizes.json"
    if not made.exists() or json.loads(made.read_text()) != sizes:
        if any(folder.glob("*.sqlite3")):
            sys.exit(f"{folder} contains another site. Name an empty folder.")
        call_command("migrate", verbosity=0)
        from .many import make

        make(**sizes)
        made.write_text(json.dumps(sizes))
    call_command("migrate", verbosity=0)  # a site that was kept
    call_command("collectstatic", "--noinput", verbosity=0)
    asker = Asker()
    print(json.dumps("ready"), file=said, flush=True)
    for line in sys.stdin:
        print(json.dumps(asker.ask(**json.loads(line))), file=said, flush=True)


# In the process that compares


class Site:
    """The process of one site."""

    def __init__(self, folder: Path, sizes: dict[str, int]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        surroundings = {**os.environ, "VAR": str(folder), "DJANGO_SETTINGS_MODULE": "config.settings"}
        surroundings.pop("DATABASE_URL", None)
        self.surroundings, self.folder = surroundings, folder
        command = [sys.executable, "-m", "tests.bench.flat", "--serve", json.dumps(sizes), "--folder", str(folder)]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=surroundings
        )

    def read(self) -> Any:
        """Return the next answer of the site."""
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line:
            sys.exit("A site has ended, as said above.")
        return json.loads(line)

    def ask(self, who: str, name: str) -> Any:
        """Return what one round of requests took."""
        if self.process.stdin:
            self.process.stdin.write(json.dumps({"who": who, "name": name, "times": TIMES}) + "\n")
            self.process.stdin.flush()
        return self.read()

    def run(self, *command: str) -> float:
        """Run a command of the site, and return its seconds of CPU time."""
        began = os.times()
        ran = subprocess.run(
            [sys.executable, "manage.py", *command], env=self.surroundings, capture_output=True, text=True, check=False
        )
        if ran.returncode:
            print(ran.stdout[-2000:], ran.stderr[-2000:], sep="\n")
        ended = os.times()
        return ended.children_user + ended.children_system - began.children_user - began.children_system


def compare(small: Site, large: Site, only: str) -> Iterator[tuple[float, str]]:
    """Yield the ratio and a line for each address, with CPU time on the small and on the large site."""
    named = [(who, name) for who, addresses in ADDRESSES.items() for name in addresses]
    for who, name in [*named, ADDING]:
        if only not in f"{who}: {name}":
            continue
        answers: dict[Site, list[Any]] = {small: [], large: []}
        for turn in range(ROUNDS):
            for site in (small, large)[:: 1 if turn % 2 else -1]:
                answers[site].append(site.ask(who, name))
        took = {site: statistics.median(min(each["taken"]) * 1000 for each in of) for site, of in answers.items()}
        ends = [answers[site][-1] for site in (small, large)]
        ratio = took[large] / took[small]
        figures = [f"{took[small]:9.1f}{took[large]:9.1f}{ratio:8.2f} ×"]
        figures += [f"{each['queries']:5}" for each in ends] + [f"{each['size'] / 1000:9.1f}" for each in ends]
        figures += [f"{ends[1]['status']:5}{'  !' if ratio > MOST else ''}"]
        yield ratio, f"{f'{who}: {name}':<50}{''.join(figures)}"
        if ratio > MOST and os.environ.get("EXPLAIN"):
            yield 0, "\n".join(ends[1]["slowest"])


def measure_commands(sites: dict[Site, dict[str, int]]) -> Iterator[str]:
    """Yield a line for each command, with its CPU time for each file or version beyond what starting takes."""
    for site, sizes in sites.items():
        started, versions = site.run("check"), sizes["pages"] * sizes["versions"]
        with tempfile.TemporaryDirectory() as folder:
            for command, count in (
                (("verify_history",), versions),
                (("render_pages",), versions),
                (("check_references",), versions),
                (("build_search",), sizes["pages"]),
                (("export_pages", folder), versions + sizes["pages"]),
                (("import_pages", folder), versions + sizes["pages"]),
            ):
                taken = max(site.run(*command) - started, 0)
                yield f"{command[0]:<20}{count:8} {taken:8.1f} s {taken / count * 1000:8.2f} ms each"


def main() -> None:
    """Compare the sites and print a table. The exit status is 1 if an address is not flat."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, size in LARGE.items():
        parser.add_argument(f"--{name}", type=int, default=size, help=f"on the large site; {size:,} by default")
    parser.add_argument("--folder", type=Path, help="where the sites are kept and used again")
    parser.add_argument("--only", default="", help="measure addresses with these words in their name")
    parser.add_argument("--commands", action="store_true", help="measure the commands, too")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.serve:
        return serve(asked.folder, json.loads(asked.serve))
    with tempfile.TemporaryDirectory() as temporary:
        folder = asked.folder or Path(temporary)
        sizes = {"small": SMALL, "large": {name: getattr(asked, name) for name in LARGE}}
        sites = {Site(folder / name, size): size for name, size in sizes.items()}
        small, large = sites
        for site in sites:
            site.read()
        print(f"{'CPU time, ms':<50}{'small':>9}{'large':>9}{'ratio':>8}    queries       kB, small and large")
        ratios = []
        for ratio, line in compare(small, large, asked.only):
            print(line, flush=True)
            ratios.append(ratio)
        if asked.commands:
            for line in measure_commands(sites):
                print(line, flush=True)
        for site in sites:
            if site.process.stdin:
                site.process.stdin.close()
            site.process.wait()
    if over := sum(ratio > MOST for ratio in ratios):
        sys.exit(f"{over} of {len(ratios)} take more than {MOST} times as long on the large site.")
    return None


if __name__ == "__main__":
    main()

"""The file that Retraction Watch publishes daily, read as a stream: https://gitlab.com/crossref/retraction-watch-data.

Its dates are American (2/21/2023 0:00), "unavailable" and 0 stand for what is not known, and it is in UTF-8 or Latin-1.
"""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from content.markup.references import normalise_doi, normalise_pmid
from content.models import Retraction

COLUMNS = {
    "Record ID", "Title", "RetractionDate", "RetractionDOI", "OriginalPaperDOI", "OriginalPaperPubMedID",
    "RetractionNature", "Reason",
}  # fmt: skip
NATURES = {
    "retraction": Retraction.Nature.RETRACTION,
    "expression of concern": Retraction.Nature.CONCERN,
    "reinstatement": Retraction.Nature.REINSTATEMENT,
}
NOT_KEPT = {"correction"}
LONGEST_DOI = 500
CHUNK = 1 << 20


class BadFile(Exception):
    """A file that is not one of Retraction Watch, or cannot be read. The message says why."""


@dataclass(frozen=True)
class Record:
    """A row of the file, of a nature that the site keeps."""

    record: int
    nature: str
    title: str
    doi: str
    pmid: str
    notice_doi: str
    reason: str
    notice_on: date | None


@dataclass(frozen=True)
class Fault:
    """A row that cannot be read: its line, and what is wrong with it."""

    line: int
    message: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


def read(path: Path) -> Iterator[Record | Fault | None]:
    """Yield each row in order: None for one that the site does not keep, or that names no paper.

    Raises `BadFile` if the file cannot be read or lacks a column.
    """
    try:
        with path.open(encoding=_encoding(path), newline="") as file:
            rows = csv.DictReader(file)
            if missing := sorted(COLUMNS - {*(rows.fieldnames or [])}):
                raise BadFile(f"{path} is not the file of Retraction Watch: it has no column {', '.join(missing)}.")
            for row in rows:
                yield _read_row(row, rows.line_num)
    except (OSError, csv.Error) as error:
        raise BadFile(f"{path} cannot be read: {error}") from error


def _encoding(path: Path) -> str:
    """Return the encoding of a file: UTF-8 if all of it is that."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    with path.open("rb") as file:
        try:
            while chunk := file.read(CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "latin-1"
    return "utf-8-sig"


def _read_row(row: dict[str, str], line: int) -> Record | Fault | None:
    if any(row.get(name) is None for name in COLUMNS):
        return Fault(line, "this row is not whole, as in a file that was cut short")
    said = {name: row[name].replace("\x00", "").strip() for name in COLUMNS}
    nature = said["RetractionNature"].lower()
    if nature in NOT_KEPT:
        return None
    if nature not in NATURES:
        return Fault(line, f"“{said['RetractionNature']}” is no nature of a notice that this site knows")
    if not (said["Record ID"].isascii() and said["Record ID"].isdecimal() and len(said["Record ID"]) <= 18):
        return Fault(line, f"“{said['Record ID']}” is no Record ID")
    doi, pmid = normalise_doi(said["OriginalPaperDOI"]), normalise_pmid(said["OriginalPaperPubMedID"])
    if not (doi or pmid) or len(doi) > LONGEST_DOI:
        return None
    notice = normalise_doi(said["RetractionDOI"])
    return Record(
        record=int(said["Record ID"]),
        nature=NATURES[nature],
        title=" ".join(said["Title"].split()),
        doi=doi,
        pmid=pmid,
        notice_doi=notice if len(notice) <= LONGEST_DOI else "",
        reason="; ".join(filter(None, (each.strip().removeprefix("+").strip() for each in said["Reason"].split(";")))),
        notice_on=_read_day(said["RetractionDate"]),
    )


def _read_day(typed: str) -> date | None:
    """Return an American date, or None if there is none."""
    words = typed.split()
    try:
        return datetime.strptime(words[0], "%m/%d/%Y").date() if words else None
    except ValueError:
        return None

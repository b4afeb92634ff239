from datetime import date
from pathlib import Path

import pytest

from content.references.retraction_watch import BadFile, Fault, Record, read

FILE = Path(__file__).parent / "retractions.csv"
HEAD = "Record ID,Title,RetractionDate,RetractionDOI,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature,Reason\n"


def rows(path: Path) -> list[Record | Fault | None]:
    return list(read(path))


def write(path: Path, row: str, encoding: str = "utf-8") -> Path:
    path.write_text(HEAD + row, encoding=encoding)
    return path


def test_a_row_is_read_with_its_american_date_and_its_reasons():
    assert rows(FILE)[0] == Record(
        record=90001,
        nature="retraction",
        title="A made-up trial of drug A",
        doi="10.9999/trial.a",
        pmid="30000001",
        notice_doi="10.9999/notice.1",
        reason="Concerns/Issues About Data; Investigation by Journal/Publisher",
        notice_on=date(2023, 2, 21),
    )


def test_unavailable_and_0_stand_for_nothing():
    concern, by_pmid, *_, undated = rows(FILE)[1:]

    assert (concern.nature, concern.notice_doi, concern.notice_on) == ("concern", "", date(2024, 12, 1))
    assert (by_pmid.doi, by_pmid.pmid) == ("", "30000003")
    assert (undated.doi, undated.pmid, undated.notice_on, undated.title) == (
        "10.9999/trial.f", "", None, 'A made-up trial, of "drug F"',
    )  # fmt: skip


def test_corrections_and_rows_that_name_no_paper_are_left_out():
    assert [each is None for each in rows(FILE)] == [False] * 5 + [True, True, False]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_the_file_is_read_in_the_encoding_that_it_has(tmp_path, encoding):
    [record] = rows(write(tmp_path / "r.csv", "1,Ménière,1/2/2020,,10.9999/x,0,Retraction,\n", encoding))

    assert record.title == "Ménière"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("1,Cut,1/2/2020", "line 2: this row is not whole"),
        ("x,T,1/2/2020,,10.9999/x,0,Retraction,", "line 2: “x” is no Record ID"),
        ("1,T,1/2/2020,,10.9999/x,0,Removal,", "line 2: “Removal” is no nature"),
    ],
)
def test_a_row_of_another_shape_is_named_and_the_rest_is_read(tmp_path, row, message):
    fault, record = rows(write(tmp_path / "r.csv", f"{row}\n2,T,1/2/2020,,10.9999/y,0,Retraction,\n"))

    assert str(fault).startswith(message)
    assert record.record == 2


def test_another_file_is_refused(tmp_path):
    (tmp_path / "r.csv").write_text("a,b\n1,2\n")

    with pytest.raises(BadFile, match="no column OriginalPaperDOI, "):
        rows(tmp_path / "r.csv")
    with pytest.raises(BadFile, match="cannot be read"):
        rows(tmp_path / "gone.csv")

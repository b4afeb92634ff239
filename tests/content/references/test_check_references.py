from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from content.models import CitedRetraction, Rendering, Retraction

FILE = Path(__file__).parent / "retractions.csv"
CITES_A = "Drug A helps.[^a]\n\n[^a]: Author A. Made-up Trials 2019. doi:10.9999/trial.A\n"


def check(capsys, *arguments) -> str:
    """What the command prints, and at the end the reason why it failed if it did."""
    try:
        call_command("check_references", *map(str, arguments))
        failed = ""
    except CommandError as error:
        failed = f"FAILED: {error}"
    said = capsys.readouterr()
    return said.out + said.err + failed


def test_it_names_page_version_line_and_sentence_and_fails(publish, capsys):
    publish(body=CITES_A)

    said = check(capsys, FILE)

    assert f"{FILE}: 6 records. New: 6. Changed: 0." in said
    assert "! a-page, version 1: The paper in [^a] (doi:10.9999/trial.a) was retracted on 21 Feb 2023." in said
    assert "    line 1: Drug A helps." in said
    assert said.endswith("FAILED: Findings that need attention, marked with “!”: 1.")
    assert "New: 0. Changed: 0." in check(capsys, FILE)


def test_a_page_whose_reviewer_was_told_is_listed_and_does_not_fail(publish, capsys):
    check(capsys, FILE)
    publish(body=CITES_A)

    said = check(capsys, FILE)

    assert "(approved since) a-page, version 1: The paper in [^a]" in said
    assert "FAILED" not in said


def test_it_lists_one_source_in_different_words_and_fails_only_for_wrong_shapes(publish, capsys):
    publish("one", "One.[^a]\n\n[^a]: Author A, 2019. doi:10.9999/X. PMID 30000009\n")
    publish("two", "Two.[^b]\n\n[^b]: A. Author 2018. PMID 30000009\n")
    publish("same", "Two.[^b]\n\n[^b]: *A.* Author 2018. PMID 30000009\n")
    publish("book", "Three.[^c]\n\n[^c]: A book\n")

    said = check(capsys)

    assert "One source, different words: doi:10.9999/x, pmid:30000009" in said
    assert "    two, line 3, [^b]: A. Author 2018. PMID 30000009" in said
    assert "Without identifier or address: book, line 3, [^c]: A book" in said
    assert "References of live pages: 4. Sources: 2." in said
    assert "FAILED" not in said
    publish("book", "Three.[^c]\n\n[^c]: A book. https//nice.org.uk/x\n")
    said = check(capsys)
    assert "! book, line 3, [^c]: “https//nice.org.uk/x” is no whole address" in said
    assert said.endswith("FAILED: Findings that need attention, marked with “!”: 1.")


def test_the_same_words_on_two_pages_are_not_different(publish, capsys):
    publish("one", CITES_A)
    publish("two", CITES_A)

    assert "different words" not in check(capsys)


def test_withdrawn_and_older_versions_are_not_listed(publish, capsys):
    publish(body=CITES_A)
    publish(body="Nothing.\n")

    said = check(capsys, FILE)

    assert "a-page" not in said
    assert CitedRetraction.objects.count() == 1  # the old version keeps its notice


def test_rows_that_cannot_be_read_are_named_and_the_rest_is_used(db, tmp_path, capsys):
    (tmp_path / "r.csv").write_text(f"{FILE.read_text()}90009,Cut short")

    said = check(capsys, tmp_path / "r.csv")

    assert f"! {tmp_path}/r.csv, line 10: this row is not whole" in said
    assert "marked with “!”: 1." in said
    assert Retraction.objects.count() == 6


def test_records_that_are_gone_stay_until_the_operator_says_to_forget_them(publish, tmp_path, capsys):
    publish(body=CITES_A)
    check(capsys, FILE)
    (tmp_path / "r.csv").write_text("\n".join(row for row in FILE.read_text().split("\n") if "90001" not in row))

    assert "Records read earlier that are not in this file: 1. They stay." in check(capsys, tmp_path / "r.csv")
    assert CitedRetraction.objects.exists()
    assert "no longer in the file: 1." in check(capsys, tmp_path / "r.csv", "--forget-missing")
    assert not CitedRetraction.objects.exists()


def test_a_file_that_is_not_whole_makes_it_forget_nothing(publish, tmp_path, capsys):
    check(capsys, FILE)
    (tmp_path / "r.csv").write_text(FILE.read_text()[:900])
    check(capsys, tmp_path / "r.csv", "--forget-missing")

    assert Retraction.objects.count() == 6


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["gone.csv"], "gone.csv cannot be read"),
        ([Path(__file__)], "is not the file of Retraction Watch"),
        (["--forget-missing"], "--forget-missing is for a file"),
    ],
)
def test_what_cannot_be_meant_is_refused(db, capsys, arguments, message):
    assert message in check(capsys, *arguments).split("FAILED: ")[1]


def test_it_refuses_to_find_nothing_while_references_are_not_stored(publish, capsys):
    publish(body=CITES_A)
    Rendering.objects.update(renderer=4, references=[])

    assert "FAILED: Nothing was done. Run render_pages first" in check(capsys, FILE)
    call_command("render_pages", verbosity=0)
    assert "! a-page, version 1: The paper" in check(capsys, FILE)


def test_60_000_rows_take_seconds(publish, tmp_path, capsys):
    import time

    publish(body=CITES_A)
    head, row, *_ = FILE.read_text().split("\n")
    rows = (row.replace("90001", str(number)).replace("Trial.A", f"trial.{number}") for number in range(60_000))
    (tmp_path / "r.csv").write_text("\n".join([head, *rows]))
    began = time.monotonic()
    said = check(capsys, tmp_path / "r.csv")

    assert "60000 records. New: 60000." in said
    assert time.monotonic() - began < 60

"""The editors' synonyms come from a file into a site that has none, and go out into one."""

import pytest
from django.core.management import CommandError, call_command

from content.files import synonyms
from content.models import Synonym

FILE = """DMT: [disease-modifying therapy]
MS: [mitral stenosis, multiple sclerosis]
5-ASA: [mesalazine]
100: [one hundred]
"""


def said(tmp_path, capsys, **options) -> str:
    call_command("import_pages", str(tmp_path), **options)
    return capsys.readouterr().out


@pytest.fixture
def page(write):
    write("dose.md", "---\ntitle: Dose\nsummary: S\n---\nGive 5 mg.\n")


def test_a_site_without_synonyms_takes_those_of_the_file(page, write, db, tmp_path, capsys):
    write("synonyms.yaml", FILE)

    assert "synonyms.yaml, 5 synonyms" in said(tmp_path, capsys)
    assert [str(each) for each in Synonym.objects.all()] == [
        "100 means one hundred",
        "5-ASA means mesalazine",
        "DMT means disease-modifying therapy",
        "MS means mitral stenosis",
        "MS means multiple sclerosis",
    ]
    assert "unchanged: " not in said(tmp_path, capsys)  # nothing to say about what is the same


def test_the_editors_own_stay(page, write, db, tmp_path, capsys):
    Synonym.objects.create(words="DMT", meaning="something else")
    write("synonyms.yaml", FILE)

    assert "the site keeps its own synonyms" in said(tmp_path, capsys)
    assert Synonym.objects.count() == 1


def test_a_dry_run_writes_none(page, write, db, tmp_path, capsys):
    write("synonyms.yaml", FILE)

    assert "5 synonyms" in said(tmp_path, capsys, dry_run=True)
    assert not Synonym.objects.exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("MS: multiple sclerosis\n", "line 1: MS: state a list of meanings"),
        ("A: [b]\nMS: [c]\nMS: [d]\n", "line 3: bad YAML: MS is stated twice"),
        ("MS: [multiple sclerosis] # comment\n", "line 1: what follows # would be left out"),
        ("MS: [mitral\n", "line 2: bad YAML"),
        ("MS: ['…']\n", "Write at least one word"),
        ("MS: [mitral stenosis, Mitral stenosis]\n", "have that meaning already"),
        ("MS: [a\u200bb]\n", "U+200B"),
        (f"MS: [{'x' * 101}]\n", "at most 100 characters"),
        (b"MS: [\xff]\n", "line 1: the file is not UTF-8"),
    ],
)
def test_a_file_that_says_something_else_is_refused_and_named(page, write, db, tmp_path, capsys, content, reason):
    write("synonyms.yaml", content)
    with pytest.raises(CommandError, match="1 of 2 files were not imported"):
        call_command("import_pages", str(tmp_path))

    assert reason in capsys.readouterr().err
    assert not Synonym.objects.exists()


def test_what_an_export_writes_comes_back(page, write, db, tmp_path, capsys):
    write("synonyms.yaml", FILE)
    said(tmp_path, capsys)
    before = synonyms.list_all()
    call_command("export_pages", str(tmp_path / "out"))
    Synonym.objects.all().delete()

    said(tmp_path / "out", capsys)

    assert synonyms.list_all() == before
    assert "not part of this export" not in capsys.readouterr().out

"""What a content file states of its page's places on home."""

from pathlib import Path

import pytest

from content.files import importing
from content.models import HomeEntry, Page

HEAD = "---\ntitle: Dose\nsummary: What to give.\n"
HOME = "home:\n  - {section: drug, label: Aspirin, note: Brand}\n"
BODY = "---\nGive 5 mg.\n"
PLACE = ("section", "label", "note", "position", "below")


def bring_in(directory: Path, **asked) -> list[tuple[str, str]]:
    return [(o.result, o.detail) for o in importing.import_files(importing.files_in(directory), **asked)]


def test_a_new_page_gets_the_places_of_its_file_though_what_it_stands_below_comes_later(write, tmp_path, db):
    places = "  - {section: problem, label: Headache, position: 3, below: later}\n"
    write("dose.md", HEAD + HOME + places + BODY)
    write("later.md", HEAD + BODY)

    assert bring_in(tmp_path) == [("new", ""), ("new", "")]

    assert list(Page.objects.get(slug="dose").home_entries.values_list(*PLACE)) == [
        ("drug", "Aspirin", "Brand", 0, ""),
        ("problem", "Headache", "", 3, "later"),
    ]


@pytest.mark.parametrize(
    ("home", "said"),
    [
        ("home: drug\n", "home must be a list whose entries have label, section"),
        ("home:\n  - {section: drug}\n", "home must be a list whose entries have label, section"),
        ("home:\n  - {section: organ, label: A}\n", "the section of home must be one of drug, problem"),
        ("home:\n  - {section: drug, label: }\n", "the label of one of the entries of home is empty"),
        ("home:\n  - {section: drug, label: ''}\n", "the label of one of the entries of home is empty"),
        ("home:\n  - {section: drug, label: A, id: 4}\n", "id is not a key of one of the entries of home"),
        ("home:\n  - {section: drug, label: A, position: first}\n", "the position of an entry of home must be a whole"),
        ("home:\n  - {section: drug, label: A, position: 32768}\n", "the position of an entry of home must be a whole"),
        ("home:\n  - {section: drug, label: A, position: -1}\n", "the position of an entry of home must be a whole"),
        ("home:\n  - {section: drug, label: A, below: /pages/a/}\n", "below must be the slug of a page"),
        ("home:\n  - {section: drug, label: {name: A}}\n", "an entry of home has words and numbers only"),
        ("home:\n  - {section: drug, label: A}\n  - {section: drug, label: B}\n", "home has two entries in the"),
        (f"home:\n  - {{section: drug, label: {'A' * 61}}}\n", "the label of a home entry has at most 60 characters"),
        (f"home:\n  - {{section: drug, label: A, note: {'A' * 101}}}\n", "the note of a home entry has at most 100"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_place_is_named_on_its_line(write, tmp_path, db, home, said):
    write("dose.md", HEAD + home + BODY)

    [(result, detail)] = bring_in(tmp_path)

    assert (result, detail.splitlines()[0][:8]) == ("refused", "line 4: ")
    assert said in detail.splitlines()[0]
    assert not HomeEntry.objects.exists()


def test_the_places_that_editors_chose_stay_and_the_difference_is_named(write, tmp_path, db):
    write("dose.md", HEAD + HOME + BODY)
    bring_in(tmp_path)
    Page.objects.get().home_entries.update(label="Aspirin tablets")

    assert bring_in(tmp_path) == [("unchanged", "the site keeps its own home")]
    assert HomeEntry.objects.get().label == "Aspirin tablets"


def test_a_file_without_places_says_nothing_of_them(write, tmp_path, db):
    path = write("dose.md", HEAD + HOME + BODY)
    bring_in(tmp_path)
    path.write_text(HEAD + BODY)

    assert bring_in(tmp_path) == [("unchanged", "")]
    assert HomeEntry.objects.exists()


def test_while_nobody_has_arranged_home_an_update_arranges_it(write, tmp_path, db):
    for name in ("a", "b"):  # both have a topic, so that they have facts of the editors' own
        write(f"{name}.md", HEAD + "topics: [Neurology]\n" + BODY)
    bring_in(tmp_path)
    for name in ("a", "b"):
        write(f"{name}.md", HEAD + "topics: [Neurology]\n" + HOME + BODY)

    taken = [("unchanged", "its places on home come from the file")] * 2
    assert bring_in(tmp_path, dry_run=True) == taken
    assert not HomeEntry.objects.exists()
    assert bring_in(tmp_path) == taken
    assert HomeEntry.objects.count() == 2

    HomeEntry.objects.first().delete()
    assert ("unchanged", "the site keeps its own home") in bring_in(tmp_path)
    assert HomeEntry.objects.count() == 1

"""What an import does to words: it refuses what nobody can see, cleans what was pasted, and leaves the record alone."""

from contextlib import suppress
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from content import publishing
from content.files import exporting
from content.models import Code, Contributor, Draft, Page, Topic, Version

from .test_exporting import everything, exported_elsewhere, files_of
from .test_importing import HEAD, outcomes

OVERRIDE = "RIGHT-TO-LEFT OVERRIDE (U+202E), which can show 05 as 50. Delete it."


def run(directory) -> list[str]:
    """What the command prints, refused or not."""
    out = StringIO()
    with suppress(CommandError):
        call_command("import_pages", directory, stdout=out, stderr=out)
    return out.getvalue().replace(f"{directory}/", "").splitlines()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (HEAD + "---\nFine.\n\nGive \u202e05 mg.\n", "line 7: Character 6 is " + OVERRIDE),
        ("---\ntitle: Dose\nsummary: Wh\u202eat.\n---\nFine.\n", "line 3: Character 12 is " + OVERRIDE),
        ("---\ntitle: D\u202eose\nsummary: What.\n---\nFine.\n", "line 2: Character 9 is " + OVERRIDE),
        (HEAD + "change_note: N\u202e\n---\nFine.\n", "line 4: Character 15 is " + OVERRIDE),
        (HEAD + "topics: [MS\u202e]\n---\nFine.\n", "line 4: Character 12 is " + OVERRIDE),
        (
            HEAD + "codes:\n  - {system: ICD-10, code: G35, term: M\u202eS}\n---\nFine.\n",
            "line 5: Character 40 is " + OVERRIDE,
        ),
        (HEAD + "contributors:\n  - {name: An\u202en, role: Author}\n---\nFine.\n", "line 5: Character 14 is RIGHT"),
        (
            HEAD + "contributors:\n  - name: Ann\n    role: Author\n    interests: No\u202ene\n---\nFine.\n",
            "line 7: Character 18 is RIGHT",
        ),
        (HEAD + 'topics: ["MS\\u202e"]\n---\nFine.\n', "line 4: topics: " + OVERRIDE),  # an escape of YAML
        (HEAD + "topics: [M\x08S]\n---\nFine.\n", "line 4: Character 11 is CONTROL CHARACTER (U+0008)"),
        (HEAD + "---\nGive\u2060 5 mg.\n", "line 5: Character 5 is WORD JOINER (U+2060)"),
        (HEAD + "---\n\ufeffGive 5 mg.\n", "line 5: Character 1 is ZERO WIDTH NO-BREAK SPACE (U+FEFF)"),
        (HEAD + f"---\n{'a' * 214_310}\n", "line 5: The text is 214,310 characters long; a page may have 200,000."),
    ],
    ids=str,
)  # fmt: skip
def test_what_nobody_can_see_is_refused_with_file_line_and_name(write, tmp_path, db, content, said):
    write("dose.md", content)

    assert run(tmp_path)[0].startswith(f"refused: dose.md, {said}")
    assert not Page.objects.exists()
    assert not Topic.objects.exists()


def test_a_draft_is_refused_in_the_same_way_and_all_errors_are_named_at_once(write, tmp_path, publish):
    publish("dose")
    write("dose.draft.md", "---\ntitle: D\u202e\nsummary: What.\nversion: 1\n---\nGive 5\u2061 mg.[^x]\n")

    refused = [line for line in run(tmp_path) if line.startswith("refused")]

    assert [line.partition(",")[2][:30] for line in refused] == [
        " line 2: Character 9 is RIGHT-",
        " line 6: Character 7 is FUNCTI",
        " line 6: The reference [^x] is",
    ]
    assert not Draft.objects.exists()


def test_what_was_pasted_is_cleaned_and_the_lines_are_printed(write, tmp_path, publish):
    publish("other", title="The other [page]")
    write(
        "dose.md",
        "---\ntitle: Do\u00adse\nsummary: What.\ncontributors:\n  - {name: An\u200bn, role: Author}\n---\n\n"
        "hyper\u00adten\u00adsion, 5\u00a0mg\n\nSee [](/pages/other/).\n",
    )

    said = run(tmp_path)

    version = Version.objects.get(page__slug="dose")
    assert (version.title, version.credits[0]["name"]) == ("Dose", "Ann")
    assert version.body == "hypertension, 5\u00a0mg\n\nSee [The other \\[page\\]](/pages/other/).\n"
    assert said == [
        "new: dose.md",
        "check: dose.md, line 2: we removed 1 soft hyphen, which nobody can see.",
        "check: dose.md, line 5: we removed 1 zero-width space, which nobody can see.",
        "check: dose.md, line 8: we removed 2 soft hyphens, which nobody can see.",
        "check: dose.md, line 10: the link to /pages/other/ now has the page's title, “The other [page]”.",
        "1 new, 0 changed, 0 unchanged, 0 superseded, 0 refused, 0 skipped",
    ]
    assert run(tmp_path) == ["0 new, 0 changed, 1 unchanged, 0 superseded, 0 refused, 0 skipped"]


def test_a_link_takes_the_title_of_a_page_in_the_same_folder(write, tmp_path, db):
    write("a.md", "---\ntitle: First\nsummary: S.\n---\nSee [](/pages/b/).\n")
    write("b.md", "---\ntitle: Second\nsummary: S.\n---\nSee [](/pages/a/).\n")

    assert outcomes(tmp_path) == [("a.md", "new"), ("b.md", "new")]

    assert [version.body for version in Version.objects.order_by("page__slug")] == [
        "See [Second](/pages/b/).\n",
        "See [First](/pages/a/).\n",
    ]
    assert outcomes(tmp_path) == [("a.md", "unchanged"), ("b.md", "unchanged")]


def test_a_file_says_the_same_after_the_title_of_another_page_has_changed(write, tmp_path, publish):
    publish("other", title="Old title")
    write("dose.md", HEAD + "---\nSee [](/pages/other/).\n")
    write("dose.draft.md", HEAD + "version: 1\n---\nSee [](/pages/other/) again.\n")
    outcomes(tmp_path)
    publish("other", title="New title", body="Give 10 mg.\n")

    assert outcomes(tmp_path) == [("dose.md", "unchanged"), ("dose.draft.md", "unchanged")]


def test_a_draft_that_was_edited_since_is_not_brought_in_again_because_a_title_has_changed(
    write, tmp_path, publish, people
):
    publish("other", title="Old title")
    publish("dose")
    write("dose.draft.md", HEAD + "version: 1\nchange_note: N\n---\nSee [](/pages/other/) again.\n")
    outcomes(tmp_path)
    draft = Draft.objects.get()
    text = publishing.Text("Dose", "What to give.", "See it again.\n", "N")
    publishing.save_draft(draft=draft, text=text, by=people.editor, revision=1)
    publish("other", title="New title", body="Give 10 mg.\n")

    assert outcomes(tmp_path) == [("dose.draft.md", "superseded")]
    assert Draft.objects.get().body == "See it again.\n"


def test_a_text_taken_out_of_a_link_is_a_change(write, tmp_path, publish):
    publish("other", title="The other")
    write("dose.md", HEAD + "---\nSee [another text](/pages/other/).\n")
    outcomes(tmp_path)
    write("dose.md", HEAD + "version: 1\n---\nSee [](/pages/other/).\n")

    assert outcomes(tmp_path) == [("dose.md", "changed")]
    assert Draft.objects.get().body == "See [The other](/pages/other/).\n"
    assert outcomes(tmp_path) == [("dose.md", "unchanged")]


def test_a_file_from_before_says_what_its_version_says(write, tmp_path, db):
    page = Page.objects.create(slug="dose")
    text = publishing.Text("Do\u00adse", "What to give.", "hyper\u00adtension\n")
    publishing.add_version(page=page, text=text)
    write("dose.md", "---\ntitle: Do\u00adse\nsummary: What to give.\n---\nhyper\u00adtension\n")

    assert outcomes(tmp_path) == [("dose.md", "unchanged")]


def test_the_record_comes_back_byte_for_byte_and_what_is_in_it_is_named(tmp_path, db):
    def make():
        page = Page.objects.create(slug="dose")
        Contributor.objects.create(page=page, name="A\u00adnn", role="Au\u202ethor")
        Code.objects.create(page=page, system="ATC", code="L04", term="te\u200brm")
        old = publishing.Text("Do\u00adse", "What.", "Give \u202e05\u202c mg.\n", "N\u2060")
        publishing.add_version(page=page, text=old)
        new = publishing.Text("Do\u00adse", "What.", "Give \u202e07\u202c mg\u00ad.\n", "N\u2060")
        publishing.start_draft(page=page, text=new, by=None, started_from=1)

    was = exported_elsewhere(tmp_path, make)
    files = files_of(tmp_path)

    said = run(tmp_path)

    assert everything() == was
    assert "2 new, 0 changed, 1 unchanged, 0 superseded, 0 refused, 0 skipped" in said
    lines = files["dose/history/1.md"].decode().split("\n")
    credit = next(number for number, line in enumerate(lines, start=1) if "Au\u202e" in line)
    text = next(number for number, line in enumerate(lines, start=1) if line.startswith("Give"))
    name = "RIGHT-TO-LEFT OVERRIDE (U+202E), as it was published"
    assert [line for line in said if name in line] == [
        f"check: dose/history/1.md, line {credit}: character 12 is {name}",
        f"check: dose/history/1.md, line {text}: character 6 is {name}",
    ]
    list(exporting.export_pages(tmp_path))
    assert files_of(tmp_path) == files
    assert run(tmp_path)[-1:] == ["0 new, 0 changed, 3 unchanged, 0 superseded, 0 refused, 0 skipped"]

import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from content import publishing
from content.files import exporting, importing
from content.markup import problems
from content.models import Draft, Page, Version

HEAD = "---\ntitle: Dose\nsummary: What to give.\n"


def outcomes(directory: Path) -> list[tuple[str, str]]:
    return [(o.path.name, o.result) for o in importing.import_files(importing.files_in(directory))]


def test_a_file_becomes_a_page(write, tmp_path, db):
    write(
        "dose.md",
        HEAD + "topics: [Neurology]\ncodes:\n  - {system: ICD-10, code: G35, term: MS}\n"
        "contributors:\n  - {name: A. Author, role: Author, interests: None declared}\n---\n\nGive 5 mg.\n",
    )

    assert outcomes(tmp_path) == [("dose.md", "new")]

    version = Version.objects.get()
    assert (version.page.slug, version.number, version.body) == ("dose", 1, "Give 5 mg.\n")
    assert version.is_imported
    assert version.credits == [{"name": "A. Author", "role": "Author", "credentials": "", "interests": "None declared"}]
    assert [str(code) for code in version.page.codes.all()] == ["ICD-10 G35: MS"]
    assert [topic.name for topic in version.page.topics.all()] == ["Neurology"]


def test_importing_again_changes_nothing(write, tmp_path, db):
    write("dose.md", HEAD + "---\nGive 5 mg.\n")
    write("dose.draft.md", HEAD + "version: 1\n---\nGive 10 mg.\n")

    assert outcomes(tmp_path) == [("dose.md", "new"), ("dose.draft.md", "new")]
    assert outcomes(tmp_path) == [("dose.md", "unchanged"), ("dose.draft.md", "unchanged")]
    assert Version.objects.count() == Draft.objects.count() == 1


def test_text_of_an_earlier_version_is_superseded(write, tmp_path, publish):
    publish("dose", body="Give 5 mg.\n")
    publish("dose", body="Give 10 mg.\n")
    write("dose.md", "---\ntitle: About dose\nsummary: What dose says.\n---\nGive 5 mg.\n")

    assert outcomes(tmp_path) == [("dose.md", "superseded")]
    assert Page.objects.get().live_version.number == 2


def test_a_file_that_began_from_another_version_is_refused_naming_both(write, tmp_path, publish):
    publish("dose", body="Give 5 mg.\n")
    publish("dose", body="Give 10 mg.\n")
    write("dose.md", HEAD + "version: 1\n---\nGive 20 mg.\n")
    [outcome] = importing.import_files(importing.files_in(tmp_path))

    assert outcome.result == "refused"
    assert "line 4: started from version 1, but version 2 is live" in outcome.detail
    assert Page.objects.get().live_version.body == "Give 10 mg.\n"


def test_a_draft_is_never_written_over_another(write, tmp_path, publish, people):
    page = publish("dose").page
    text = publishing.Text("Dose", "What to give.", "Half written", "")
    publishing.start_draft(page=page, text=text, by=people.editor, started_from=1)
    write("dose.draft.md", HEAD + "version: 1\n---\nGive 20 mg.\n")

    assert outcomes(tmp_path) == [("dose.draft.md", "refused")]
    assert Draft.objects.get().body == "Half written\n"


def test_a_published_draft_does_not_come_back(write, tmp_path, publish):
    publish("dose")
    write("dose.draft.md", "---\ntitle: About dose\nsummary: What dose says.\nversion: 1\n---\nGive 5 mg.\n")

    assert outcomes(tmp_path) == [("dose.draft.md", "superseded")]
    assert not Draft.objects.exists()


def test_a_warning_refuses_no_file(write, tmp_path, db):
    write("dose.md", HEAD + "---\n#### Deep\n\nGive <b>5 mg</b>.\n")

    assert outcomes(tmp_path) == [("dose.md", "new")]
    assert [problem["line"] for problem in Version.objects.get().rendering.problems] == [1, 1, 3]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "line 1: does not start with front matter"),
        ("Just text\n", "line 1: does not start with front matter"),
        ("---\ntitle: Dose\n", "line 1: does not start with front matter"),
        (HEAD + "topics: [a\n---\nText\n", "line 5: bad YAML"),
        ("---\ntitle: a: b\n---\nText\n", "line 2: bad YAML"),
        ("---\nsummary: S\n---\nText\n", "line 1: has no title"),
        ("---\ntitle: Dose\nsummary:\n---\nText\n", "line 3: has no summary"),
        (HEAD + "---\n", "line 1: has no text"),
        (HEAD + "---\n\nFine.\n\nCited.[^x]\n", "line 8: The reference [^x] is cited but not defined."),
        (HEAD + "---\n\n---\ntitle: Again\n---\nText\n", "line 6: The text starts with ---."),
        (HEAD + "---\nFine.\n\n![](/static/icon.svg)\n", "line 7: This image has no description."),
        (HEAD + "titel: x\n---\nText\n", "line 4: titel is not a key"),
        (HEAD + "kind: blog\n---\nText\n", "line 4: kind must be one of guidance, about"),
        (HEAD + "version: one\n---\nText\n", "line 4: version must be a whole number"),
        (HEAD + "topics: Neurology\n---\nText\n", "line 4: topics must be a list"),
        (HEAD + "codes:\n  - {system: ICD-10}\n---\nText\n", "line 4: codes must be a list"),
        (HEAD + "codes:\n  - {system: X, code: a, term: b}\n---\nText\n", "line 4: the system of a code"),
        (HEAD + "slug: Not A Slug\n---\nText\n", "line 4: Not A Slug"),
        (f"---\ntitle: {'x' * 201}\nsummary: S\n---\nText\n", "line 2: the title has 201 characters"),
        (HEAD.encode() + b"---\n\nGive \xff mg\n", "line 6: is not UTF-8 text"),
        (HEAD + "---\nA\x00B\n", "line 5: contains a NUL character"),
    ],
)
def test_a_bad_file_is_named_with_its_line_and_the_rest_is_imported(write, tmp_path, db, content, reason):
    write("bad.md", content)
    write("good.md", HEAD + "---\nGive 5 mg.\n")
    bad, good = importing.import_files(importing.files_in(tmp_path))

    assert (bad.path.name, bad.result) == ("bad.md", "refused")
    assert bad.detail.startswith(reason)
    assert good.result == "new"
    assert [page.slug for page in Page.objects.all()] == ["good"]


def test_a_slug_is_taken_once(write, tmp_path, db):
    write("dose.md", HEAD + "---\nGive 5 mg.\n")
    write("other.md", HEAD + "slug: dose\n---\nGive 10 mg.\n")
    first, second = importing.import_files(importing.files_in(tmp_path))

    assert first.result == "new"
    assert second.detail == "line 4: the slug dose is already that of dose.md"


def test_a_file_that_vanished_is_named(tmp_path, db):
    [outcome] = importing.import_files([tmp_path / "gone.md"])

    assert (outcome.result, outcome.detail) == ("refused", "line 1: cannot be read: No such file or directory")


def test_the_command_names_each_refused_file_and_fails(write, tmp_path, db, capsys):
    bad = write("bad.md", "no front matter")
    write("good.md", HEAD + "---\nGive 5 mg.\n")

    with pytest.raises(CommandError, match="1 of 2 files were not imported"):
        call_command("import_pages", tmp_path)

    said = capsys.readouterr()
    assert f"refused: {bad}, line 1: does not start with front matter" in said.err
    assert "1 new, 0 changed, 0 unchanged, 0 superseded, 1 refused" in said.out


@pytest.mark.parametrize("name", ["nowhere", "."])
def test_the_command_says_when_there_is_nothing_to_import(tmp_path, db, name):
    with pytest.raises(CommandError, match=r"is not a directory|contains no \.md files"):
        call_command("import_pages", tmp_path / name)


# The library that ships with the site


@pytest.mark.usefixtures("shipped_library")
def test_the_library_ships_enough_pages_to_run_out_of_free_ones():
    guidance = Page.objects.live().guidance()

    assert guidance.count() >= 11
    assert set(Page.objects.filter(kind="about").values_list("slug", flat=True)) == {
        "about", "privacy", "accessibility", "terms",
    }  # fmt: skip


@pytest.mark.usefixtures("shipped_library")
def test_every_shipped_page_cites_and_links_only_to_pages_that_exist():
    slugs = set(Page.objects.live().guidance().values_list("slug", flat=True))
    for version in Version.objects.live().filter(page__kind="guidance"):
        body = version.body.split("\n[^")[0]
        links = set(re.findall(r"\]\(/pages/([a-z0-9-]+)/\)", body))
        assert links, version
        assert links <= slugs - {version.page.slug}, version
        assert 150 <= len(body.split()) <= 1400, version
        assert version.rendering.html.count("fnref") >= 5, version


@pytest.mark.usefixtures("shipped_library")
def test_an_update_of_one_page_waits_in_review_unseen(client):
    draft = Draft.objects.get()
    html = client.get("/pages/natalizumab-monitoring-pml-risk/").content.decode()

    assert (draft.page.slug, draft.is_in_review, draft.started_from) == ("natalizumab-monitoring-pml-risk", True, 1)
    assert "Do negative results stay low?" in draft.body
    assert "Do negative results stay low?" not in html
    assert "Is one result enough?" in html


@pytest.mark.usefixtures("shipped_library")
def test_natalizumab_comes_with_the_version_before_and_who_may_have_it_first(client):
    first, second = Page.objects.get(slug="natalizumab-highly-active-rrms").versions.order_by("number")
    html = client.get("/pages/natalizumab-highly-active-rrms/").content.decode()

    assert first.sha256 == "89ea1e276cdb373064cead9314cc9cab9c8350fb3f81d17180e5cc1641b0ed73"
    assert "As recorded in NICE TA127" in first.body
    assert html.index("TA1126") < html.index("Who may have it on the NHS") < html.index("suboptimal therapy group")
    assert second.page.live_version == second
    assert client.get("/pages/natalizumab-highly-active-rrms/history/1..2/").status_code == 200


@pytest.mark.usefixtures("shipped_library")
def test_every_reference_of_the_library_leads_to_its_source():
    live = Version.objects.live().filter(page__kind=Page.Kind.GUIDANCE)
    for version in live.select_related("page", "rendering"):
        references = re.findall(r'<li id="fn:([^"]+)">(.*?)</li>', version.rendering.html, re.DOTALL)
        assert references, version
        for key, reference in references:
            assert re.search(r'href="https?://', reference), (version.page.slug, key)


@pytest.mark.usefixtures("shipped_library")
def test_each_page_of_the_library_says_what_changed_in_words_of_its_own():
    notes = [version.change_note for version in Version.objects.live()]

    assert all(notes)
    assert {note for note in notes if notes.count(note) > 1} <= {"First version on this site."}


@pytest.mark.usefixtures("shipped_library")
def test_no_unconfirmed_mark_is_left_in_a_page():
    for text in [*Version.objects.all(), *Draft.objects.all()]:
        assert not re.search(r"\[(C2?|U)\]", text.body), text


@pytest.mark.usefixtures("shipped_library")
def test_the_texts_that_ship_have_no_problem():
    live = set(Page.objects.live().guidance().values_list("slug", flat=True))
    holders = [*Version.objects.all(), *Draft.objects.all()]

    assert [(str(holder), found) for holder in holders for found in problems.find(holder.body, live)] == []


# What editors entered is theirs


def test_importing_again_never_takes_away_what_editors_entered(write, tmp_path, db):
    write("dose.md", HEAD + "topics: [Neurology]\ncodes:\n  - {system: ICD-10, code: G35, term: MS}\n---\nGive 5 mg.\n")
    outcomes(tmp_path)
    page = Page.objects.get()
    page.topics.create(name="Added", slug="added")
    page.codes.create(system="ATC", code="L04AG03", term="Added")

    [outcome] = importing.import_files(importing.files_in(tmp_path))

    assert (outcome.result, outcome.detail) == ("unchanged", "the site keeps its own topics and codes")
    assert page.topics.filter(slug="added").exists()
    assert page.codes.filter(code="L04AG03").exists()


def test_an_import_never_publishes_credits_that_no_reviewer_saw(write, tmp_path, db):
    write("dose.md", HEAD + "version: 1\n---\nGive 5 mg.\n")
    outcomes(tmp_path)
    Page.objects.get().contributors.create(name="Somebody", role="Lead author")

    assert outcomes(tmp_path) == [("dose.md", "unchanged")]
    assert Version.objects.count() == 1


def test_a_text_published_from_the_browser_is_known_again(write, tmp_path, publish):
    publish("dose", title="Dose", body="Give 5 mg.\r\n\r\nThen rest.")
    write("dose.md", "---\ntitle: Dose\nsummary: What dose says.\n---\n\nGive 5 mg.\n\nThen rest.\n")

    assert outcomes(tmp_path) == [("dose.md", "unchanged")]


@pytest.mark.parametrize(
    "content",
    [
        HEAD + 'change_note: "\x07"\n---\nText\n',
        HEAD + "published_at: 2026-13-45\n---\nText\n",
        HEAD + "1: x\n---\nText\n",
        HEAD + "contributors:\n  - {name: A, role: B, page: 1}\n---\nText\n",
        HEAD + "codes:\n  - {system: ATC, code: L, term: T}\n  - {system: ATC, code: L, term: T}\n---\nText\n",
        HEAD + "codes:\n  - {system: ATC, code: " + "L" * 31 + ", term: T}\n---\nText\n",
        HEAD + "review_interval_months: 70000\n---\nText\n",
        HEAD + "review_interval_months: true\n---\nText\n",
        HEAD + "version: " + "9" * 5000 + "\n---\nText\n",
        HEAD + "topics: " + "[" * 400 + "]" * 400 + "\n---\nText\n",
        HEAD + "topics: ['']\n---\nText\n",
        "---\na: &a [x, x]\nb: &b [*a, *a]\ntitle: *b\nsummary: S\n---\nText\n",
    ],
    ids=range(12),
)
def test_whatever_is_in_a_file_the_rest_goes_on(write, tmp_path, db, content):
    write("bad.md", content)
    write("good.md", HEAD + "---\nGive 5 mg.\n")

    assert outcomes(tmp_path) == [("bad.md", "refused"), ("good.md", "new")]


def run(directory: Path) -> tuple[str, str]:
    """What the command prints and what it complains of."""
    out, err = StringIO(), StringIO()
    try:
        call_command("import_pages", directory, stdout=out, stderr=err)
    except CommandError as refusal:
        err.write(str(refusal))
    return out.getvalue(), err.getvalue()


def test_every_problem_of_every_file_is_named_in_one_run(write, tmp_path, db):
    write("a.md", HEAD + "---\n![](/static/icon.svg)\n\n![](/static/icon.svg)\n\nText[^x].\n")
    write("b.md", "---\nsummary: What to give.\n---\nStop if K<Na and Na>130 today.\n")
    write("c.md", HEAD + "---\nStop.\n\n[^unused]: A source.\n")

    out, err = run(tmp_path)

    for name, line in (("a.md", 5), ("a.md", 7), ("a.md", 9), ("b.md", 1), ("b.md", 4)):
        assert re.search(rf"^refused: \S+/{name}, line {line}: ", err, re.MULTILINE), (name, line)
    assert "“<Na and Na>” reads as a tag and would not be shown" in err
    assert re.search(r"^check: \S+/c\.md, line 7: \[\^unused\] is not cited", out, re.MULTILINE)
    assert [version.page.slug for version in Version.objects.all()] == ["c"]


def test_files_that_are_not_read_are_named(write, tmp_path, db):
    write("dose.md", HEAD + "---\nGive 5 mg.\n")
    for name in ("cardiology/index.md", "UPPER.MD", "x.markdown", ".hidden", "dose/history/notes.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        write(name, HEAD + "---\nGive 5 mg.\n")

    out, _ = run(tmp_path)

    skipped = re.findall(r"^skipped: (\S+),", out, re.MULTILINE)
    expected = ["UPPER.MD", "cardiology/index.md", "dose/history/notes.md", "x.markdown"]
    assert skipped == [str(tmp_path / name) for name in expected]
    assert "1 new" in out


@pytest.mark.parametrize(
    ("facts", "unknown"),
    [
        ("codes: [{system: ICD-10, code: G35, term: MS, id: 4}]", "id is not a key of one of the codes"),
        ("codes: [{system: ICD-10, code: G35, term: MS, page_id: 1}]", "page_id is not a key of one of the codes"),
        ("contributors: [{name: A. Author, role: Author, id: 1}]", "id is not a key of one of the contributors"),
        ("contributors: [{name: A. Author, role: Author, position: 9}]", "position is not a key"),
        ("topics: [{name: Neurology, slug: neurology, id: 2}]", "id is not a key of one of the topics"),
    ],
)
def test_an_entry_states_what_it_may_and_nothing_else(write, tmp_path, db, facts, unknown):
    write("dose.md", HEAD + facts + "\n---\nGive 5 mg.\n")

    _, err = run(tmp_path)

    assert "line 4: " + unknown in err
    assert not Version.objects.exists()


def test_another_pages_code_is_not_overwritten(write, tmp_path, publish):
    code = publish("other").page.codes.create(system="ICD-10", code="G35", term="MS")
    write("dose.md", HEAD + f"codes: [{{system: ICD-10, code: A00, term: Cholera, id: {code.pk}}}]\n---\nGive 5 mg.\n")

    run(tmp_path)

    code.refresh_from_db()
    assert (code.page.slug, code.code) == ("other", "G35")


def test_an_exported_draft_that_was_edited_is_not_thrown_away(people, publish, tmp_path):
    page = publish("dose").page
    text = publishing.Text("About dose", "S", "Give 10 mg.\n", "Raised.")
    publishing.start_draft(page=page, text=text, by=people.editor, started_from=1)
    list(exporting.export_pages(tmp_path))
    assert ("dose.draft.md", "unchanged") in outcomes(tmp_path)

    path = tmp_path / "dose.draft.md"
    path.write_text(path.read_text().replace("Give 10 mg.", "Give 15 mg."))
    _, err = run(tmp_path)
    assert f"refused: {path}, line 1: A draft of dose exists, saved by The editor on " in err
    assert "nothing was done with dose.draft.md" in err

    Draft.objects.all().delete()
    assert ("dose.draft.md", "new") in outcomes(tmp_path)
    assert Draft.objects.get().body == "Give 15 mg.\n"


def test_a_title_with_a_colon_is_refused_with_what_to_do(write, tmp_path, db):
    write("sepsis.md", "---\ntitle: Sepsis: adults\nsummary: S\n---\nText.\n")

    _, err = run(tmp_path)

    assert "line 2: bad YAML" in err
    assert "Put a value that contains a colon between quotes" in err


@pytest.mark.parametrize("facts", ["codes: 5", "contributors: true", "topics: 3", "codes: [1, 2]", "topics: [[x]]"])
def test_a_fact_of_the_wrong_shape_refuses_its_file_and_no_other(write, tmp_path, db, facts):
    write("a.md", HEAD + facts + "\n---\nText.\n")
    write("b.md", HEAD + "---\nText.\n")

    assert dict(outcomes(tmp_path)) == {"a.md": "refused", "b.md": "new"}


def test_a_withdrawals_draft_comes_in_beside_a_draft_of_the_text(write, people, publish, tmp_path):
    page = publish("dose").page
    text = publishing.Text("About dose", "S", "Give 10 mg.\n", "Raised.")
    publishing.start_draft(page=page, text=text, by=people.editor, started_from=1)
    write("dose.withdrawal.draft.md", HEAD + "version: 1\nreason: Out of date.\n---\n")

    assert outcomes(tmp_path) == [("dose.withdrawal.draft.md", "new")]
    assert sorted(Draft.objects.values_list("kind", "reason")) == [("text", ""), ("withdrawal", "Out of date.")]

import copy
import csv
import io
import json
import re
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from django.urls import reverse
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt

from annotations.export import COLUMNS, to_csv, to_json_ld, to_markdown

from .annotation_model import ANNOTATION_COLLECTION

SITE = "https://guidance.example"
TITLES = {"natalizumab": "Natalizumab (highly active) RRMS", "sepsis": "Sepsis"}
MODEL = Draft202012Validator(ANNOTATION_COLLECTION)


@dataclass(frozen=True)
class Page:
    slug: str = "natalizumab"

    def get_absolute_url(self) -> str:
        return reverse("page-detail", args=[self.slug])


@dataclass(frozen=True)
class Note:
    """An annotation as a row has it."""

    text: str = "MS nurse 020 7946 0018, bleep 4417"
    pk: int = 7
    page: Page = field(default_factory=Page)
    label: str = ""
    heading_path: tuple[str, ...] = ()
    check_on: date | None = None
    checked_on: date | None = None
    written_on_version: int = 3
    written_at: datetime = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    edited_at: datetime | None = None

    def get_label_display(self) -> str:
        return self.label.capitalize()

    def get_absolute_url(self) -> str:
        return reverse("annotation-edit", args=[self.pk])


FULL = Note(
    label="phone",
    heading_path=("Before starting", "Who to <call>"),
    check_on=date(2027, 1, 1),
    checked_on=date(2026, 7, 1),
    edited_at=datetime(2026, 12, 1, 10, 5, 0, 250, tzinfo=timezone(timedelta(hours=1))),
)
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1)


def rows_of(text: str) -> list[list[str]]:
    """A CSV file as a program reads it."""
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True))


def csv_of(*notes: Note) -> list[dict[str, str]]:
    """What the exported CSV says, by column."""
    header, *rows = rows_of("".join(to_csv(notes, TITLES, SITE)))
    return [dict(zip(header, row, strict=True)) for row in rows]


def markdown_of(*notes: Note) -> str:
    return "".join(to_markdown(notes, TITLES, SITE))


def json_ld_of(*notes: Note) -> dict:
    """The exported JSON-LD, sent and read again."""
    return json.loads(json.dumps(to_json_ld(notes, SITE, "Jo Bloggs")))


# Markdown


def lines_of(text: str) -> list[str]:
    return re.split("\r\n|\r|\n", text)


def visible_lines(text: str) -> list[str]:
    """The lines of a text from the first to the last with anything in it, without blanks at their ends."""
    return "\n".join(line.rstrip(" \t") for line in lines_of(text)).strip("\n").split("\n")


def test_markdown_says_everything_by_page():
    other = Note(text="Ward 7\n\n# not a heading", page=Page("sepsis"))
    again = Note(text="Second on the first page")

    assert (
        markdown_of(FULL, other, again)
        == r"""# Your annotations

## Natalizumab (highly active) RRMS

<https://guidance.example/pages/natalizumab/>

>     MS nurse 020 7946 0018, bleep 4417

- Label: Phone
- On the heading: Before starting › Who to \<call>
- Written on 1 Jul 2026, on version 3 of the page
- Edited on 1 Dec 2026
- Last checked on 1 Jul 2026
- To be checked again on 1 Jan 2027

>     Second on the first page

- Written on 1 Jul 2026, on version 3 of the page

## Sepsis

<https://guidance.example/pages/sepsis/>

>     Ward 7
>     
>     # not a heading

- Written on 1 Jul 2026, on version 3 of the page
"""
    )


@given(st.lists(texts | st.text("`~>#-*_=<!&[](\\\n\r\t 1.a", min_size=1), min_size=1, max_size=4))
def test_markdown_shows_each_text_as_it_was_typed_and_nothing_breaks_out_of_its_quotation(typed):
    notes = [Note(text=text) for text in typed]

    tokens = MarkdownIt().enable("strikethrough").parse(markdown_of(*notes))

    written = markdown_of(*notes).split("\n")
    assert all(f">     {line}" in written for text in typed for line in lines_of(text))
    shown = [visible_lines(token.content) for token in tokens if token.type == "code_block"]
    assert shown == [visible_lines(text) for text in typed if visible_lines(text) != [""]]
    assert [token.tag for token in tokens if token.type == "heading_open"] == ["h1", "h2"]
    assert not [token for token in tokens if token.type.startswith(("html", "fence"))]


@given(texts | st.text("\n\r\t #-=1.*_`<>[]()!&\\a", min_size=1))
@example("&amp; &#35; [x](https://a.example) ![y](z) ~~s~~ <b> <https://a.example> #")
def test_a_title_or_heading_is_shown_as_it_is_and_makes_no_markdown_of_its_own(name):
    note = Note(heading_path=(name,))

    tokens = MarkdownIt().enable("strikethrough").parse("".join(to_markdown([note], {"natalizumab": name}, SITE)))

    shown = ["".join(child.content for child in token.children) for token in tokens if token.type == "inline"]
    on_one_line = " ".join(name.split())
    assert shown[1] == on_one_line
    assert shown[3] == f"On the heading: {on_one_line}".strip()
    assert {child.type for token in tokens for child in token.children or []} <= {
        "text",
        "text_special",
        "link_open",
        "link_close",
    }


# CSV


def test_csv_says_everything_in_cells_that_excel_reads():
    text = "".join(to_csv([FULL], TITLES, SITE))

    assert text.startswith('\ufeff"Page","Page address","Annotation"')
    assert rows_of(text) == [
        list(COLUMNS),
        [
            "Natalizumab (highly active) RRMS", "https://guidance.example/pages/natalizumab/",
            "MS nurse 020 7946 0018, bleep 4417", "Phone", "Before starting › Who to <call>", "2026-07-01 00:30",
            "2026-12-01 09:05", "2026-07-01", "2027-01-01", "3", "https://guidance.example/annotations/7/",
        ],
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "cell"),
    [
        ("=1+1", "'=1+1"),
        ('=HYPERLINK("https://evil.example")', '\'=HYPERLINK("https://evil.example")'),
        ("+44 20 7946 0018", "'+44 20 7946 0018"),
        ("- bleep 4417", "'- bleep 4417"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\tWard 7", "'\tWard 7"),
        ("\rWard 7", "'\rWard 7"),
        ("\nWard 7", "'\nWard 7"),
        (" =1", "' =1"),
        ("\u00a0=1", "'\u00a0=1"),
        ("\ufeff=1", "'\ufeff=1"),
        ("\x1f=1", "'\x1f=1"),
        ("\uff1d1", "'\uff1d1"),
        ("\uff0b1", "'\uff0b1"),
        ("\uff0d1", "'\uff0d1"),
        ("\u30fc1", "'\u30fc1"),
        ("\uff201", "'\uff201"),
        ("'=1", "''=1"),
        ("'flu clinic", "'flu clinic"),
        ("Ward 7 = 020 7946 0018", "Ward 7 = 020 7946 0018"),
        ('say "hello", then\r\nring', 'say "hello", then\r\nring'),
    ],
)
def test_no_cell_is_calculated_by_a_spreadsheet(typed, cell):
    assert csv_of(Note(text=typed))[0]["Annotation"] == cell


@pytest.mark.parametrize("part", ["title", "heading"])
def test_what_editors_wrote_is_not_calculated_either(part):
    note = Note(heading_path=("=1+1",))

    row = rows_of("".join(to_csv([note], {"natalizumab": "=1+1"}, SITE)))[1]

    assert row[{"title": 0, "heading": 4}[part]] == "'=1+1"


@given(texts | st.text("'=+-@\t\r\n\" ,;a\uff1d", min_size=1))
def test_csv_gives_the_text_back_whole(typed):
    cell = csv_of(Note(text=typed))[0]["Annotation"]

    is_marked = re.match("'+[\\s\\x00-\\x1f\u200b-\u200f\ufeff]*[=+@\uff1d\uff0b\uff20\uff0d\u30fc-]|'+[\t\r\n]", cell)
    assert (cell[1:] if is_marked else cell) == typed
    assert cell[0] not in "=+-@\t\r\n\uff1d\uff0b\uff20\uff0d\u30fc"


# JSON-LD


def test_json_ld_says_everything_in_the_words_of_the_model():
    assert json_ld_of(FULL) == {
        "@context": "http://www.w3.org/ns/anno.jsonld",
        "id": "https://guidance.example/annotations/",
        "type": "AnnotationCollection",
        "label": "Your annotations",
        "total": 1,
        "first": {
            "id": "https://guidance.example/annotations/#all",
            "type": "AnnotationPage",
            "partOf": "https://guidance.example/annotations/",
            "startIndex": 0,
            "items": [
                {
                    "id": "https://guidance.example/annotations/7/",
                    "type": "Annotation",
                    "motivation": "commenting",
                    "creator": {"type": "Person", "name": "Jo Bloggs"},
                    "created": "2026-06-30T23:30:00Z",
                    "modified": "2026-12-01T09:05:00.000250Z",
                    "dcterms:valid": "2026-07-01/2027-01-01",
                    "body": [
                        {
                            "type": "TextualBody",
                            "value": "MS nurse 020 7946 0018, bleep 4417",
                            "format": "text/plain",
                            "language": "en-GB",
                            "purpose": "commenting",
                        },
                        {
                            "type": "TextualBody",
                            "value": "Phone",
                            "format": "text/plain",
                            "language": "en-GB",
                            "purpose": "tagging",
                        },
                    ],
                    "target": {
                        "type": "SpecificResource",
                        "source": "https://guidance.example/pages/natalizumab/history/3/",
                        "label": "Before starting › Who to <call>",
                        "selector": {"type": "TextQuoteSelector", "exact": "Who to <call>"},
                    },
                }
            ],
        },
        "last": "https://guidance.example/annotations/#all",
    }


@pytest.mark.parametrize("notes", [(), (Note(),), (FULL,), (FULL, Note())])
def test_json_ld_keeps_every_must_of_the_model(notes):
    MODEL.validate(json_ld_of(*notes))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["@context"], ["http://www.w3.org/ns/anno.jsonld"]),
        (["id"], "/annotations/"),
        (["id"], None),
        (["type"], "Collection"),
        (["total"], -1),
        (["first"], None),
        (["first", "items"], []),
        (["first", "id"], None),
        (["first", "@context"], "http://www.w3.org/ns/anno.jsonld"),
        (["first", "items", 0, "id"], "/annotations/7/"),
        (["first", "items", 0, "type"], "Note"),
        (["first", "items", 0, "target"], None),
        (["first", "items", 0, "target", "source"], None),
        (["first", "items", 0, "target", "selector", "exact"], None),
        (["first", "items", 0, "body", 0, "value"], None),
        (["first", "items", 0, "bodyValue"], "text"),
        (["first", "items", 0, "motivation"], "noting"),
        (["first", "items", 0, "created"], "2026-06-30T23:30:00+01:00"),
        (["first", "items", 0, "modified"], "2026-06-30"),
    ],
)
def test_the_schema_of_the_model_refuses_what_the_model_refuses(path, value):
    exported = copy.deepcopy(json_ld_of(FULL))
    holder = exported
    for key in path[:-1]:
        holder = holder[key]
    if value is None:
        del holder[path[-1]]
    else:
        holder[path[-1]] = value

    assert not MODEL.is_valid(exported)


@given(st.lists(texts, max_size=5), st.lists(texts, max_size=3))
def test_json_ld_holds_every_annotation_whole(typed, path):
    notes = [Note(text=text, pk=number, heading_path=tuple(path)) for number, text in enumerate(typed)]

    exported = json_ld_of(*notes)

    MODEL.validate(exported)
    items = exported["first"]["items"] if typed else []
    assert exported["total"] == len(typed)
    assert [item["body"][0]["value"] for item in items] == typed
    assert all(item["target"].get("selector", {}).get("exact") == (path[-1] if path else None) for item in items)


# all of them


@pytest.mark.parametrize(
    "export",
    [
        lambda notes: "".join(to_markdown(notes, TITLES, SITE)),
        lambda notes: "".join(to_csv(notes, TITLES, SITE)),
        lambda notes: json.dumps(to_json_ld(notes, SITE, "Jo Bloggs")),
    ],
)
class TestEveryExport:
    def test_takes_five_thousand_annotations_in_less_than_a_second(self, export):
        notes = [replace(FULL, pk=number, page=Page(f"page-{number // 20}")) for number in range(5000)]
        started = time.process_time()

        exported = export(notes)

        assert time.process_time() - started < 1
        assert exported.count("MS nurse") == 5000


def test_a_readers_own_rows_are_exported_in_one_query(people, signed_in, publish, django_assert_num_queries):
    version = publish()
    reader = signed_in(people.reader)
    for text in ("first", "second"):
        reader.post("/pages/a-page/annotations/", {"text": text})
    rows = people.reader.annotations.select_related("page")

    with django_assert_num_queries(1):
        items = to_json_ld(rows, SITE, "Jo Bloggs")["first"]["items"]
    with django_assert_num_queries(1):
        cells = rows_of("".join(to_csv(rows.all(), {"a-page": "A page"}, SITE)))[1]

    assert [item["body"][0]["value"] for item in items] == ["first", "second"]
    assert {item["target"]["source"] for item in items} == {SITE + version.get_absolute_url()}
    assert cells[:3] == ["A page", f"{SITE}/pages/a-page/", "first"]
    assert reader.get(cells[-1].removeprefix(SITE)).status_code == 200

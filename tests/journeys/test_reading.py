"""Reading guidance with wide tables, long code and abbreviations: on a phone, by keyboard and on paper."""

import re

import pytest
from playwright.sync_api import expect

COLUMNS = [
    "Age", "Weight (kg)", "Heart rate", "Respiratory rate", "Systolic pressure", "Adrenaline (ml)", "Fluid bolus (ml)",
    "Lorazepam (mg)", "Glucose 10% (ml)", "Tube (mm)", "Defibrillation (J)", "Amiodarone (mg)",
]  # fmt: skip
LONG = "Check the antibody index, the last MRI and the lymphocyte count before each infusion. " * 3


def table(*columns: str, rows: int = 3) -> str:
    lines = [columns, ["---"] * len(columns)]
    lines += [[f"{number} {(name.split() or ['Route'])[0]}" for name in columns] for number in range(rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


BODY = f"""
PML is why. MRI shows PML.

{table("Drug", "Dose", "When")}

{table(" ", "Natalizumab", "Ocrelizumab", "Fingolimod", "Alemtuzumab", "Glatiramer acetate", "Interferon beta")}

> {table(*COLUMNS, rows=60).replace(chr(10), chr(10) + "> ")}

{table(*("Thrombocytopenia" * 3 for _ in range(12)))}

```
{LONG}
```

Seven.[^a] Eight.[^a]

*[PML]: Progressive multifocal leukoencephalopathy
*[MRI]: Magnetic resonance imaging

[^a]: A source.
"""

WIDER = "() => document.documentElement.scrollWidth > innerWidth"
# What is drawn beyond the paper, or beyond its own cell.
CUT = """() => [...document.querySelectorAll(".guidance, .guidance *")]
    .filter((each) => each.getBoundingClientRect().right > innerWidth + 1
        || (each.matches("td, th, pre") && each.scrollWidth > each.clientWidth))
    .map((each) => `${each.tagName} ${each.textContent}`)"""
EXPLAINED = """() => [...document.querySelectorAll(".guidance abbr")].map((each) => {
    const content = getComputedStyle(each, "::after").content;
    return content === "none" ? "" : each.textContent + content.split(' / ')[0].replaceAll('"', "");
})"""
PML = "PML (Progressive multifocal leukoencephalopathy)"
MRI = "MRI (Magnetic resonance imaging)"


@pytest.fixture
def address(publish) -> str:
    """A page with tables of 3, 7 and 12 columns, one that no paper is wide enough for, long code and abbreviations."""
    return publish(body=BODY).page.get_absolute_url()


def test_on_a_phone_a_dose_is_never_without_its_columns_name(visit, address):
    reader = visit(viewport={"width": 390, "height": 844})

    page = reader.to(address)

    assert not page.evaluate(WIDER)
    narrow, wide = page.locator(".table-scroll").nth(0), page.locator(".table-scroll").nth(1)
    expect(narrow.get_by_role("columnheader", name="Dose")).to_be_visible()
    cells = wide.locator("tbody tr").first.get_by_role("cell")
    names = [
        cell.evaluate("cell => getComputedStyle(cell, '::before').content.split(' / ')[0]") for cell in cells.all()
    ]
    assert names == [
        f'"{name}"'
        for name in ("Natalizumab", "Ocrelizumab", "Fingolimod", "Alemtuzumab", "Glatiramer acetate", "Interferon beta")
    ]
    expect(wide.get_by_role("rowheader")).to_have_count(3)
    row, name = (each.bounding_box() for each in (wide.locator("tbody tr").first, wide.get_by_role("rowheader").first))
    assert name["width"] == pytest.approx(row["width"], abs=3)  # the name stands over its card
    expect(wide.locator("tbody td").first).to_have_attribute("role", "cell")  # some browsers forget it in a card
    assert page.locator("[tabindex='0']:not(abbr)").count() == 0
    # And turned round, what fits is a table again, and what does not scrolls
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(wide).not_to_have_class(re.compile("cards"))
    expect(wide).to_have_attribute("tabindex", "0")


def test_without_script_a_wide_table_scrolls_and_its_first_column_stays(visit, address):
    page = visit(has_script=False, viewport={"width": 390, "height": 844}).to(address)
    wide = page.locator(".table-scroll").nth(1)
    first = wide.locator("tbody th").first

    before = first.bounding_box()["x"]
    wide.evaluate("place => { place.scrollLeft = 300; }")

    assert not page.evaluate(WIDER)
    assert wide.evaluate("place => place.scrollLeft") == 300
    assert first.bounding_box()["x"] == pytest.approx(before, abs=1)


def test_only_a_table_that_scrolls_takes_the_focus(visit, address, has_script):
    page = visit(has_script).to(address)
    page.set_viewport_size({"width": 1280, "height": 800})

    page.locator(".guidance").evaluate("guidance => { guidance.tabIndex = -1; guidance.focus(); }")
    stops = []
    while not stops or stops[-1] != "cite":
        page.keyboard.press("Tab")
        stops.append(page.evaluate("document.activeElement.className || document.activeElement.tagName"))

    assert [stop.split()[0] for stop in stops] == ["ABBR", "ABBR", *["table-scroll"] * 3, "cite"]
    expect(page.locator(".table-scroll").first).not_to_be_focused()


@pytest.mark.parametrize("width", [642, 698, 794])  # A4 at 96 pixels an inch: with margins of 20 mm, of 1/2 inch, none
def test_on_paper_nothing_is_cut(visit, address, width):
    page = visit(viewport={"width": width, "height": 1000}).page
    page.emulate_media(media="print")
    page.goto(address)

    assert page.evaluate(CUT) == []
    for table in page.locator(".table-scroll > table").all():
        assert table.locator("thead").evaluate("head => getComputedStyle(head).display") == "table-header-group"
        assert table.locator("tr").last.evaluate("row => getComputedStyle(row).breakInside") == "avoid"
    assert page.evaluate(EXPLAINED) == [PML, MRI, ""]


@pytest.mark.parametrize("kind", ["guidance", "about"])
def test_the_rights_and_the_address_are_on_paper_and_fit_a_small_phone(visit, publish, kind):
    page = visit(viewport={"width": 320, "height": 640}).to(publish(kind=kind).page.get_absolute_url())
    assert not page.evaluate(WIDER)

    page.emulate_media(media="print")

    expect(page.get_by_text("You may read, save, print and link to these pages")).to_be_visible()
    expect(page.get_by_role("link", name="contact@guidance.example")).to_be_visible()
    expect(page.get_by_text("should consult a licensed practitioner")).to_have_count(1)
    expect(page.get_by_text("Terms of use")).to_be_hidden()


def test_an_abbreviation_is_explained_by_keyboard_and_by_touch(visit, address, has_script):
    page = visit(has_script, viewport={"width": 390, "height": 844}, has_touch=True).to(address)
    assert page.evaluate(EXPLAINED) == ["", "", ""]

    page.locator(".guidance").evaluate("guidance => { guidance.tabIndex = -1; guidance.focus(); }")
    page.keyboard.press("Tab")
    assert page.evaluate(EXPLAINED) == [PML, "", ""]
    page.locator("abbr").last.tap()

    assert page.evaluate(EXPLAINED) == ["", "", PML]
    assert not page.evaluate(WIDER)


def test_the_ways_back_from_a_reference_have_names(visit, address):
    page = visit().to(address)

    page.get_by_role("link", name="Back to where reference 1 is cited, place b").click()

    assert page.evaluate("location.hash") == "#fnref2:a"


def test_a_picture_that_does_not_load_is_its_description(visit, publish):
    address = publish(body="Before. ![The plan of the ward](/static/icon.svg)").page.get_absolute_url()
    page = visit().to(address)
    expect(page.get_by_role("img", name="The plan of the ward")).to_be_visible()

    page.route("**/static/icon.svg", lambda route: route.fulfill(body="no picture", content_type="image/svg+xml"))
    page.reload()

    expect(page.get_by_text("Before. The plan of the ward")).to_be_visible()
    expect(page.locator(".guidance img")).to_have_count(0)

"""Editors arrange home in the admin."""

import pytest

from content.models import HomeEntry
from tests.reading import words

ADD, LIST = "/admin/content/homeentry/add/", "/admin/content/homeentry/"


def facts(page, **changes) -> dict[str, str]:
    """The posted form of a page's place on home."""
    stated = {"page": page.pk, "section": "drug", "label": "Aspirin", "note": "Brand", "position": "0", "below": ""}
    return {name: str(value) for name, value in (stated | changes).items()}


@pytest.mark.parametrize("who", ["editor", "reviewer"])
def test_who_edits_puts_a_page_on_home_below_another_and_changes_the_order(publish, people, signed_in, client, who):
    one, other = publish("one").page, publish("other").page
    desk = signed_in(getattr(people, who))

    assert desk.post(ADD, facts(one)).status_code == 302
    assert desk.post(ADD, facts(other, label="Its dose", below="one")).status_code == 302

    assert list(HomeEntry.objects.order_by("pk").values_list("label", "below")) == [
        ("Aspirin", ""),
        ("Its dose", "one"),
    ]
    html = client.get("/").content.decode()
    assert html.index(">Aspirin</a>") < html.index(">Its dose</a>")

    rows = HomeEntry.objects.order_by("position", "label")
    form = {"form-TOTAL_FORMS": "2", "form-INITIAL_FORMS": "2", "_save": "Save"}
    for place, row in enumerate(rows):
        form |= {f"form-{place}-id": str(row.pk), f"form-{place}-position": str(5 - place)}
    assert desk.post(LIST, form).status_code == 302
    assert [row.position for row in HomeEntry.objects.order_by("pk")] == [5, 4]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"label": "A" * 61}, "has at most 60 characters"),
        ({"label": "A\u202e"}, "RIGHT-TO-LEFT OVERRIDE"),
        ({"below": "one"}, "An entry cannot stand below itself."),
        ({"label": ""}, "This field is required."),
        ({"section": "problem"}, "already exists"),
    ],
)
def test_a_wrong_place_is_refused_and_all_is_still_there(publish, people, signed_in, changes, said):
    page = publish("one").page
    HomeEntry.objects.create(page=page, section="problem", label="Headache")

    response = signed_in(people.editor).post(ADD, facts(page, note="Typed before", **changes))

    assert response.status_code == 200
    assert said in words(response)
    assert "Typed before" in response.content.decode()
    assert HomeEntry.objects.count() == 1


def test_nobody_else_arranges_home(publish, people, signed_in, client):
    page = publish("one").page

    for visitor in (client, signed_in(people.reader)):
        assert visitor.post(ADD, facts(page)).status_code in (302, 403)
    assert not HomeEntry.objects.exists()

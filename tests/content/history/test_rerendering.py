"""A flaw in the renderer can be mended for every version, without touching what was published."""

from itertools import islice

import pytest
from django.core.management import call_command

from content.history import redaction, rerendering
from content.markup import rendering
from content.models import Rendering, Version


@pytest.fixture
def history(publish):
    """Three versions whose HTML an older renderer made."""
    versions = [publish("dose", body=f"Give {number} mg.\n") for number in (1, 2, 3)]
    Rendering.objects.update(html="<p>flawed</p>", renderer=rendering.REVISION - 1)
    return versions


def htmls() -> list[str]:
    return list(Rendering.objects.order_by("version__number").values_list("html", flat=True))


def test_html_of_an_older_renderer_is_made_anew_and_no_version_changes(history, capsys):
    before = list(Version.objects.order_by("pk").values())
    call_command("render_pages")

    assert htmls() == ["<p>Give 1 mg.</p>", "<p>Give 2 mg.</p>", "<p>Give 3 mg.</p>"]
    assert list(Version.objects.order_by("pk").values()) == before
    assert capsys.readouterr().out == "3 versions rendered\n"


def test_a_version_without_html_gets_some(history):
    Rendering.objects.filter(version=history[1]).delete()
    call_command("render_pages")

    assert len(htmls()) == 3


def test_html_of_this_renderer_is_left_alone(history, capsys):
    Rendering.objects.update(renderer=rendering.REVISION)
    call_command("render_pages")

    assert htmls() == ["<p>flawed</p>"] * 3
    assert capsys.readouterr().out == "Every version is rendered as it should be.\n"


def test_all_means_every_version(history):
    Rendering.objects.update(renderer=rendering.REVISION)
    call_command("render_pages", all=True)

    assert "<p>flawed</p>" not in htmls()


def test_when_stopped_it_goes_on_where_it_was(history):
    rerendering.mark_all()
    list(islice(rerendering.rerender(rerendering.outdated()), 2))

    assert htmls() == ["<p>Give 1 mg.</p>", "<p>Give 2 mg.</p>", "<p>flawed</p>"]
    assert rerendering.outdated() == [history[2].pk]


def test_a_version_redacted_meanwhile_keeps_its_tombstone(history, people):
    mending_now = rerendering.rerender(rerendering.outdated())
    next(mending_now)
    redaction.redact(version=history[1], by=people.administrator, reason="A patient was named.")
    list(mending_now)

    assert "A patient was named." in htmls()[1]
    assert "2 mg" not in htmls()[1]

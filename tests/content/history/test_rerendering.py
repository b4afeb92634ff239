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
    assert "3 versions rendered\n" in capsys.readouterr().out


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


def test_it_says_which_words_change_for_readers_of_which_version(history, capsys):
    Rendering.objects.filter(version=history[2]).update(html="<p>Give <em>3</em> mg.</p>")
    call_command("render_pages")

    assert capsys.readouterr().out.splitlines() == [
        "dose, version 1: [-flawed-] {+Give 1 mg.+}",
        "dose, version 2: [-flawed-] {+Give 2 mg.+}",
        "3 versions rendered",
        "What readers see changed in 2 of them.",
    ]


@pytest.mark.parametrize("all_of_them", [False, True])
def test_a_dry_run_says_the_same_and_writes_nothing(history, capsys, all_of_them):
    if all_of_them:
        Rendering.objects.update(renderer=rendering.REVISION)
    before = list(Rendering.objects.order_by("pk").values())

    call_command("render_pages", dry_run=True, all=all_of_them)
    would = capsys.readouterr().out.splitlines()
    assert list(Rendering.objects.order_by("pk").values()) == before

    call_command("render_pages", all=all_of_them)
    did = capsys.readouterr().out.splitlines()
    assert would[:3] == did[:3] == [f"dose, version {n}: [-flawed-] {{+Give {n} mg.+}}" for n in (1, 2, 3)]
    assert would[3:] == [
        "3 versions to render",
        "What readers see would change in 3 of them.",
        "This was a dry run: nothing was written.",
    ]


def test_a_dry_run_leaves_a_version_without_html_without_it(history, capsys):
    Rendering.objects.filter(version=history[1]).delete()
    call_command("render_pages", dry_run=True)

    assert len(htmls()) == 2
    assert "3 versions to render" in capsys.readouterr().out

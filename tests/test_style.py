"""The style sheet: each colour has one name and one meaning, and can be read."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parent.parent / "static" / "css"
SHEETS = [(CSS / name).read_text() for name in ("site.css", "more.css", "search.css")]
SITE = "".join(SHEETS)
SCREEN = "".join(sheet.partition("@media print")[0] for sheet in SHEETS)
TEXT, CONTROL, FOCUS = {"light": 6.2, "dark": 7.1}, 3.1, 7.1  # the least contrasts
GROUNDS = ("paper", "tint", "raised")


def colours(scheme: str) -> dict[str, str]:
    """The colours of a scheme by their names; what the dark one does not name is as in the light one."""
    light, dark = re.findall(r":root \{\n(.*?)\n *\}", SITE, re.DOTALL)[:2]
    named = light if scheme == "light" else light + dark
    return dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", named))


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_read(scheme):
    of = colours(scheme)
    texts = [("on-strip", "strip"), ("on-button", "button")]
    texts += [(text, ground) for text in ("ink", "quiet", "info") for ground in (*GROUNDS, "info-tint")]
    texts += [(role, ground) for role in ("mine", "harm", "done") for ground in ("paper", f"{role}-tint")]
    texts += [("ink", f"{role}-tint") for role in ("mine", "harm", "done")] + [("quiet", "mine-tint")]
    controls = [("edge", ground) for ground in ("paper", "raised")]
    controls += [(f"{role}-line", "paper") for role in ("info", "mine", "harm", "done")]

    measured = {
        **{pair: (contrast(of[pair[0]], of[pair[1]]), TEXT[scheme]) for pair in texts},
        **{pair: (contrast(of[pair[0]], of[pair[1]]), CONTROL) for pair in controls},
        ("focus", "paper"): (contrast(of["focus"], of["paper"]), FOCUS),
    }

    assert {pair: round(found, 2) for pair, (found, least) in measured.items() if found < least} == {}


def test_a_colour_stands_only_where_it_is_named():
    values = re.sub(r"--[a-z-]+: [^;]+;", "", SCREEN)

    # what is behind the code to scan has to be white, whatever the scheme
    assert re.findall(r"[^\n]*#[0-9a-f]{3,8}\b[^\n]*", values.replace("background: #fff; padding: .5rem", "")) == []


def test_every_colour_that_is_used_has_a_name_and_every_name_is_used():
    named = set(re.findall(r"(--[a-z-]+):", SITE))

    assert set(re.findall(r"var\((--[a-z-]+)", SITE)) == named


@pytest.mark.parametrize(
    ("role", "rules"),
    [
        # each selector that uses the role, by a part of it
        ("harm", r"\.admonition|\.tag\.caution|\.status \.harm"),
        ("mine", r"\.annotations|\.stale|\.note-here|\.mine b"),
        ("done", r"\.message|\.tag\.good|\.status \.done|\.said"),
    ],
)
def test_a_role_is_for_what_it_means(role, rules):
    using = re.findall(rf"^ *([^{{}}\n]+) \{{[^{{}}]*var\(--{role}(?:-line|-tint)?\)", SCREEN, re.MULTILINE)

    assert using
    assert [selector for selector in using if not re.search(rules, selector)] == []


def test_text_is_no_smaller_than_13_pixels():
    sizes = [float(size) * 16 for size in re.findall(r"font(?:-size)?: (?:\d+ )?([\d.]+)rem", SCREEN)]

    assert min(sizes) == 13

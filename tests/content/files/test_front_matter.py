"""Front matter says what is written in it, or its line is named."""

import pytest

from content.files import format as content_file
from content.files import front_matter


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1.10", "1.10"), ("00123", "00123"), ("0x1F", "0x1F"), ("1_000", "1_000"), ("10:30", "10:30"),
        ("yes", "yes"), ("On", "On"), ("true", "true"), ("2026-11-22", "2026-11-22"), ("1e3", "1e3"),
        ("2026-11-22 10:00", "2026-11-22 10:00"), (".5", ".5"), ("5", 5), ("0", 0), ("-5", "-5"), ("", None),
        ("'# 5'", "# 5"), ("#5", None), ("a#5", "a#5"), ("+5", "+5"),
    ],
)  # fmt: skip
def test_words_stay_as_they_are_written(written, read):
    assert front_matter.load(f"title: {written}\n") == {"title": read}


@pytest.mark.parametrize(
    ("head", "line", "said"),
    [
        ("title: Hip fracture #NOF\n", 2, "what follows # would be left out"),
        ("a: 1\ntopics: [Neurology] #2\n", 3, "what follows # would be left out"),
        ("codes:\n  - term: MS\n    code: G35 # 2\n", 4, "what follows # would be left out"),
        ("# A whole line\ntitle: A\n", None, ""),
        ("title: A\nsummary: B\ntitle: C\n", 4, "title is stated twice"),
        ("codes:\n  - {code: A, code: B}\n", 3, "code is stated twice"),
        ("title: a: b\n", 2, "Put a value that contains a colon between quotes"),
        ("title: A\nsummary: \x07\n", 3, "control characters are not allowed"),
        ("just words\n", 2, "must state facts"),
        ("title: &a [*a]\n", 2, "recursive"),
        ("a: &a [x, x]\n" + "".join(f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in
                                    zip("abcdefghi", "bcdefghij", strict=True)), None, ""),
    ],
)  # fmt: skip
def test_what_yaml_would_leave_out_is_named_with_its_line(head, line, said):
    if line is None:
        assert front_matter.load(head)
        return
    with pytest.raises(front_matter.BadYAML, match=said) as problem:
        front_matter.load(head)

    assert problem.value.line == line


def test_every_wrong_fact_of_a_file_is_named_at_once(tmp_path):
    path = tmp_path / "dose.md"
    path.write_text(
        "---\ntitel: Dose\nsummary: S\nkind: blog\nversion: one\ntopics: Neurology\nauthor: [A]\npublished_at: soon\n"
        "codes:\n  - {system: X, code: a, term: , id: 4}\n---\n![](/static/icon.svg)\n"
    )
    with pytest.raises(content_file.BadFile) as problem:
        content_file.read(path)

    said = str(problem.value)
    assert [line.split(": ")[1].split()[0] for line in said.splitlines()][:5] == [
        "titel", "kind", "version", "published_at", "author",
    ]  # fmt: skip
    for message in (
        "line 2: titel is not a key of a content file. Did you mean title?",
        "line 4: kind must be one of guidance, about",
        "line 5: version must be a whole number",
        "line 6: topics must be a list of names",
        "line 7: author must be a name, or a name and an id",
        "line 8: published_at must be a time like 2026",
        "line 9: id is not a key of one of the codes",
        "line 9: the system of a code must be one of",
        "line 9: the term of one of the codes is empty",
        "line 1: has no title",
        "line 12: This image has no description",
    ):
        assert message in said, message

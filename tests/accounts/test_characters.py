"""Which characters a text may not contain. One table for the rule, one for its words."""

import unicodedata

import pytest
from django.core.exceptions import ValidationError

from accounts.characters import (
    BIDIRECTIONAL,
    describe_fields,
    find_bidirectional,
    find_unseen,
    is_unseen,
    listed,
    refuse_bidirectional,
    refuse_unseen,
)

EVERYWHERE = [*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F, 0x061C]
IN_GUIDANCE = [
    0x200B, 0x200C, 0x200D, 0x2060, *range(0x2061, 0x2065), 0xFEFF, 0x00AD, 0x180E, 0x034F, 0xFFF9,  # formats
    0xFE00, 0xFE0E, 0xFE0F, 0x180B, 0xE0100, 0xE01EF,  # variation selectors with nothing to select
    0xE0000, 0xE0001, 0xE0020, 0xE007F,  # tags
    0x115F, 0x1160, 0x3164, 0xFFA0, 0x2800, 0x17B4,  # fillers and blanks
    0x0000, 0x0008, 0x000B, 0x000C, 0x001A, 0x001B, 0x007F, 0x0085, 0x0092, 0x009F,  # controls
    0x2028, 0x2029, 0xE000, 0xF0B7, 0xF8FF, 0x10FFFD, 0x0378, 0xFFFE, 0xFFFF, 0xD800, 0xDFFF, 0xFFFC, 0xFFFD,
]  # fmt: skip
AS_TYPED = "\t\n\r  \u00a0\u202f\u2009\u200a\u3000−µμ²½₃Ω℃–—…•·×±≤≥→↔♀✓☐°‰αβΔéñЖא你한क़🙂"


@pytest.mark.parametrize("number", EVERYWHERE, ids=hex)
def test_what_changes_the_direction_is_refused_everywhere(number):
    text = f"Give 2 mg{chr(number)} now"

    assert [each.places for each in find_bidirectional(text)] == [each.places for each in find_unseen(text)] == [(10,)]


@pytest.mark.parametrize("number", IN_GUIDANCE, ids=hex)
def test_what_nobody_can_see_is_refused_in_guidance_alone(number):
    text = f"Give 2 mg{chr(number)} now"

    assert [(each.line, each.places) for each in find_unseen(text)] == [(1, (10,))]
    assert find_bidirectional(text) == []


@pytest.mark.parametrize("character", AS_TYPED)
def test_signs_of_medicine_letters_and_spaces_stay_as_typed(character):
    assert not is_unseen(character)


def test_all_that_unicode_calls_a_control_or_a_format_is_refused():
    unseen = {
        chr(number) for number in range(0x110000) if unicodedata.category(chr(number)) in ("Cc", "Cf", "Zl", "Zp")
    }

    assert {character for character in unseen if not is_unseen(character)} == {"\t", "\n", "\r"}
    assert unseen > BIDIRECTIONAL


@pytest.mark.parametrize(
    ("text", "is_refused"),
    [
        ("⚠️ Stop", False),  # an editor's keyboard adds the selector to the sign
        ("↔︎", False),
        ("5️", True),
        (">️ 5", True),
        ("️", True),
        ("a\n️", True),
        ("⚠️️", True),
        ("👩‍⚕️", True),  # the joiner: guidance needs no joined emoji
        ("می‌خواهم", True),
    ],
)
def test_a_variation_selector_stands_behind_a_symbol_and_nowhere_else(text, is_refused):
    assert bool(find_unseen(text)) is is_refused
    assert find_bidirectional(text) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Give\r\n2 mg,\rnot\nat all \u202e05\u202c mg", [
            "Line 4, character 8: RIGHT-TO-LEFT OVERRIDE (U+202E), which can show 05 as 50. Delete it.",
            "Line 4, character 11: POP DIRECTIONAL FORMATTING (U+202C), which can show 05 as 50. Delete it.",
        ]),
        ("a\u200e", [
            "Line 1, character 2: LEFT-TO-RIGHT MARK (U+200E), which can change the order of what is shown. Delete it.",
        ]),
        ("\u200d5\u200d0 \u200d", [
            "Line 1, characters 1, 3 and 6: ZERO WIDTH JOINER (U+200D), which nobody can see. Delete it.",
        ]),
        ("\u00ad", [
            "Line 1, character 1: SOFT HYPHEN (U+00AD), which nobody can see. Save the text again to remove it.",
        ]),
        ("\u2028", [
            "Line 1, character 1: LINE SEPARATOR (U+2028), which starts no new line here. "
            "Delete it and press Enter instead.",
        ]),
        ("\uf0b7", [
            "Line 1, character 1: PRIVATE-USE CHARACTER (U+F0B7), which each font shows as something else. "
            "Type the sign that you mean.",
        ]),
        ("\ufffd", [
            "Line 1, character 1: REPLACEMENT CHARACTER (U+FFFD), which stands for something that was lost. "
            "Type what should be here.",
        ]),
        ("\x08", ["Line 1, character 1: CONTROL CHARACTER (U+0008), which nobody can see. Delete it."]),
        ("\ud800", [
            "Line 1, character 1: LONE SURROGATE (U+D800), which no font can show. Type the sign that you mean.",
        ]),
        ("\U000e0041", ["Line 1, character 1: TAG LATIN CAPITAL LETTER A (U+E0041), which nobody can see. Delete it."]),
    ],
)  # fmt: skip
def test_a_refusal_gives_the_place_the_name_and_what_to_do(text, expected):
    assert [str(each) for each in find_unseen(text)] == expected
    with pytest.raises(ValidationError) as refusal:
        refuse_unseen(text)
    assert refusal.value.messages == expected


def test_a_refusal_is_no_longer_than_a_person_reads():
    with pytest.raises(ValidationError) as refusal:
        refuse_bidirectional("\u202e\n" * 300)

    assert len(refusal.value.messages) == 11
    assert refusal.value.messages[-1] == "There are such characters in 290 more places."
    refuse_bidirectional("می‌خواهم 👩‍⚕️ \u00ad")


def test_a_field_is_named_where_there_are_several():
    assert describe_fields([("Title", "Fine"), ("Summary", "a\u2060")]) == [
        "Summary, line 1, character 2: WORD JOINER (U+2060), which nobody can see. Delete it."
    ]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([3], "3"),
        ([3, 8], "3 and 8"),
        ([3, 8, 12], "3, 8 and 12"),
        (range(1, 13), "1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more"),
    ],
)
def test_numbers_are_listed_as_people_say_them(numbers, expected):
    assert listed(numbers) == expected

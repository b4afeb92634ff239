import pytest

from accounts.registers import CHOICES, MAX_LENGTH, REGISTERS, WrongShape


@pytest.mark.parametrize(
    ("register", "typed", "spelled"),
    [
        ("gmc", "1234567", "1234567"),
        ("gmc", " 123 4567 ", "1234567"),
        ("gmc", "GMC: 1234567", "1234567"),
        ("gmc", "a1234567", "A1234567"),
        ("nmc", "12A3456E", "12A3456E"),
        ("nmc", "12a 3456 e", "12A3456E"),
        ("nmc", "12-A-3456-E", "12A3456E"),
        ("nmc", "12\u2013a\u20113456\u2212e\u200b", "12A3456E"),
        ("nmc", "NMC Pin 12A3456E", "12A3456E"),
        ("gphc", "2012345", "2012345"),
        ("gphc", "gphc 501 2345", "5012345"),
        ("psni", "1234", "1234"),
        ("psni", "ph-1234", "PH1234"),
        ("gdc", "123", "123"),
        ("gdc", "123 456", "123456"),
        ("gdc", "001234", "001234"),
        ("goc", "01-12345", "01-12345"),
        ("goc", "0112345", "01-12345"),
        ("goc", "goc 01 - 09491", "01-09491"),
        ("goc", "d1234", "D-1234"),
        ("goc", "so-123456", "SO-123456"),
        ("hcpc", "PH123456", "PH123456"),
        ("hcpc", "pyl 1234", "PYL1234"),
        ("hcpc", "HCPC PA-01234", "PA01234"),
        ("other", "  Medical Council   12/34-a ", "Medical Council 12/34-a"),
        ("other", "4", "4"),
    ],
)
def test_a_number_has_one_spelling_however_it_is_typed(register, typed, spelled):
    assert REGISTERS[register].spell(typed) == spelled
    assert REGISTERS[register].spell(spelled) == spelled


@pytest.mark.parametrize(
    ("register", "typed"),
    [
        ("gmc", "123456"),
        ("gmc", "12345678"),
        ("gmc", "B1234567"),
        ("gmc", "1234567\n8"),
        ("gmc", "\u0661234567"),
        ("nmc", "1234567"),
        ("nmc", "1AA3456E"),
        ("nmc", "12A3456EE"),
        ("gphc", "1012345"),
        ("gphc", "201234"),
        ("psni", "abcd"),
        ("psni", "12345678901"),
        ("gdc", "12"),
        ("gdc", "1234567"),
        ("gdc", "12345a"),
        ("goc", "12345"),
        ("goc", "02-12345"),
        ("goc", "SO-"),
        ("hcpc", "123456"),
        ("hcpc", "P123456"),
        ("hcpc", "PH1234567"),
        ("other", "none"),
        ("other", "  "),
    ],
)
def test_what_cannot_be_a_number_is_told_what_one_looks_like(register, typed):
    with pytest.raises(WrongShape) as wrong:
        REGISTERS[register].spell(typed)

    assert str(wrong.value) == REGISTERS[register].looks_like


@pytest.mark.parametrize("register", [key for key in REGISTERS if key not in ("psni", "other")])
def test_the_number_in_a_message_is_one_that_is_taken(register):
    example = REGISTERS[register].looks_like.split("like ")[1].split(";")[0].split(" or ")[0].rstrip(".")

    assert REGISTERS[register].spell(example) == example


def test_every_register_says_its_full_name_and_its_initials():
    assert dict(CHOICES)["gmc"] == "General Medical Council (GMC)"
    assert dict(CHOICES)["other"] == "Another register"
    assert len(CHOICES) == 8
    assert MAX_LENGTH == 60

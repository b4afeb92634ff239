import random
import time

import nhs_number
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotations.linking import link
from annotations.nhs_numbers import REGIONS, find

# Numbers of no real person: from 999, which is kept for tests, or with a check digit made for an invented number.
HELD = [
    ("Seen 9990763208 in clinic", ["9990763208"]),
    ("Seen 999 076 3208 in clinic.", ["999 076 3208"]),
    ("999-076-3208", ["999-076-3208"]),
    ("999.076.3208", ["999.076.3208"]),
    ("999\u00a0076\u00a03208", ["999\u00a0076\u00a03208"]),
    ("999\u2011076\u20113208", ["999\u2011076\u20113208"]),
    ("999 0763208", ["999 0763208"]),
    ("999  076  3208", ["999  076  3208"]),
    ("999 - 076 - 3208", ["999 - 076 - 3208"]),
    ("999\t076\t3208", ["999\t076\t3208"]),
    ("999/076/3208", ["999/076/3208"]),
    ("(9990763208)", ["9990763208"]),
    ("NHS:9990763208,", ["9990763208"]),
    ("NHS9990763208", ["9990763208"]),
    ("bed 12 999 076 3208", ["999 076 3208"]),
    ("9990763208 9990000018", ["9990763208", "9990000018"]),
    ("9990763208/9990000018", ["9990763208", "9990000018"]),
    ("?nhs=9990763208&x", ["9990763208"]),
    ("CHI 0102039909", ["0102039909"]),
    ("CHI 010203 9909", ["010203 9909"]),
    ("H&C 3201609900", ["3201609900"]),
    ("tel re NHS no 999 076 3208", ["999 076 3208"]),
    ("Rang ward. Call pt 9990763208", ["9990763208"]),
    ("call about patient 9990763208", ["9990763208"]),
    ("fax (hosp no: 9990763208)", ["9990763208"]),
    ("bleep 4417 - H & C number 3201609900", ["3201609900"]),
    ("ring re chi no 0102039909", ["0102039909"]),
    ("Tel 020 7946 0018, 9990763208", ["9990763208"]),
    ("Tel: as before\n9990763208", ["9990763208"]),
    ("Tel:\n9990763208", ["9990763208"]),
    ("9990763208 tel 020 7946 0018", ["9990763208"]),
    ("Call re Mr Smith 999 076 3208", ["999 076 3208"]),
    ("bleep 4417 re 999 076 3208", ["999 076 3208"]),
    ("Please phone clinic about 9990763208", ["9990763208"]),
    ("ring fenced bed 999 076 3208", ["999 076 3208"]),
    ("Ring mum. DOB 1/2/60 9990763208", ["9990763208"]),
    ("ext 4417 - 9990763208", ["9990763208"]),
    ("Hotel 9990763208", ["9990763208"]),
    ("999 076 3208x", ["999 076 3208"]),
    ("999_076_3208", ["999_076_3208"]),
    ("scan_9990763208_2.pdf", ["9990763208"]),
    ("ID9990763208", ["9990763208"]),
    ("99 90 76 32 08", ["99 90 76 32 08"]),
    ("99-90-76-32-08", ["99-90-76-32-08"]),
    ("999 076\n3208", ["999 076\n3208"]),
    ("999\r\n076 3208", ["999\r\n076 3208"]),
    ("F: 9990763208", ["9990763208"]),
    ("M: 999 076 3208", ["999 076 3208"]),
    ("34F 9990763208", ["9990763208"]),
    ("m/9990763208, f 9990000018", ["9990763208", "9990000018"]),
    ("M9990763208", ["9990763208"]),
    ("9990763208F", ["9990763208"]),
    ("pt9990763208", ["9990763208"]),
    ("patient9990763208", ["9990763208"]),
    ("NHSnumber9990763208", ["9990763208"]),
    ("MRN9990763208", ["9990763208"]),
    ("(999) 076 3208", ["(999) 076 3208"]),
    ("(999)0763208", ["(999)0763208"]),
    ("[999] 076-3208", ["[999] 076-3208"]),
    ("999 (076) 3208", ["999 (076) 3208"]),
    ("999|076|3208", ["999|076|3208"]),
    ("999,076,3208", ["999,076,3208"]),
    ("999:076:3208", ["999:076:3208"]),
    ("999\u2014076\u20143208", ["999\u2014076\u20143208"]),
    ("999\u200b000\u200b0018", ["999\u200b000\u200b0018"]),
    ("999|000|0018", ["999|000|0018"]),
    ("999 076 320 8", ["999 076 320 8"]),
    ("999 076 320-8", ["999 076 320-8"]),
    ("9 9 9 0 7 6 3 2 0 8", ["9 9 9 0 7 6 3 2 0 8"]),
    ("9|9|9|0|7|6|3|2|0|8", ["9|9|9|0|7|6|3|2|0|8"]),
    ("+33 1 23 45 67 89 999 076 3208", ["999 076 3208"]),
    ("K+ 5 999 076 3208", ["999 076 3208"]),
    ("+353 87 123 456 999 076 3208", ["999 076 3208"]),
    ("bed 1 617 555 0102", ["617 555 0102"]),
    ("US 617 555 0102", ["617 555 0102"]),  # an ultrasound
]
NOT_HELD = [
    "Seen 9990763209 in clinic",  # the check digit is another
    "999076320", "99907632080", "19990763208", "A9990763208", "9990763208mg", "SNOMED 99907632081000",
    "99907 63208", "9990\n763208", "99 90 76 32-08", "1 99 90 76 32 08", "99 90 76 32 08 1", "9990763208x12",
    "1.9990763208", "9990763208.5", "4471-9990763208", "9990763208-1",
    "Tel 9990763208", "tel: 999 076 3208", "Ring 9990763208", "phone the ward on 9990763208", "mob 9990763208",
    "Fax no 9990763208", "bleep 9990763208", "ext. 9990763208", "call 999-076-3208", "switchboard 9990763208",
    "T: 9990763208", "Tel no: 9990763208", "call mum on 9990763208", "Tel (9990763208)",
    "bleep +44 7700900019", "pager 0044 (0)7700900019",
    "+44 7700900019", "0044 7700900019", "+44 (0)909 879 0003", "020 7946 0018", "0113 496 0123", "07700 900123",
    "ISBN 9990763208", "ISBN-10: 9990763208", "PMID 9990763208", "doi:10.1136/9990763208",
    "3102999905",  # no day of birth
    "5000000005", "8660000005",  # ranges that are not issued
    "320160 9900",  # six and four are a CHI number's
    "+1 617 555 0102", "+1 (617) 555-0102", "001 617 555 0102", "(+1) 617 555 0102", "+1.617.555.0102", "+16175550102",
    "(US) 1 617 555 0102", "Call 1 617 555 0102", "1 (617) 555 0102", "1-617-555-0102", "011 1 617 555 0102",
    "+353 617 555 0102", "0061 617 555 0102",
    "1 9 9 9 0 7 6 3 2 0 8", "9 9 9 0 7 6 3 2 0 8 1", "9 9 9 0 7 6 3 2 0-8", "999 076 320 85", "mpt 999|0763|208",
    "", "MS nurse, bleep 4417",
]  # fmt: skip


@pytest.mark.parametrize(("text", "numbers"), HELD)
def test_a_number_of_a_patient_is_found_as_it_is_written(text, numbers):
    found = find(text)

    assert [number.written for number in found] == numbers
    assert [text[number.start : number.end] for number in found] == numbers


@pytest.mark.parametrize("text", NOT_HELD)
def test_what_is_no_number_of_a_patient_is_left_alone(text):
    assert find(text) == []


def test_the_numbers_that_are_left_alone_for_their_words_would_else_be_found():
    assert all(
        find(number)
        for number in ("9990763208", "999 076 3208", "999-076-3208", "7700900019", "909 879 0003", "617 555 0102")
    )


@given(
    st.sampled_from(REGIONS),
    st.integers(),
    st.sampled_from(["{}", "{} {} {}", "{}-{}-{}", "{}\u00a0{}\u00a0{}", "{}.{}.{}"]),
)
def test_every_valid_number_in_a_plain_sentence_is_found_and_never_a_link(region, seed, form):
    random.seed(seed)
    number = nhs_number.generate(for_region=region)[0]
    written = form.format(number) if form == "{}" else form.format(number[:3], number[3:6], number[6:])
    text = f"Seen in clinic with {written}, to be reviewed."

    assert [(found.start, found.written) for found in find(text)] == [(20, written)]
    assert "<a" not in link(text)


PHONES = st.from_regex(
    r"(\+44 ?|0044 |0|\+44 \(0\)|\(0)(20\)? ?7[0-9]{3} ?[0-9]{4}|7[3-9][0-9]{2}\)? ?[0-9]{3} ?[0-9]{3}|"
    r"1[1-9]1\)?[ -]?[0-9]{3}[ -]?[0-9]{4}|1[2-9][0-9]{2}\)? ?[0-9]{3} ?[0-9]{3}|1[2-9][0-9]{2}\)? ?[0-9]{6})",
    fullmatch=True,
    alphabet="0123456789 +-()",
).filter(lambda phone: phone.count("(") == phone.count(")"))


@given(st.sampled_from(["{}", "Ward {}", "bleep {}", "Ref: {}", "{} x4417", "{}/{}", "sec {}, fax {}"]), PHONES)
def test_no_phone_number_of_the_uk_is_taken_for_a_patients(sentence, phone):
    assert find(sentence.format(phone, phone)) == []


@given(st.text() | st.text(alphabet="0123456789 -.\u00a0()+/telnhspci\n", max_size=300))
def test_any_text_can_be_searched(text):
    for number in find(text):
        assert text[number.start : number.end] == number.written
        assert sum(map(str.isdigit, number.written)) == 10


@pytest.mark.parametrize(
    "piece",
    [
        "9990763208 ",
        "999 ",
        "9",
        "tel 999 076 3208 ",
        "nhs ",
        "0113 496 0123 9990763208 ",
        "99 90 76 32 08\n",
        "tel on a on 9990763208 ",
        "10.1136/9990763208/",
        "tel on ",
        "99 ",
        "999\n",
        "9 ",
        "9|",
        "(999)",
        "+1 617 555 0102 ",
        "0018 ",
    ],
)
def test_a_long_hostile_text_takes_no_time(piece):
    text = (piece * 4000)[:4000]
    started = time.process_time()

    find(text)

    assert time.process_time() - started < 0.5

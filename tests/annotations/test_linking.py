import html
import re
import time
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from annotations.linking import REL, link

# Telephone numbers are Ofcom's for drama. ‹…› is a link to what it shows, ‹…|address› a link to that address; the note
# is the row without these marks, and what `link` makes of it is the row with each mark as one `a` element.
NOTES = [
    # phone numbers
    "MS nurse ‹020 7946 0018|tel:+442079460018›, bleep 4417, ‹https://example.org/ms-referral›",
    "Neurology sec: ‹0113 496 0123|tel:+441134960123› (Mon-Thu)",
    "Tel:‹01314960123|tel:+441314960123›",
    "TEL.‹01314960123|tel:+441314960123›",
    "Infusion suite ‹0131 496 0123|tel:+441314960123› ext 4417",
    "Infusion suite ‹0131 496 0123|tel:+441314960123›x4417",
    "Infusion suite ‹0131 496 0123|tel:+441314960123› x1234",
    "Ward 7 ‹0114 496 0123|tel:+441144960123›ext. 45, out of hours via switch",
    "On call reg (‹0114 496 0123|tel:+441144960123›)",
    "On call reg ‹(0114) 496 0123|tel:+441144960123›",
    "‹(020)7946 0018|tel:+442079460018› then option 2",
    "From abroad ‹+44 20 7946 0018|tel:+442079460018›",
    "From abroad ‹+44 (0)20 7946 0018|tel:+442079460018›",
    "From abroad ‹+44(0)2079460018|tel:+442079460018›",
    "From abroad ‹(+44) 20 7946 0018|tel:+442079460018›",
    "From abroad ‹0044 20 7946 0018|tel:+442079460018›",
    "From abroad ‹+44 020 7946 0018|tel:+442079460018›",
    "Consultant mobile ‹07700 900123|tel:+447700900123› – not after 8pm",
    "Consultant mobile ‹07700900123|tel:+447700900123›",
    "Community team ‹01632 960123|tel:+441632960123› or ‹01632 960 124|tel:+441632960124›",
    "Freephone ‹0808 157 0123|tel:+448081570123› 24h",
    "Nottingham ‹0115 496 0123|tel:+441154960123›",
    "Copied from Word: ‹020\u00a07946\u00a00018|tel:+442079460018›",
    "Copied from a letter: ‹020–7946–0018|tel:+442079460018›",
    "Copied from contacts: \u202a‹020 7946 0018|tel:+442079460018›\u202c",
    "Dots: ‹020.7946.0018|tel:+442079460018›.",
    "Hyphens: ‹0113-496-0123|tel:+441134960123›; fax same",
    "‹020 7946 0018|tel:+442079460018› ‹020 7946 0019|tel:+442079460019› ‹020 7946 0020|tel:+442079460020›",
    "‹020 7946 0018|tel:+442079460018›/‹0113 496 0123|tel:+441134960123›",
    "‹020 7946 0018|tel:+442079460018›-‹0113 496 0123|tel:+441134960123›",
    "‹0161 496 0123|tel:+441614960123›/4567",
    "‹0161 496 0123|tel:+441614960123›/4, ask for EEG",
    "‹0113 496 0123|tel:+441134960123›-5 (three lines)",
    "‹0113 496 0123|tel:+441134960123› 4417",
    "‹020 7946 0018|tel:+442079460018›\n‹0113 496 0123|tel:+441134960123›\nbleep 0113",
    "Childline ‹0800 1111|tel:+448001111›",
    "‹0207 946 0018|tel:+442079460018› as many people write it",
    "Hospital number ‹0113 496 0123|tel:+441134960123› (main switchboard)",
    "GP/‹01632 960123|tel:+441632960123›",
    # numbers that are not dialled as they stand
    "999 for arrest 2222, 111 out of hours, 101 police, 112 from abroad",
    "Samaritans 116 123; crash 2222; bleep 4417; ext 55123; #6417",
    "switch 0, then 55123, or *67",
    "bleep 0113 via switch",
    "Desk 7946 0018 (internal)",
    "Label 01134960123AB, 01134960123mg, 01134960123@ward, 00008001111, 0113) 496 0123",
    "0113\n496 0123 broken over two lines",
    "bleep 07623 123456, bleep: 07623 123456, Bleep 07623123456, blp 07623 123456, bleep +44 7623 123456",
    "pager 01523 456789, pager no 01523 456789, pager no.: 01523 456789, page 07623 123456, page: 07623 123456",
    "as the bleep\n‹0113 496 0124|tel:+441134960124›",
    "Bleep 4417 or ‹0113 496 0123|tel:+441134960123›; page switch on ‹020 7946 0018|tel:+442079460018›",
    # numbers of other countries are never dialled as numbers of the UK
    "Mumbai +91 (0)20 2654 3210, +91 020 2654 3210, +91 (020) 2654 3210, 0091 020 2654 3210, 91 (0)20 2654 3210",
    "Berlin +49 0800 765 4321, (+49) 0800 765 4321, (+49)(0)800 765 4321, +(49) 0800 765 4321, [+49] 0800 765 4321",
    "+49-0800-765-4321, +49/0800/7654321, +49.0800.765.4321",
    "+ 49 0800 765 4321, ++49 0800 765 4321, +49: 0800 765 4321",
    "Tel+49 0800 765 4321, tel:+49 (0800) 765 4321, \uff0b49 0800 765 4321",
    "+49 \u2013 0800 765 4321, 00-49 0800 765 4321",
    "Dublin +353 01 496 0123, +353 (0)1 496 0123, 00353 01 4960123, 00 353 (0)1 496 0123, (00353) 01 496 0123",
    "+33 (0)1 23 45 67 89, (+1) 0800 765 4321, 001 0800 765 4321",
    "+61 (02) 9123 4567, +39 06 1234 5678, +64 0800 611 117",
    "No such country: +21 0800 765 4321, +999 020 7946 0018",
    "From America 011 44 20 7946 0018, 011 49 0800 765 4321",
    "+33 1 23 45 67 89 ‹0113 496 0123|tel:+441134960123›, +33 1 23 45 67 89/‹0113 496 0123|tel:+441134960123›",
    "+33 1 23 45 67 89, ‹0113 496 0123|tel:+441134960123› +33 1 23 45 67 89 ‹020 7946 0018|tel:+442079460018›",
    "+49 30 1234567 ‹0113 496 0123|tel:+441134960123›",
    "+1 617 555 0102 or ‹020 7946 0018|tel:+442079460018›; ‹+44 20 7946 0018|tel:+442079460018› 0033 1 23 45 67 89",
    "Ward 91 ‹020 7946 0018|tel:+442079460018›",
    "44 ‹(0)20 7946 0018|tel:+442079460018›, 2+ ‹0113 496 0123|tel:+441134960123›",
    "CRP +, ‹0113 496 0123|tel:+441134960123›; K+ 3.5, ‹0113 496 0123|tel:+441134960123›",
    # words that mean an identifier, or not
    "ID: ‹0113 496 0123|tel:+441134960123›; ID (‹0113 496 0123|tel:+441134960123›)",
    "paeds ID ‹0113 496 0123|tel:+441134960123›",
    "ID no 0113 496 0123, pt ID 0113 496 0123, study ID: 01204 654321, ID 01134960123, your id 0113 496 0123",
    "To order ‹0113 496 0123|tel:+441134960123›, to re-order: ‹0113 496 0123|tel:+441134960123›",
    "reorder ‹0113 496 0123|tel:+441134960123›, mail order ‹0113 496 0123|tel:+441134960123›",
    "order ref 01204 654321, order: 01204 654321, for order no 01204 654321",
    "Web page: ‹0113 496 0123|tel:+441134960123›, front page ‹0113 496 0123|tel:+441134960123›",
    "then page 0113 496 0123, (page 0113 496 0123), please page: 0113 496 0123, reg page 07623 654321",
    "Call for ref ‹0113 496 0124|tel:+441134960124›, for reference: ‹0113 496 0124|tel:+441134960124›",
    "our ref 01204 654321, quote ref. 01204 654321, Reference: 01204 654321",
    "Accession 01204 654321, accession number: 01204 654321",
    "acc no 01204 654321, PO: 01204 654321, P.O. no 01204 654321",
    "Invoice 01204 654321, specimen 01204 654321, serial no 01204654321, barcode 01204 654321, IMEI 01204 654321",
    "GMC no 01204 654321, case no. 01204 654321, policy number 01204 654321",
    "tracking no: 01204 654321, NI no 01204 654321",
    "request number 01204 654321, product code 01204 654321, patient no 01204 654321, trial id 01204 654321",
    "GMC ‹0161 496 0123|tel:+441614960123›, policy team ‹0113 496 0123|tel:+441134960123›",
    "Accessions ‹0113 496 0123|tel:+441134960123›, sample reception ‹0113 496 0123|tel:+441134960123›",
    "Jo's no: ‹0113 496 0123|tel:+441134960123›, on call reg no ‹0113 496 0123|tel:+441134960123›",
    "Clinic number ‹0113 496 0123|tel:+441134960123›, post office ‹0113 496 0123|tel:+441134960123›",
    # other ways to write a number
    "‹01632/960123|tel:+441632960123›, ‹01632 / 960123|tel:+441632960123›, ‹(01632)/960123|tel:+441632960123›",
    "‹0113/496 0123|tel:+441134960123›, ‹020/79460018|tel:+442079460018›, ‹+44(0)1632/960123|tel:+441632960123›",
    "‹+44 (20) 7946 0018|tel:+442079460018›, ‹+44 (020) 7946 0018|tel:+442079460018›",
    "‹+ 44 20 7946 0018|tel:+442079460018›",
    "‹+44 (0113) 496 0123|tel:+441134960123›",
    "‹(+44 20) 7946 0018|tel:+442079460018›, ‹01632\u2212960123|tel:+441632960123›",
    "0800/1111, 0113496/0123, 0830/1230",
    "0800/1200/1600/2000, 0112/2026, 0800/1200 1600, PL 04425/0123, 01204/12345, +44 (20 7946 0018",
    "‹01632/960123|tel:+441632960123›/9, 0900/1700 ‹0113 496 0123|tel:+441134960123›",
    # clinical numbers
    "NHS number 943 476 5919, NHS no 9434765919, 943-476-5919",
    "CHI 0101331239 H&C 3200000001",
    "Hosp no 01134960123, hospital number: 01134960123, RXH0113496, MRN 01134960123",
    "Hospital No: 01234 567890, MRN 01234 567890, Pt ID 01234567890, patient id: 01234 567890",
    "NHS number: 01234 567890",
    "Lot no 01234567890, batch 01234567890, account 01234567890, account no. 01234 567890",
    "Ref: 0123-456-7890, ref 01234 567 890, order 01234 567 890, order number 01234 567890",
    "Orders ‹01632 960123|tel:+441632960123›, covid line ‹01632 960 124|tel:+441632960124›",
    "SNOMED 24700007, 900000000000207008; dm+d 39113311000001107; 22298006",
    "DOI 10.1136/01134960123 doi:10.1016/S1474-4422(14)01134960123",
    "ISBN 978-0-8006-0123-4, ISBN 0800601234, ISBN 0-8006-0123-4",
    "BP 120/80, 0113/80 ; HR 72; sats 94-98% ; eGFR >60; K+ 3.5-5.3; HbA1c 48 (6.5%)",
    "JC virus index 0.9, anti-HBs 020.79, vit D 0113 nmol/L",
    "Give 0.5mg.in 2.5.to 10ml.de 1.5mg.by mouth 300mg.IV q4w",
    "drug@0.5mg.in drug@5mg.in drug@.5ml.to a@1.g.in",
    "10mg@night.in 1@bedtime.to 5mg@08.00",
    "01/02/2026 01-02-2026 01.02.2026 2026-02-01 08:30 0830-1230 01 01 2026 1234",
    "LS1 3EX, EH16 4SA, M13 9WL; order 4471-0113-496-0123; 1.020 7946 0018",
    # web addresses
    "‹www.nhs.uk/ms|https://www.nhs.uk/ms›, or",
    "‹WWW.NHS.UK|https://WWW.NHS.UK›",
    "See ‹https://www.nhs.uk/conditions/›.",
    "See ‹https://pathways.example/x›: the form",
    "‹http://a.example/?q=1&r=2›.",
    "(‹https://wiki.example/MS_(disease)›)",
    "<‹https://pathways.example/ms?trust=RX1#refer›>",
    '"‹https://pathways.example/a›","b"',
    "“‹https://pathways.example/a›” ‘‹https://pathways.example/b›’",
    "Really? ‹https://pathways.example/a›! ‹https://pathways.example/b›…",
    "intranet ‹http://intranet/policies›, ‹http://localhost:8000/x›, ‹http://10.0.0.1/pacs›",
    "‹https://nhs.uk:8443/x›",
    "nhs.uk, bnf.nice.org.uk/drugs and guidelines.pdf stay text",
    "web:‹www.nhs.uk|https://www.nhs.uk›",
    "‹https://pathways.example/01134960123›",
    "ftp://a.example //b.example javascript:alert(1) data:text/html,x file:///etc tel:123 ftp://www.c.example",
    "[the form](‹https://a.example›) <b>bold</b> & **not**",
    '‹https://a.example/›"onclick=alert(1)',
    "‹https://a.example/›'><script>alert(1)</script>",
    # addresses that could pass for another
    "https://nhs.uk@evil.example https://nhs.uk:pw@evil.example/x",
    "https://nhs.uk\\@evil.example",
    "https://nhs\u0430.uk https://\u043f\u0440.example www.nh\u0455.uk",
    "‹https://xn--nhs-5cd.example› shows what it is",
    "http://2130706433 http://0x7f.1 http://0x7f000001 http://1.2.3 http://999.1.1.1",
    "https://www.nhs.uk\u200b.evil.example https://a.example/a\u202ebc",
    "\u202ehttps://a.example 020 7946 0018 jo@ward.example\n‹020 7946 0018|tel:+442079460018›",
    # email addresses
    "‹clinic@trust.nhs.uk|mailto:clinic@trust.nhs.uk›.",
    "<‹jo@trust.nhs.uk|mailto:jo@trust.nhs.uk›>, '‹al@trust.nhs.uk|mailto:al@trust.nhs.uk›'",
    "Email:‹ms.team@trust.nhs.uk|mailto:ms.team@trust.nhs.uk›;‹a_b+c@ward.example|mailto:a_b+c@ward.example›",
    "‹seamus.o'brien@trust.nhs.uk|mailto:seamus.o'brien@trust.nhs.uk›",
    "mailto:‹jo@trust.nhs.uk|mailto:jo@trust.nhs.uk›?subject=x",
    "‹www.nhs.uk@ward.example|mailto:www.nhs.uk@ward.example›",
    "jo@localhost jo@ @ward @ 5pm jo@10.0.0.1",
    "a@b.co\u200bm a@b.co.\u200buk jo\u200bhn@trust.nhs.uk jo@trust.nhs.uk\u2060 so\u00adjo@trust.nhs.uk",
    "‹jo@163.com|mailto:jo@163.com› ‹jo@5gp.example|mailto:jo@5gp.example›",
    "Jo: \u202a‹jo@a.example|mailto:jo@a.example›\u202c",
    # what stands before an address can be part of the mailbox
    "p&o@trust.nhs.uk x#y@trust.nhs.uk a!b@trust.nhs.uk a$b@trust.nhs.uk o’brien@trust.nhs.uk jo\u2011al@trust.nhs.uk",
    "m\u00fcller@trust.nhs.uk mu\u0308ller@trust.nhs.uk a/b@trust.nhs.uk GP/jo@trust.nhs.uk (jo)'s@trust.nhs.uk",
    "R & D: ‹jo@a.example|mailto:jo@a.example›",
    "A&E <‹ae@a.example|mailto:ae@a.example›>, ‘‹al@a.example|mailto:al@a.example›’",
    "cc=‹jo@a.example|mailto:jo@a.example› *‹jo@a.example|mailto:jo@a.example›* |‹jo@a.example|mailto:jo@a.example›|",
    "‹24hr.eeg@a.example|mailto:24hr.eeg@a.example› ‹111@a.example|mailto:111@a.example› ‹4c@a.co|mailto:4c@a.co›",
    "2x@night.in 1.5ml@am.to 20mg.po@bed.to 100@8pm.in .5mg@night.in",
    "‹jo@a.example|mailto:jo@a.example›/‹al@a.example|mailto:al@a.example›/‹bo@a.example|mailto:bo@a.example›",
    "‹0113 496 0123|tel:+441134960123›/‹jo@a.example|mailto:jo@a.example›/‹0113 496 0124|tel:+441134960124›",
    # whole notes
    "Refer: EMIS > Docs > MS. Sec ‹0113 496 0123|tel:+441134960123› (Jo, Tu/Th), "
    "‹ms@trust.nhs.uk|mailto:ms@trust.nhs.uk›.\nBleep 4417 if relapse + sepsis. Not for steroids >1g.",
    "PML? stop, MRI same day: radiology x55123, OOH ‹020 7946 0018|tel:+442079460018› ask for neuro SpR; JCV > 1.5.",
]  # fmt: skip
MARK = re.compile(r"‹([^|›]*)(?:\|([^›]*))?›")
HOSTILE = [
    "[", "www.", "0", "a@", "https://", "0113 496 0123 ", "0113 ", "00 44", "(0", "(", "+44 ", "https://a/(",
    'https://a/"', "http://a'", "a.", "a-", "a.b@", "a'", "10.1136/0113 ", "\u202e", "https://a.example\u200b", "https://x@",
    "-", "9 ", "+49 0800 765 4321 ", "+49 ", "00 33 ", "0091 020 2654 3210", "+1(", "+", "a&", "1@",
    "jo@a.example/", "page 0113 496 0123 ",
    "01632/", "01632/960123",
]  # fmt: skip


def a(marked: re.Match[str]) -> str:
    return f'<a href="{marked[2] or marked[1]}" rel="noopener noreferrer nofollow">{marked[1]}</a>'


class Reader(HTMLParser):
    """What a browser makes of HTML: its text, and the attributes of each element."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.links, self.others = "", [], []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag: str, attributes: list) -> None:
        (self.links if tag == "a" else self.others).append(dict(attributes))

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize("marked", NOTES)
def test_what_becomes_a_link(marked):
    note = MARK.sub(r"\1", marked)

    assert link(note) == MARK.sub(a, html.escape(marked))


def test_a_link_says_that_it_leads_away():
    assert link("http://a.example") == f'<a href="http://a.example" rel="{REL}">http://a.example</a>'
    assert REL == "noopener noreferrer nofollow"


pieces = st.sampled_from([
    "https://", "http://", "www.", "nhs.uk", "evil.example", "@", "/", "?a=1&b=2", "#x", "(", ")", "<", ">", '"', "'",
    "“", "javascript:", "data:", "tel:", "mailto:", "//", "\\", "020 7946 0018", "+44 (0)", "0113", "496 0123", "x12",
    "-", ".", " ", "\n", "\t", "\r", "\u00a0", "\u200b", "\u202e", "\u2067", "\x00", "\x1b", "а", "xn--", "]", "[",
    "&amp;", "`", "=",
])  # fmt: skip


@given(st.text(max_size=200) | st.lists(pieces, max_size=25).map("".join))
@example("https://a.example/'onmouseover='alert(1)")
@example('mailto:"onclick="x@a.example')
def test_the_visible_text_is_never_changed_and_nothing_is_added_but_safe_links(text):
    linked = link(text)

    seen = Reader(linked)
    assert seen.text == text
    assert not seen.others
    assert all(set(attributes) == {"href", "rel"} for attributes in seen.links)
    assert all(re.match(r"(https?|mailto|tel):", found["href"], re.IGNORECASE) for found in seen.links)


@given(st.lists(pieces, max_size=25).map("".join))
def test_a_link_leads_to_what_is_seen(text):
    for address, shown in re.findall(r'<a href="([^"]*)" rel="[^"]*">(.*?)</a>', link(text), re.DOTALL):
        address, shown = html.unescape(address), html.unescape(shown)
        scheme, rest = address.split(":", 1)
        if scheme == "tel":
            assert re.sub(r"\(0\)|[^0-9]", "", shown).lstrip("0").removeprefix("44").lstrip("0") == rest[3:]
        else:
            assert shown in (address, rest, rest.removeprefix("//"))


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_long_hostile_text_takes_no_time(piece):
    text = (piece * 4000)[:4000]
    started = time.process_time()

    link(text)

    assert time.process_time() - started < 0.5

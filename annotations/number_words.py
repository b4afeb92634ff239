"""Words directly before a number that say it is not a phone number to dial: a bleep, an order, an identifier.

Some of these words also mean something else: "to order 0114 …", "Contact page: 0114 …" and "ID: 0114 …" (infectious
diseases) are phone numbers. Reasons: docs/decisions/0024-what-becomes-a-link.md.
"""

import re

LOOKS_BACK = 60  # characters before a number, in which a word can say what it is

_number = r"(?:nos?|num|numbers?|nr|id|code)\b|[#№]"
_end = r"[^\w\n]{0,3}\Z"

_bleeps = r"bleeps?|blp|pagers?"
_identifiers = (
    r"isbn|issn|pmid|pmcid|mrn|crn|urn|chi|lots?|batch|account|acct|a/c|accession|acc|p\.?o|purchase order|invoice"
    r"|requisition|specimen|sample|barcode|serial|gtin|ean|upc|udi|sku|imei|isrctn|nct|eudract|iras|snomed|sctid"
)
_with_a_number = (  # identifiers only with "number" or the like after them
    r"patient|pt|person|case|district|records?|chart|file|folder|case ?notes?|request|report|exam|study|trial|protocol"
    r"|participant|visit|encounter|episode|attendance|event|policy|claim|licen[cs]e|registration|registered|gmc|nmc"
    r"|hcpc|gphc|gdc|(?:gmc|nmc|hcpc|gphc|gdc) (?:reg|ref)|pin|n\.?i|national insurance|nino|vat|company|charity"
    r"|product|item|part|model|catalogue|catalog|cat|stock|asset|device|job|incident|datix|ticket|tracking|parcel"
    r"|consignment|transaction|payment|card|passport|customer|client|member|membership|payroll|employee|assignment"
    r"|voucher|docket|prescription|script|sort"
)
_orders = r"order|ref|reference"
_people = (
    r"patient|pt|px|person|user|staff|study|trial|participant|case|record|hosp|hospital|nhs|lab|request|event|visit|device|client"
    r"|customer|member|system|local|unique|national|photo|my|your|his|her|their"
)
_departments = r"hosp|hospital|nhs|unit|lab|laboratory|path|pathology|histology|x-?ray|radiology"

_never_dialled = re.compile(
    rf"\b(?:{_bleeps}|{_identifiers})(?:[^\w\n]{{1,2}}(?:{_number}))?{_end}"
    rf"|\b(?:{_with_a_number}|{_orders}|page|id)[^\w\n]{{1,2}}(?:{_number}){_end}"
    rf"|\b(?:{_people})[^\w\n]{{1,2}}id{_end}"
    rf"|\b(?:{_departments})\W{{0,2}}(?:no|num|number): ?\Z",
    re.IGNORECASE,
)
_order = re.compile(rf"\b(?:{_orders}){_end}", re.IGNORECASE)
_is_dialled_to_order = re.compile(
    rf"(?:\b(?:to|for|in|by|can|please|mail|phone|telephone|post)[ -](?:re-?)?|\bre-)(?:{_orders}){_end}", re.IGNORECASE
)
_page = re.compile(rf"\bpage{_end}", re.IGNORECASE)
_is_a_request_to_page = re.compile(
    r"(?:\A|[^\w\s]\s*|\b(?:to|please|pls|then|or|and|can|just|also|not|must|should|will|else|otherwise|fast|you|we|they"
    rf"|urgently|now|never|always|needed)[ -])page{_end}",
    re.IGNORECASE,
)
_perhaps_a_switchboard = re.compile(rf"\b(?:{_departments})\W{{0,2}}(?:no|num|number){_end}|\bid{_end}", re.IGNORECASE)


def is_not_dialled(text: str, start: int, *, is_grouped: bool, is_a_pager: bool = False) -> bool:
    """Return whether the words before `start` in `text` say that the number there is not to be dialled.

    `is_grouped` tells whether the number is written in groups, as a phone number is and an identifier seldom;
    `is_a_pager` whether it is in a range that only pagers have.
    """
    before = text[max(0, start - LOOKS_BACK, text.rfind("\n", 0, start) + 1) : start]
    return bool(
        _never_dialled.search(before)
        or (_order.search(before) and not _is_dialled_to_order.search(before))
        or (_page.search(before) and (is_a_pager or _is_a_request_to_page.search(before)))
        or (not is_grouped and _perhaps_a_switchboard.search(before))
    )

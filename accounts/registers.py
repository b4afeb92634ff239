"""The registers of professionals, and what a registration number on each looks like.

A number of the right shape may still be nobody's: an administrator has to look at the register itself. If no source
fixes the shape, we accept anything that could be a number.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

# What people type between the parts of a number: spaces, hyphens and dashes of any kind, dots, colons, slashes, and
# the invisible characters of pasted text.
BETWEEN = re.compile(r"[\s.:/\-\u00ad\u200b-\u2015\u2060\u2212\ufeff]+")
OTHER = "other"


class WrongShape(ValueError):
    """The text cannot be a number on this register. The message says in plain English what a number looks like."""


@dataclass(frozen=True)
class Register:
    """A register: its initials, its full name, and its numbers."""

    initials: str
    name: str
    shape: str  # a pattern for the number, in capitals and with nothing between its parts
    spelling: str  # how to write the parts of the shape
    looks_like: str

    def spell(self, typed: str) -> str:
        """Return the standard spelling of the number `typed`; raise `WrongShape` if it cannot be one."""
        bare = BETWEEN.sub("", typed.upper()).removeprefix(self.initials.upper())
        match = re.fullmatch(self.shape, bare)
        if match is None:
            raise WrongShape(self.looks_like)
        return match.expand(self.spelling)


@dataclass(frozen=True)
class AnotherRegister(Register):
    """Any other register, in any country: its numbers may have any shape, so we keep them as people type them."""

    def spell(self, typed: str) -> str:
        """Return `typed` with single spaces; raise `WrongShape` if it contains no digit."""
        spelled = " ".join(typed.split())
        if not re.search(r"\d", spelled):
            raise WrongShape(self.looks_like)
        return spelled


REGISTERS: Mapping[str, Register] = {
    # Seven digits for doctors; physician associates and anaesthesia associates have an A before theirs.
    # https://www.gmc-uk.org/news/news-archive/gmc-reference-numbers-for-pas-and-aas, and for the seven digits after
    # the A https://www.pulsetoday.co.uk/news/workforce/pas-to-get-distinguishing-gmc-number-but-no-title-change/
    "gmc": Register(
        "GMC",
        "General Medical Council",
        r"(A?[0-9]{7})",
        r"\1",
        "A GMC number has 7 digits, like 1234567; for a physician or anaesthesia associate, an A and 7 digits.",
    ),
    # Digits and letters by position: https://www.odsdatasearchandexport.nhs.uk/referenceDataCatalogue/
    # Nurse-Prescribers_583141724.html (“Nurse PIN”, code format).
    "nmc": Register(
        "NMC",
        "Nursing and Midwifery Council",
        r"(?:PIN)?([0-9]{2}[A-Z][0-9]{4}[A-Z])",
        r"\1",
        "An NMC Pin has 2 digits, a letter, 4 digits and a letter, like 12A3456E.",
    ),
    # Pharmacists: seven digits starting with 2, https://simplifier.net/guide/
    # uk-core-implementation-guide-stu3-sequence (Profile UKCore-Practitioner, identifier). Pharmacy technicians: seven
    # digits starting with 5, https://v3.datadictionary.nhs.uk/data_dictionary/nhs_business_definitions/p/pharmacy_technician_de.asp
    "gphc": Register(
        "GPhC",
        "General Pharmaceutical Council",
        r"([25][0-9]{6})",
        r"\1",
        "A GPhC number has 7 digits: a pharmacist’s starts with 2 and a pharmacy technician’s with 5, like 2012345.",
    ),
    # People search its register by number, https://www.psni.org.uk/search-register/pharmacist-results/popup/, but no
    # source fixes the shape: up to 10 letters and digits with at least one digit.
    "psni": Register(
        "PSNI",
        "Pharmaceutical Society of Northern Ireland",
        r"(?=.*[0-9])([A-Z0-9]{1,10})",
        r"\1",
        "A PSNI number has up to 10 digits or letters, as on your entry in the register.",
    ),
    # “GDC numbers can vary in length from 3 to 6 characters”:
    # https://www.odsdatasearchandexport.nhs.uk/referenceDataCatalogue/Dental-Consultant_587367123.html
    "gdc": Register(
        "GDC",
        "General Dental Council",
        r"([0-9]{3,6})",
        r"\1",
        "A GDC number has 3 to 6 digits, like 123456.",
    ),
    # A prefix says which part of the register: https://optical.org/en/registration/join-the-register/
    # lifetime-registration-numbers/, SO- and SD- for students: https://optical.org/registration/
    # restore-your-registration/restore-as-a-student/, 01-NNNNN for optometrists who prescribe:
    # https://build.fhir.org/ig/nw-gmsa/nw-gmsa.github.com/StructureDefinition-PractitionerIdentifier.html.
    # No source fixes the other prefixes or how many digits a lifetime number has: 1 or 2 letters, and 3 to 7 digits.
    "goc": Register(
        "GOC",
        "General Optical Council",
        r"(01|[A-Z]{1,2})([0-9]{3,7})",
        r"\1-\2",
        "A GOC number has 01 or one or two letters, a dash, and the digits, like 01-12345 or SO-12345.",
    ),
    # The letters of the profession and up to six digits, as in PH123456 or PYL123456:
    # https://prod.hcpc-uk.org/check-the-register/how-to-check. We keep leading zeros as people type them.
    "hcpc": Register(
        "HCPC",
        "Health and Care Professions Council",
        r"([A-Z]{2,3}[0-9]{1,6})",
        r"\1",
        "An HCPC number has the 2 or 3 letters of the profession and up to 6 digits, like PH123456.",
    ),
    OTHER: AnotherRegister(
        "",
        "Another register",
        "",
        "",
        "Enter the register’s name and your number on it, with at least one digit.",
    ),
}
CHOICES = [
    (key, f"{register.name} ({register.initials})" if register.initials else register.name)
    for key, register in REGISTERS.items()
]
MAX_LENGTH = 60  # of a number on another register, with that register’s name

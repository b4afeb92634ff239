"""Whether a word that was searched for could be a person's name. Where that is open, it could.

The names are those of Faker's lists, which come from many countries, zxcvbn's, from a census of the United States, and
`person_names.txt`. They are read when a word was not found for the first time, from the files of those packages: to
import Faker's takes twenty times the memory. Reasons and figures: docs/decisions/0073-searched-for-and-not-found.md.
"""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from .look_alikes import NAMES as DRUGS
from .look_alikes import STEMS
from .spellings import variants
from .words import fold

OWN = Path(__file__).with_name("person_names.txt")
STRING = re.compile(r'"([^\W\d_][^"\n{}]*)"')  # of Faker's code
LIST = re.compile(r'"(?:surnames|female_names|male_names)": "([^"]*)"')  # of zxcvbn
LETTERS = re.compile(r"[a-z]{3,}")
OTHER_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
# Beginnings and endings of names, for those that are in no list.
BUILT = re.compile(
    r"(?:mc|fitz|oluwa|chukwu|ogun|abdul|abdel|abdir|xiao)[a-z]{3,}"
    r"|[a-z]{2,}(?:wicz|wski|wska|inski|inska|czyk|enko|opoulos|opoulou|oglu|escu|ashvili|akis|sson|slav|slaw|ovich)"
    r"|[a-z]{3,}(?:ington|ingham|bottom|thorpe|thwaite|worth|erton|cliffe|hurst|combe|bury|shire)"
    r"|[a-z]{2,}(?:preet|inder|jeet|jit|deep|esh|endra|ullah|uddin|zadeh|singhe|wardena|lakshmi)"
    r"|[a-z]*[bcdfghjklmnpqrstwxz](?<!trel)vir"  # Balvir; medicines have a vowel there, or are nirmatrelvir's
)
# Words of medicine that no list of English words has.
MEDICAL = re.compile(
    r"[a-z]*(?:(?<!a)itis|osis|a?emia|ectomy|otomy|ostomy|opathy|opathies|algia|uria|plegia|plegic|paresis|penia|phagia"
    r"|phasia|lysis|graphy|gram|scopy|trophy|rrhoea|rrhea|plasia|plasty|blastoma|carcinoma|sarcoma|adenoma|glioma"
    r"|esthesia|kinesia|praxia|pnoea|pnea)"
)
# Units, and words that are names too but on a clinical site nearly always the word.
ORDINARY = frozenset(
    """
    add age among angle are baby back bald basic bath bd beard bed best beta bias birth bite blank block blocker bore
    brace brain burden can cap carry case cases castor central cheek chew clear click close cm coil come comfort
    conception cone cord couch counts cross curry cut dash date day deep dent dl drain drop each early else ever fair
    fall farm field fit flake flood foot fresh front good grey gut hand harm harms hash hay hazard held herb hurt im
    infant iu iv joy key kg kidney kind kpa lemons less line link list little long low lower lung made major male manual
    max mcg mg min minor ml mm mmhg mmol more must nail nmol null numbers od odd off oral out over page pages palm
    parent peel per pin po post pre price prior prn put qds rash read reader reason red render rim root rounds run sad
    sample samples sc scales sec shell shin shiver short silver small solar soles soon spring sprinkle stamps strain
    stump such sun tab tan tank tds tea the till too truss unknown valid vial vs wash way weeks were wheat will winter
    worth yoga zero
    """.split()  # noqa: SIM905
)


def plain(text: str) -> str:
    """Return the text folded, in the letters that lists of names are written in."""
    return fold(text).translate(OTHER_LETTERS)


def is_name(word: str) -> bool:
    """Return whether a plain word is listed as the name of people, or is built like one."""
    if word in DRUGS or word in ORDINARY:
        return False
    return _has(_names(), word) or (bool(BUILT.fullmatch(word)) and not (word[:2] != "mc" and _has(_english(), word)))


def is_ordinary(word: str) -> bool:
    """Return whether a plain word that is no name means a thing: it is English, or built like a word of medicine."""
    if word in DRUGS or word in ORDINARY:
        return True
    is_built = len(word) > 6 and (word.endswith(STEMS) or bool(MEDICAL.fullmatch(word)))
    return is_built or any(_has(_english(), each) for each in (word, *variants(word)))


def _has(words: bytes, word: str) -> bool:
    """Return whether the sorted lines have the word, by halving them."""
    sought, low, high = word.encode(), 0, len(words)
    while low < high:
        start = words.rfind(b"\n", 0, (low + high) // 2) + 1
        end = words.find(b"\n", start)
        if (line := words[start:end]) == sought:
            return True
        low, high = (end + 1, high) if line < sought else (low, start)
    return False


@cache
def _names() -> bytes:
    """Return the names, one a line: as one text they need a tenth of the memory of a set."""
    names = {name for line in OWN.read_text("utf-8").splitlines() if line[:1] != "#" for name in line.split()}
    for file in _folder("faker").glob("providers/person/**/*.py"):
        found = (string for string in STRING.findall(file.read_text("utf-8")) if string[0].isupper())
        names.update(LETTERS.findall(plain("\n".join(found))))
    for listed in LIST.findall((_folder("zxcvbn") / "frequency_lists.py").read_text("utf-8")):
        names.update(LETTERS.findall(listed))
    return _lines(names)


@cache
def _english() -> bytes:
    """Return the words of English that symspellpy ships, one a line."""
    lines = (_folder("symspellpy") / "frequency_dictionary_en_82_765.txt").read_text("utf-8-sig").splitlines()
    return _lines({line.partition(" ")[0] for line in lines})


def _folder(package: str) -> Path:
    """Return where the package's files are, without importing it."""
    spec = find_spec(package)
    [place] = (spec.submodule_search_locations or []) if spec else []
    return Path(place)


def _lines(words: set[str]) -> bytes:
    return "".join(f"{word}\n" for word in sorted(words)).encode()

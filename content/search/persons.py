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
STRING = re.compile(r'(?<!")"([^\W\d_][^"\n{}]*)"(?!")')  # of Faker's code, not of its documentation
LIST = re.compile(r'"(?:surnames|female_names|male_names)": "([^"]*)"')  # of zxcvbn
LETTERS = re.compile(r"[a-z]{3,}")
OTHER_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
# Beginnings and endings of names, for those that are in no list.
BUILT = re.compile(
    r"(?:mc|fitz|oluwa|chukwu|ogun|abdul|abdel|abdir|xiao)[a-z]{3,}"
    r"|[a-z]{2,}(?:wicz|wski|wska|inski|inska|czyk|enko|opoulos|opoulou|oglu|escu|ashvili|akis|sson|slav|slaw|ovich)"
    r"|[a-z]{3,}(?:ington|ingham|bottom|thorpe|thwaite|worth|erton|cliffe|hurst|combe|bury|shire)"
    r"|[a-z]{2,}(?:preet|inder|jeet|jit|deep|esh|endra|ullah|uddin|zadeh|singhe|wardena|lakshmi)"
    r"|[a-z]*[bcdfghjklmnpqrstwxz]vir"  # Balvir; medicines have a vowel there
)
# Words of medicine that no list of English words has.
MEDICAL = re.compile(
    r"[a-z]{3,}(?:(?<!a)itis|osis|a?emia|ectomy|otomy|ostomy|opathy|opathies|algia|uria|plegia|plegic|paresis|penia"
    r"|phagia|phasia|lysis|graphy|gram|scopy|trophy|rrhoea|rrhea|plasia|plasty|blastoma|carcinoma|sarcoma|lymphoma"
    r"|myeloma|adenoma|meningioma|glioma|melanoma|cytosis|sclerosis|esthesia|aesthesia|kinesia|praxia|pnoea|pnea)"
)
# Units, and words that are names too but on a clinical site nearly always the word.
ORDINARY = frozenset(
    """
    add age among angle are baby back bald balm basic bath bd beard bed best beta bias bile birth bite blank block
    blocker bore brace brain bring burden burn can cap carry case cases castor central cheek chew clear click close
    cm coil cold come comfort conception cone cord couch counts cross curry cut dash date day deep dent dl dose
    drain drop each early else ever eye fair fall farm female field fish fit flake flood foot fresh front good grey
    gum gut hand harm harms hash hay hazard heel held help herb hip hold hour hurt im infant iron iu iv joy key kg
    kidney kind knee kpa lemons less line link lip list little long loss low lower lung made major male manual max
    mcg mg min minor ml mm mmhg mmol mole more must nail neck nmol nose null numbers od odd off oral out over page
    pages palm parent peel per pin po post pre price prior prn pump put qds rash read reader reason red render rest
    rim root rounds rule run sad salt sample samples sc scales scan scar sec sex shell shin shiver shock short
    silver skin sleep slim small smoking solar soles soon sore spasm spring sprinkle stamps steel strain stump such
    sun swallow tab tan tank tds tea temple test the till too tooth travel truss unknown urgent urine vaccine valid
    vial viral virus vs walk wash water way weeks were wheat will winter worth wound yoga zero
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
    """Return whether a plain word means a thing: it is English, or built like a medicine or a word of medicine."""
    if word in DRUGS or word in ORDINARY:
        return True
    if is_name(word):
        return False
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

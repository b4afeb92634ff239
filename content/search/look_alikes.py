"""Names and words that people confuse: one is never taken for the other.

`look_alikes.txt` lists drugs and `look_alike_words.txt` other words. Most drug names are in no list, so the rest is a
rule: a name is corrected only if a slip of the hand or of the ear explains what was typed. Reasons and figures:
docs/decisions/0070-spelling-in-search.md.
"""

import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

DRUG_PAIRS, WORD_PAIRS = (Path(__file__).with_name(f"{name}.txt") for name in ("look_alikes", "look_alike_words"))
STEMS = (  # of international nonproprietary names, and of older families of drugs
    "afil", "amine", "apine", "arone", "azine", "azolam", "azole", "azoline", "barbital", "bendan", "bicin", "caine",
    "cept", "ciclib", "cillin", "citabine", "coxib", "curium", "curonium", "cycline", "dipine", "dopa", "dronate",
    "dronic", "entan", "etine", "fenac", "fentanil", "fibrate", "flurane", "fungin", "gatran", "gliflozin", "gliptin",
    "glitazone", "glutide", "grel", "imod", "imus", "lukast", "mab", "micin", "mide", "mycin", "nib", "olol", "olone",
    "onide", "oxacin", "parin", "pidem", "plase", "platin", "poetin", "pril", "prost", "racetam", "relin", "sartan",
    "setron", "sidone", "sone", "statin", "steride", "sulfan", "taxel", "tecan", "terol", "thiazide", "tidine",
    "toin", "trexate", "trexed", "triptan", "triptyline", "tropium", "vaptan", "vir", "virine", "vudine", "xaban",
    "zepam", "zodone", "zomib", "zosin",
)  # fmt: skip
# Beginnings and endings that one or two letters turn into their opposite
BEGINNINGS = (
    ("hyper", "hypo"), ("inter", "intra"), ("intra", "infra"), ("ante", "anti"), ("peri", "pre"), ("peri", "para"),
    ("ab", "ad"), ("macro", "micro"), ("endo", "exo"), ("pro", "pre"),
)  # fmt: skip
ENDINGS = (("stomy", "tomy"), ("ectomy", "otomy"), ("itis", "osis"), ("phagia", "phasia"))
VOWELS = re.compile("[aeiou]")
REPEATED = re.compile(r"(.)\1+")
SOUNDS = (("ph", "f"), ("th", "t"), ("rh", "r"), ("ch", "c"), ("ck", "c"), ("y", "i"), ("k", "c"), ("z", "s"))


def read_pairs(path: Path) -> Iterator[tuple[str, str]]:
    """Yield the pairs that are listed in a file."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            one, other = line.split()
            yield one, other


NAMES = frozenset(chain.from_iterable(read_pairs(DRUG_PAIRS)))
WORDS = frozenset(chain.from_iterable(read_pairs(WORD_PAIRS)))


def is_name(word: str) -> bool:
    """Return whether the word is the name of a listed drug, or is built like one."""
    return word in NAMES or (len(word) > 6 and word.endswith(STEMS))


def opposites(word: str) -> Iterator[str]:
    """Yield the words that differ from this one in a beginning or an ending that turns its meaning round."""
    for pairs, at_end in ((BEGINNINGS, False), (ENDINGS, True)):
        for one, other in [*pairs, *(pair[::-1] for pair in pairs)]:
            if at_end and word.endswith(one):
                yield word.removesuffix(one) + other
            elif not at_end and word.startswith(one):
                yield other + word.removeprefix(one)


def sounds_alike(typed: str, word: str) -> bool:
    """Return whether only vowels, doubled letters, letters of the same sound or exchanged letters differ."""
    return _consonants(typed) == _consonants(word) or sorted(typed) == sorted(word)


def _consonants(word: str) -> str:
    """Return the consonants that are heard, each once."""
    for written, heard in SOUNDS:
        word = word.replace(written, heard)
    return REPEATED.sub(r"\1", VOWELS.sub("", word))


def is_slip(typed: str, word: str) -> bool:
    """Return whether, one edit apart, no consonant stands for another: clonazolam is no slip for cloxazolam."""
    return len(typed) != len(word) or sounds_alike(typed, word)

"""How a word may also be spelt: British and American, from `spellings.txt` and one rule for -ise and -yse.

Reasons: docs/decisions/0070-spelling-in-search.md.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain, pairwise
from pathlib import Path

SPELLINGS = Path(__file__).with_name("spellings.txt")
LONGEST = 40  # letters of a word that is looked at
MOST = 12  # spellings of one word
ISE = re.compile(
    r"(.{2,}(?:[aiouy]l|ll|[aeiou]n|[aeou]r|[aeio]t|[ioy]m|ic|gn|[io]d|ard|[eor]g|[ae]s|ath|oph)i)"
    r"([sz])(e[ds]?|ers?|ing|able|ations?|ational)"
)
YSE = re.compile(r"(.*(?:anal|paral|dial|catal|hydrol|electrol|haemol|hemol|autol)y)([sz])(e[ds]?|ers?|ing)")
OTHER_WORDS = re.compile(r"treatise|improvis|promis|clitoris|metropolis|trellis")  # they end in -ise for another reason
OTHER = {"s": "z", "z": "s"}


def _read_spellings() -> tuple[dict[str, frozenset[str]], list[tuple[str, re.Pattern[str], str]]]:
    """Return the whole words, each with its other spellings, and the fragments, each with what can stand for it."""
    words: dict[str, frozenset[str]] = {}
    fragments: list[tuple[str, re.Pattern[str], str]] = []
    for line in SPELLINGS.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        spellings = line.split()
        for one in spellings:
            others = [other for other in spellings if other != one]
            if "-" not in one:
                for ending in ("", "s"):
                    key = one + ending
                    words[key] = words.get(key, frozenset()) | {other + ending for other in others}
            else:
                fragments += [(one.strip("-"), _pattern(one, other), other.strip("-")) for other in others]
    return words, fragments


def _pattern(fragment: str, other: str) -> re.Pattern[str]:
    """Return what finds the fragment where it is not the end of the other spelling, as esophag is of oesophag."""
    letters = fragment.strip("-")
    longer = other.strip("-").removesuffix(letters)
    start = "" if fragment.startswith("-") else "^"
    before = f"(?<!{longer})" if other.strip("-").endswith(letters) and longer else ""
    return re.compile(f"{start}{before}{letters}{'' if fragment.endswith('-') else '$'}")


WHOLE_WORDS, FRAGMENTS = _read_spellings()
BY_START: dict[str, list[tuple[str, re.Pattern[str], str]]] = {}
for _fragment in FRAGMENTS:
    BY_START.setdefault(_fragment[0][:2], []).append(_fragment)


def _respell(word: str) -> Iterator[str]:
    """Yield the spellings of the word that are one rule away."""
    yield from WHOLE_WORDS.get(word, ())
    pairs = dict.fromkeys(map("".join, pairwise(word)))  # most words have the beginning of no fragment
    for letters, pattern, other in chain.from_iterable(BY_START[pair] for pair in pairs if pair in BY_START):
        if letters in word and pattern.search(word):
            yield pattern.sub(other, word)
    for rule in (ISE, YSE) if "s" in word or "z" in word else ():
        if (match := rule.fullmatch(word)) and not OTHER_WORDS.search(word):
            yield match[1] + OTHER[match[2]] + match[3]


@lru_cache(maxsize=2_000)  # a question asks several times for each of its words
def variants(word: str) -> frozenset[str]:
    """Return the other spellings of a lower-case word, British and American, without the word itself."""
    if len(word) > LONGEST:
        return frozenset()
    found = [word]
    for each in found:  # grows: haematemesised has two places
        found += [other for other in dict.fromkeys(_respell(each)) if other not in found][: MOST - len(found)]
    return frozenset(found[1:])

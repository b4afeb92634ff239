"""Words as the search sees them: folded, without those that say nothing, and by their stems."""

import re
import unicodedata
from functools import lru_cache
from threading import Lock

import snowballstemmer

from .spellings import variants

MOST_WORDS = 32  # of a query; the rest is not looked for
LONGEST_WORD = 60  # characters
WORD = re.compile(r"[^\W_]+")
OTHER_SIGNS = re.compile(r"[^\x00-\x7f]+")
# Words of a question that say nothing about its subject.
STOP = frozenset(
    """
    a about after all also am an and any are as at be because been being between both but by can could did do does each
    for from get give had happen happens has have how i if in into is it its many me much my no not of often on or other
    our please should so someone such tell than that the their them then there these they this to want wants was we were
    what when where which who whom why will with would you your
    """.split()  # noqa: SIM905
)
# Of them, those that can turn an answer into another: a question with one is only answered by a text that has it too.
TELLING = frozenset("after all between no not other than why".split())  # noqa: SIM905
# And of those, the ones that a text may say of something else: they have to stand where it says what it is on.
DENYING = frozenset("no not other than why".split())  # noqa: SIM905
# Words that every question about guidance may have. They name no subject and no aspect of one.
GENERAL = frozenset(
    """
    adult adults advice advise advised allowed best current disease drug drugs during frequency given giving
    guidance guideline guidelines info information interval know long many may medication medicine medicines must
    need needed needs nhs often ok okay patient patients people person please possible recommend recommendation
    recommended right safe safely someone standard take taken taking tell therapies therapy treat treated treating
    treatment treatments uk use used using usual vs woman women
    """.split()  # noqa: SIM905
)
_stemmer = snowballstemmer.stemmer("english")
_lock = Lock()  # the stemmer keeps the word that it is at


def fold(text: str) -> str:
    """Return the text as it is compared: in small letters without marks over or below them, each sign in one form."""
    text = text.casefold()
    return text if text.isascii() else OTHER_SIGNS.sub(_plain, text)


def _plain(signs: re.Match[str]) -> str:
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", signs[0]).casefold())
    return unicodedata.normalize("NFC", "".join(sign for sign in apart if not unicodedata.combining(sign)))


def every_word(text: str) -> list[str]:
    """Return the first words and numbers of a text in order, folded."""
    return [word[:LONGEST_WORD] for word in WORD.findall(fold(text))[:MOST_WORDS]]


def words_of(text: str) -> list[str]:
    """Return the words and numbers of `text` to look for, each once: without those that say nothing, unless all do."""
    words = list(dict.fromkeys(every_word(text)))
    return [word for word in words if word not in STOP] or words


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """Return what the forms of a folded word have in common: dose of dosing, one spelling of British and American."""
    if len(word) > 3 and word.endswith("s") and not re.search("[aeiouy0-9]", word):
        word = word[:-1]  # DMTs
    with _lock:
        return str(_stemmer.stemWord(min({word, *variants(word)})))


def stems(text: str) -> list[str]:
    """Return the stems of all words of a text, in order."""
    return [stem(word[:LONGEST_WORD]) for word in WORD.findall(fold(text))]

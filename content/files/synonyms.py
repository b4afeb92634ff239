"""The editors' synonyms ↔ one file of YAML beside the pages: what people type, and each meaning that it has.

DMT: [disease-modifying therapy]
MS: [multiple sclerosis, mitral stenosis]
"""

from pathlib import Path
from typing import Any

import yaml

from content.models import Synonym

from . import front_matter
from .format import BadFile

FILE = "synonyms.yaml"
Meanings = dict[str, list[str]]


def bring_in(path: Path) -> tuple[str, str]:
    """Take the file's synonyms if the site has none, and return a result and its detail, as for other files.

    The editors' own stay as they are. Raises `BadFile` if the file cannot be read, `ValidationError` for a synonym that
    editors could not have entered.
    """
    stated, kept = _read(path), list_all()
    if kept:
        return "unchanged", "" if stated == kept else "the site keeps its own synonyms"
    made = [Synonym(words=words, meaning=meaning) for words, meanings in stated.items() for meaning in meanings]
    for synonym in made:
        synonym.full_clean()
        synonym.save()
    return "new", f"{len(made)} synonyms"


def list_all() -> Meanings:
    """Return the meanings of all words, in order."""
    found: Meanings = {}
    for words, meaning in Synonym.objects.values_list("words", "meaning"):
        found.setdefault(words, []).append(meaning)
    return found


def to_yaml(meanings: Meanings) -> str:
    """Return the file that states these meanings."""
    return yaml.safe_dump(meanings, allow_unicode=True, sort_keys=False, default_flow_style=None, width=10_000)


def _read(path: Path) -> Meanings:
    try:
        facts: dict[str, Any] = front_matter.load(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise BadFile(1, "the file is not UTF-8") from error
    except front_matter.BadYAML as error:
        raise BadFile(max(1, error.line - 1), str(error)) from error
    for words, meanings in facts.items():
        if not isinstance(meanings, list) or not all(type(each) in (str, int) for each in (words, *meanings)):
            raise BadFile(1, f"{words}: state a list of meanings, like “DMT: [disease-modifying therapy]”")
    return {str(words): [str(each) for each in facts[words]] for words in facts}

"""The head of a page as programs read it."""

import json
from dataclasses import dataclass

from django.http import HttpResponse
from lxml import html
from pyld import jsonld

SCHEMA_ORG = "https://schema.org/"


@dataclass(frozen=True)
class Head:
    """What stands in the head of a page: links by relation, contents by name, and data for programs."""

    links: dict[str, str]
    metas: list[tuple[str, str]]
    data: list[str]

    def meta(self, name: str) -> list[str]:
        return [content for other, content in self.metas if other == name]


def head_of(response: HttpResponse) -> Head:
    head = html.fromstring(response.content.decode()).find("head")
    return Head(
        {each.get("rel"): each.get("href") for each in head.iter("link")},
        [(each.get("name"), each.get("content")) for each in head.iter("meta")],
        [each.text for each in head.iter("script") if each.get("type") == "application/ld+json"],
    )


def schema_org(response: HttpResponse) -> dict:
    """The page in the words of schema.org, as a processor of JSON-LD reads it, with short names and single values."""
    (text,) = head_of(response).data
    stated = json.loads(text)
    assert stated["@context"] == "https://schema.org"
    (expanded,) = jsonld.expand(stated | {"@context": {"@vocab": SCHEMA_ORG}})
    return _short(expanded)


def _short(node):
    if isinstance(node, list):
        return _short(node[0]) if len(node) == 1 else [_short(each) for each in node]
    if not isinstance(node, dict):
        return node.removeprefix(SCHEMA_ORG) if isinstance(node, str) else node
    return node["@value"] if "@value" in node else {_short(name): _short(value) for name, value in node.items()}

"""Markdown → safe HTML, with the page's contents, references and links; `problems` checks the Markdown.

The HTML is stored when a version is published; reading a page never renders it. Citations are footnotes, shown as (1)
in the order in which they are first cited. A reference that is cited twice keeps its number and links back to each
place. Reasons: docs/decisions/0002-one-renderer-safe-html.md.
"""

import re
import xml.etree.ElementTree as etree
from copy import deepcopy
from dataclasses import dataclass
from html import escape, unescape
from typing import Any

import markdown
import nh3
from django.utils.text import slugify
from markdown.extensions import Extension
from markdown.extensions.abbr import AbbrExtension
from markdown.extensions.footnotes import FootnoteExtension
from markdown.extensions.toc import TocExtension
from markdown.treeprocessors import Treeprocessor

from . import addresses, headings, links, tables, tree
from .abbreviations import Abbreviations
from .blocks import BOXES
from .dialect import DialectExtension
from .inline import InlineExtension, restore

REVISION = 3  # raise it when the HTML for the same Markdown changes, then run render_pages
CONTENTS_FROM = 4  # sections: a page with this many lists its contents

TAGS = {
    "a", "abbr", "blockquote", "br", "caption", "code", "dd", "div", "dl", "dt", "em", "h2", "h3", "h4", "h5",
    "h6", "hr", "img", "li", "ol", "p", "pre", "s", "section", "strong", "sub", "sup", "table", "tbody", "td", "th",
    "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {
    "a": {"href", "class", "aria-label", "title"},
    "abbr": {"title"},
    "div": {"class"},
    **{f"h{level}": {"id"} for level in range(2, 7)},
    "img": {"src", "alt", "title"},
    "li": {"id", "value"},
    "ol": {"start"},
    "p": {"class"},
    "section": {"class"},
    "sup": {"id"},
    "td": {"align", "colspan", "rowspan"},
    "th": {"align", "colspan", "rowspan", "scope"},
}
CLASSES = {
    "a": {"footnote-ref", "footnote-backref"},
    "div": {f"admonition {kind}" for kind in BOXES},
    "p": {"admonition-title"},
    "section": {"references"},
}
OUR_ID = re.compile(r"(h-|fn:|fnref\d*:)[\w:.-]+")
PAGE_ADDRESS = r"/pages/([^/?#\s)\"'<>]++)"  # its group is the slug


@dataclass(frozen=True)
class Rendered:
    """A text as HTML that is safe to show as it is.

    `contents` are the id and name of each section, empty unless there are `CONTENTS_FROM` or more; `links` are the
    slugs of the pages that the text links to, sorted.
    """

    html: str
    contents: list[dict[str, str]]
    links: list[str]


def render(text: str) -> Rendered:
    """Render Markdown as safe HTML. Raises nothing for any text: it drops what is not allowed, or shows it as text."""
    converter = markdown.Markdown(
        extensions=[
            defined := AbbrExtension(),
            "admonition",
            "def_list",
            "sane_lists",
            "markdown.extensions.tables",
            "pymdownx.betterem",  # an asterisk inside a word is a sign: alleles, formulas
            "pymdownx.saneheaders",  # and so is a # without a space after it
            DialectExtension(),
            InlineExtension(),
            _ReferenceExtension(SUPERSCRIPT_TEXT="({})", USE_DEFINITION_ORDER=False),
            TocExtension(slugify=_heading_id, toc_depth="2-6"),
            _PageExtension(),
        ],
        extension_configs={
            "markdown.extensions.tables": {"use_align_attribute": True},
            "pymdownx.betterem": {"smart_enable": "all"},
        },
    )
    converter.treeprocessors.deregister("abbr")  # abbreviations are marked last: not inside addresses
    try:
        converted = converter.convert(text.replace("\x00", ""))
    except RecursionError:  # lists within lists, hundreds deep
        converted = f"<p>{escape(text)}</p>"
    cleaned = nh3.clean(
        converted,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=_filter_attribute,
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel=None,
    )
    page = tree.parse(cleaned)
    headings.close_gaps(page)
    links.finish(page)
    Abbreviations(defined.abbrs).explain(page)  # type: ignore[attr-defined]  # the stubs are older
    tables.finish(page)
    html = tree.write(page)
    html = html.replace('<sup id="fnref', '\u2060<sup id="fnref')  # a citation stays on the line of its statement
    names = _names(getattr(converter, "toc_tokens", []))
    shown = [key for each in page.iter("h2") if (key := each.get("id", "")) in names]
    sections = [{"id": key, "name": names[key]} for key in shown]
    slugs = sorted({unescape(slug) for slug in re.findall(f'<a[^>]* href="{PAGE_ADDRESS}', html)})
    return Rendered(html, sections if len(sections) >= CONTENTS_FROM else [], slugs)


def _heading_id(name: str, separator: str) -> str:
    """Return an id that starts with h-, so that it never equals an id of the site's own."""
    return f"h-{slugify(restore(name)) or 'section'}"


def _names(tokens: list[dict[str, Any]]) -> dict[str, str]:
    """Return the names of the headings by their ids, from the nested contents."""
    names: dict[str, str] = {}
    waiting = list(tokens)
    while waiting:
        token = waiting.pop()
        names[token["id"]] = unescape(restore(token["name"]))
        waiting += token["children"]
    return names


def _filter_attribute(tag: str, attribute: str, value: str) -> str | None:
    """Return a value that the site itself could have written, or None to drop the attribute."""
    if attribute == "id":
        return value if OUR_ID.fullmatch(value) else None
    if attribute == "class":
        return value if value in CLASSES.get(tag, ()) else None
    if attribute == "href":
        return addresses.leads_to(value)
    if attribute == "src":
        return addresses.picture(value)
    return value


class _ReferenceExtension(FootnoteExtension):
    """Footnotes whose library counts the places of a citation by trying each number; here they are kept."""

    def unique_ref(self, reference: str, found: bool = False) -> str:
        """Return the id of a citation that was found, another one for each place."""
        if not found:
            return reference
        self.found_refs[reference] = self.found_refs.get(reference, 0) + 1
        return _citation_id(reference.removeprefix("fnref:"), self.found_refs[reference])


class _PageExtension(Extension):
    """What a page needs beyond Markdown's own extensions."""

    def extendMarkdown(self, md: markdown.Markdown) -> None:
        for name in ("footnote-reorder", "footnote-duplicate"):  # they fail where one reference stands in another
            md.treeprocessors.deregister(name)
        # After the library has made and numbered the footnotes, before it reads the contents.
        md.treeprocessors.register(_PageTreeprocessor(md), "page", 8)


class _PageTreeprocessor(Treeprocessor):
    """Keeps the first level of headings for the title, and turns footnotes into the section References."""

    def run(self, root: etree.Element) -> None:
        """Change the parsed page in place."""
        for heading in root.iter("h1"):
            heading.tag = "h2"
        places = self._number_citations(root)
        for place in root.findall("div[@class='footnote']"):
            if places:
                self._make_references(place, places)
            else:
                root.remove(place)  # references that nothing cites

    def _number_citations(self, root: etree.Element) -> dict[str, int]:
        """Number citations in reading order, and return how often each reference is cited.

        The library numbers them in the order in which it parses them, which for a box or a table is later.
        """
        places: dict[str, int] = {}
        numbers: dict[str, int] = {}
        for citation in root.iter("sup"):
            if citation.get("id", "").startswith("fnref"):
                key = citation[0].get("href", "")[len("#fn:") :]
                places[key] = places.get(key, 0) + 1
                citation.set("id", _citation_id(key, places[key]))
                citation[0].text = f"({numbers.setdefault(key, len(numbers) + 1)})"
        return places

    def _make_references(self, section: etree.Element, places: dict[str, int]) -> None:
        section.tag = "section"
        section.set("class", "references")
        heading, references = section
        heading.tag, heading.text = "h2", "References"
        items = {item.get("id", "")[len("fn:") :]: item for item in references}
        references[:] = [items[key] for key in places]  # a definition that nothing cites is left out
        for number, (key, times) in enumerate(places.items(), start=1):
            links = _back_links(items[key], times)
            for nth, link in enumerate(links, start=1):
                link.tail = " " if nth < len(links) else link.tail
                which = f", place {_letters(nth)}" if times > 1 else ""
                link.text = _letters(nth) if times > 1 else link.text
                link.attrib.pop("title", None)
                link.set("href", f"#{_citation_id(key, nth)}")
                link.set("aria-label", f"Back to where reference {number} is cited{which}")


def _back_links(item: etree.Element, times: int) -> list[etree.Element]:
    """Return the links of a reference to the places where it is cited, as many as there are, at its end."""
    is_link = "a[@class='footnote-backref']"
    holder = next((each for each in item.iter() if each.find(is_link) is not None), None)
    if holder is None:
        holder = etree.SubElement(item, "p")
        etree.SubElement(holder, "a", {"class": "footnote-backref"}).text = "↩"
    [link] = holder.findall(is_link)
    holder.extend(deepcopy(link) for _ in range(times - 1))
    return holder.findall(is_link)


def _citation_id(key: str, nth: int) -> str:
    """Return the id of the nth place where a reference is cited."""
    return f"fnref{nth if nth > 1 else ''}:{key}"


def _letters(number: int) -> str:
    """Return the name of the nth place: a, b … z, aa, ab …"""
    name = ""
    while number:
        number, letter = divmod(number - 1, 26)
        name = chr(ord("a") + letter) + name
    return name

"""Markdown → safe HTML, with the page's contents, references and links; `problems` checks the Markdown.

The HTML is stored when a version is published; reading a page never renders it. Citations are footnotes, shown as (1)
in the order in which they are first cited. A reference that is cited twice keeps its number and links back to each
place. Reasons: docs/decisions/0002-one-renderer-safe-html.md.
"""

import re
import xml.etree.ElementTree as etree
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape, unescape

import markdown
import nh3
from markdown.extensions import Extension
from markdown.extensions.abbr import AbbrExtension
from markdown.extensions.footnotes import FootnoteExtension
from markdown.inlinepatterns import InlineProcessor
from markdown.treeprocessors import Treeprocessor

from . import addresses, headings, key_points, links, tables, tree
from .abbreviations import Abbreviations
from .blocks import BOXES
from .dialect import DialectExtension
from .inline import InlineExtension

REVISION = 7  # raise it when the HTML for the same Markdown changes, here or in `reading`, then run render_pages
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
DEEPEST = 5000  # elements that may stand one in another: the cleaner takes time in proportion to its square
TAG = re.compile(r"<(/?)(?!(?:br|hr|img)\b)([a-zA-Z][a-zA-Z0-9]*)")
CITATION = r"\[\^([^\]]*)\]"
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
            _ReferenceExtension(),
            _PageExtension(),
        ],
        extension_configs={
            "markdown.extensions.tables": {"use_align_attribute": True},
            "pymdownx.betterem": {"smart_enable": "all"},
        },
    )
    converter.treeprocessors.deregister("abbr")  # abbreviations are marked last: not inside addresses
    try:
        converted = _as_typed(text) if _is_too_deep(text) else converter.convert(text.replace("\x00", ""))
    except RecursionError:  # lists within lists, hundreds deep
        converted = _as_typed(text)
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
    headings.give_ids(page)
    key_points.mark(page)
    top = page.find("section[@class='key-points']/h2")
    sections = [{"id": each.get("id", ""), "name": headings.name(each)} for each in page.iter("h2") if each is not top]
    links.finish(page)
    links.finish_references(page)
    Abbreviations(defined.abbrs).explain(page)  # type: ignore[attr-defined]  # the stubs are older
    tables.finish(page)
    html = tree.write(page)
    marked = f'{headings.JOINER}<sup id="fnref'  # a citation stays on the line of its statement
    html = html.replace('<sup id="fnref', marked)
    slugs = sorted({unescape(slug) for slug in re.findall(f'<a[^>]* href="{PAGE_ADDRESS}', html)})
    return Rendered(html, sections if len(sections) >= CONTENTS_FROM else [], slugs)


def _as_typed(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _is_too_deep(text: str) -> bool:
    """Return whether so many tags are open at one place of a text that the cleaner would take seconds for it."""
    if text.count("<") <= DEEPEST:
        return False
    opened: Counter[str] = Counter()
    depth = 0
    for closes, tag in TAG.findall(text):
        if not closes:
            opened[tag] += 1
            depth += 1
        elif opened[tag]:
            opened[tag] -= 1
            depth -= 1
        if depth > DEEPEST:
            return True
    return False


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
    """Footnotes whose citations get their numbers when the page is whole."""

    def extendMarkdown(self, md: markdown.Markdown) -> None:
        """Register what the library registers, but citations as they are here, and nothing that numbers them."""
        super().extendMarkdown(md)
        md.treeprocessors.deregister("footnote-duplicate")  # it fails where one reference stands in another
        md.inlinePatterns.register(_CitationProcessor(CITATION, self), "footnote", 175)


class _CitationProcessor(InlineProcessor):
    """Finds citations of the references that are defined."""

    def __init__(self, pattern: str, extension: FootnoteExtension) -> None:
        super().__init__(pattern)
        self.extension = extension

    def handleMatch(  # type: ignore[override]  # the stubs are older
        self, m: re.Match[str], data: str
    ) -> tuple[etree.Element | None, int | None, int | None]:
        """Return a citation that is still without its number."""
        if m[1] not in self.extension.footnotes:
            return None, None, None
        citation = etree.Element("sup", {"id": _citation_id(m[1], 1)})
        etree.SubElement(citation, "a", {"class": "footnote-ref", "href": f"#fn:{m[1]}"})
        return citation, m.start(), m.end()


class _PageExtension(Extension):
    """What a page needs beyond Markdown's own extensions."""

    def extendMarkdown(self, md: markdown.Markdown) -> None:
        # After the library has made the footnotes.
        md.treeprocessors.register(_PageTreeprocessor(md), "page", 8)


class _PageTreeprocessor(Treeprocessor):
    """Keeps the first level of headings for the title, and turns footnotes into the section References."""

    def run(self, root: etree.Element) -> None:
        """Change the parsed page in place."""
        for heading in root.iter("h1"):
            heading.tag = "h2"
        section = root.find("div[@class='footnote']")
        if section is None:
            return
        root.remove(section)
        references = {item.get("id", "")[len("fn:") :]: item for item in section[1]}
        if places := self._number_citations(root, references):
            self._make_references(section, {references[key]: places[key] for key in places})
            root.append(section)

    def _number_citations(self, root: etree.Element, references: Mapping[str, etree.Element]) -> dict[str, int]:
        """Number citations in reading order, and return how often each reference is cited.

        What a reference cites counts if that reference is shown.
        """
        places: dict[str, int] = {}
        waiting = [root]
        numbers: dict[str, int] = {}
        for element in waiting:
            for citation in element.iter("sup"):
                if not citation.get("id", "").startswith("fnref"):
                    continue
                key = citation[0].get("href", "")[len("#fn:") :]
                if key not in places:
                    waiting.append(references[key])
                    numbers[key] = len(numbers) + 1
                places[key] = places.get(key, 0) + 1
                citation.set("id", _citation_id(key, places[key]))
                citation[0].text = f"({numbers[key]})"
        return places

    def _make_references(self, section: etree.Element, places: Mapping[etree.Element, int]) -> None:
        """Turn the library's footnotes into references; `places` say how often each that is shown is cited."""
        section.tag = "section"
        section.set("class", "references")
        heading, references = section
        heading.tag, heading.text = "h2", "References"
        references[:] = list(places)
        for number, (reference, times) in enumerate(places.items(), start=1):
            key = reference.get("id", "")[len("fn:") :]
            links = _back_links(reference, times)
            for nth, link in enumerate(links, start=1):
                link.tail = " " if nth < len(links) else link.tail
                name = _letters(nth) if times > 1 else ""
                which = f", place {name}" if name else ""
                link.text = name or link.text
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
    for _ in range(times - 1):
        etree.SubElement(holder, "a", dict(link.attrib))
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

"""A version's references as CSL-JSON: what is known of each, and nothing that would have to be guessed.

Authors, titles and journals are in its words, which nobody has taken apart: they are its title, as they stand.
"""

from typing import Any

from content.markup import references
from content.markup.references import Reference

MEDIA_TYPE = "application/vnd.citationstyles.csl+json"


def to_item(reference: Reference) -> dict[str, Any]:
    """Return a reference as an item of CSL-JSON. Its kind is not known, so it is a document."""
    item: dict[str, Any] = {"id": reference.key, "type": "document", "title": reference.words}
    firsts = {
        "DOI": reference.dois,
        "PMID": reference.pmids,
        "PMCID": reference.pmcids,
        "number": (*reference.nice, *reference.licences, *reference.ema),
        "URL": [url for url in reference.urls if not references.is_identifier(url)],
    }
    item |= {name: found[0] for name, found in firsts.items() if found}
    if reference.nice and "URL" not in item:
        item["URL"] = references.nice_address(reference.nice[0])
    if reference.accessed:
        item["accessed"] = {"date-parts": [[int(part) for part in reference.accessed.split("-")]]}
    return item

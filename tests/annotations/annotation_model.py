"""What the Web Annotation Data Model says MUST hold of what we export, as a JSON Schema.

Written from https://www.w3.org/TR/2017/REC-annotation-model-20170223/; the sections are named beside each rule. Where
the model leaves a choice that the export does not take, the schema holds the choice taken.
"""

IRI = {"type": "string", "pattern": r"^https?://[^\s<>\"{}|\\^`]+$"}
UTC = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"}  # §3.3.1: xsd:dateTime, in UTC as Z
COUNT = {"type": "integer", "minimum": 0}
CONTEXT = {"const": "http://www.w3.org/ns/anno.jsonld"}  # §3.1: one context is given as a string


def resource(kind: str, required: list[str], properties: dict) -> dict:
    """A thing of exactly one type."""
    return {"type": "object", "required": ["type", *required], "properties": {"type": {"const": kind}} | properties}


MOTIVATIONS = [  # §3.3.5
    "assessing", "bookmarking", "classifying", "commenting", "describing", "editing", "highlighting", "identifying",
    "linking", "moderating", "questioning", "replying", "tagging",
]  # fmt: skip
TEXTUAL_BODY = resource(
    "TextualBody",
    ["value"],  # §3.2.4: exactly one value
    {
        "value": {"type": "string"},
        "format": {"type": "string", "pattern": "^[a-z]+/[a-z0-9.+-]+$"},  # §3.2.1: a media type
        "language": {"type": "string", "pattern": "^[a-z]{2,3}(-[A-Z]{2})?$"},  # §3.2.1: BCP 47
        "purpose": {"enum": MOTIVATIONS},
        "textDirection": {"enum": ["ltr", "rtl", "auto"]},  # §3.2.1
    },
)
TEXT_QUOTE_SELECTOR = resource(
    "TextQuoteSelector",
    ["exact"],  # §4.2.4: exactly one exact, at most one prefix and suffix
    {"exact": {"type": "string"}, "prefix": {"type": "string"}, "suffix": {"type": "string"}},
)
SPECIFIC_RESOURCE = resource(
    "SpecificResource",
    ["source"],  # §4: exactly one source
    {"source": IRI, "selector": TEXT_QUOTE_SELECTOR},
)
AGENT = {  # §3.3.2: at most one id
    "type": "object",
    "properties": {"id": IRI, "type": {"enum": ["Person", "Organization", "Software"]}, "name": {"type": "string"}},
}
ANNOTATION = resource(
    "Annotation",
    ["id", "target"],  # §3.1: exactly one id, one target or more
    {
        "@context": False,  # it has the context of what it is embedded in
        "id": IRI,
        "target": SPECIFIC_RESOURCE,
        "body": {"type": "array", "items": TEXTUAL_BODY, "minItems": 1},
        "bodyValue": False,  # §3.2.5: not beside body
        "motivation": {"enum": MOTIVATIONS},
        "creator": AGENT,
        "created": UTC,
        "modified": UTC,
    },
)
ANNOTATION_PAGE = resource(
    "AnnotationPage",
    ["id", "items"],  # §5.2: exactly one id
    {
        "@context": False,  # §5.2: none on an embedded page
        "id": IRI,
        "partOf": IRI,
        "startIndex": COUNT,
        "items": {"type": "array", "items": ANNOTATION, "minItems": 1},  # §5.2: one annotation or more
        "next": False,  # §5.2: it is the last page
    },
)
ANNOTATION_COLLECTION = resource(
    "AnnotationCollection",
    ["@context", "id", "label", "total"],  # §5.1: a context and exactly one id
    {
        "@context": CONTEXT,
        "id": IRI,
        "label": {"type": "string"},
        "total": COUNT,
        "first": ANNOTATION_PAGE,
        "last": IRI,
    },
) | {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "if": {"properties": {"total": {"minimum": 1}}},
    "then": {"required": ["first"]},  # §5.1: with annotations there is exactly one first page
    "else": {"properties": {"first": False}},
}

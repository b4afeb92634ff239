"""Templates as browsers get them: without the space that only those who write templates need."""

import re

from django.template import Origin
from django.template.loaders import filesystem

# A line that is one tag, which writes nothing itself. The line after it begins with a line break of its own.
TAG_ALONE = re.compile(
    r"\n(?=\{% (?:if|elif|else|endif|for|empty|endfor|with|endwith|block|endblock|load)\b[^%\n]*%\}\n)"
)


class Loader(filesystem.Loader):
    """Finds the templates of the site, and takes what is not read out of those for HTML."""

    def get_contents(self, origin: Origin) -> str:
        """Return a template's text as it is compiled."""
        text = super().get_contents(origin)
        return tighten(text) if origin.name.endswith(".html") else text


def tighten(text: str) -> str:
    """Return a template without indentation, empty lines and lines with nothing but a tag. Words stay apart."""
    return TAG_ALONE.sub("", re.sub(r"\n\s+", "\n", text))

"""Reading an answer as a person does."""

import re

from django.http import HttpResponse


def words(response: HttpResponse) -> str:
    """The words of a page as they are read, one space apart."""
    html = re.sub(r"</(dt|dd|p|li|h\d)>", " ", response.content.decode())
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))

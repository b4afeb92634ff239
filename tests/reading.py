"""Reading an answer as a person does."""

import re

from django.http import HttpResponse


def words(response: HttpResponse) -> str:
    """The words of a page as they are read, one space apart."""
    return words_of_html(response.content.decode())


def words_of_html(html: str) -> str:
    """The words of HTML as they are read, one space apart."""
    html = re.sub(r"</(dt|dd|p|li|h\d)>", " ", html)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html))

"""Templates without the space that only those who write them need."""

import pytest
from django.template import engines

from config.templates import tighten


@pytest.mark.parametrize(
    ("written", "compiled"),
    [
        ("<p>\n  <b>A</b>\n\n  B\n</p>\n", "<p>\n<b>A</b>\nB\n</p>\n"),
        ("A\n  {% if a %}\n    B\n  {% endif %}\nC", "A{% if a %}\nB{% endif %}\nC"),
        ("A\n{% if a %}\n  {% for b in a %}\n    B\n  {% endfor %}\n{% endif %}\nC", None),
        ('A\n{% include "b.html" %}\nC', 'A\n{% include "b.html" %}\nC'),
        ("A\n{{ b }}\nC", "A\n{{ b }}\nC"),
        ("A\n{% if a %}B{% endif %}\nC", "A\n{% if a %}B{% endif %}\nC"),
        ("<textarea>\n{{ text }}</textarea>", "<textarea>\n{{ text }}</textarea>"),
    ],
)
def test_a_template_loses_the_space_around_its_tags(written, compiled):
    assert tighten(written) == (compiled or "A{% if a %}{% for b in a %}\nB{% endfor %}{% endif %}\nC")


@pytest.mark.parametrize("a", [[], [1], [1, 2]])
def test_words_stay_apart(a):
    written = "A\n{% if a %}\n  {% for b in a %}\n    B\n  {% endfor %}\n{% else %}\n  D\n{% endif %}\nC"
    django = engines["django"]

    plain, tight = (django.from_string(text).render({"a": a}) for text in (written, tighten(written)))

    assert tight.split() == plain.split()
    assert "  " not in tight


def test_a_page_is_written_without_what_nobody_reads(client, publish):
    html = client.get(publish().page.get_absolute_url()).content.decode()

    assert "\n " not in html.partition("<body>")[2]


def test_an_email_keeps_its_lines():
    texts = engines["django"].get_template("account/email/login_code_message.txt").template.source

    assert "\n\n" in texts

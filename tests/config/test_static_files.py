"""How style sheets and scripts get from `static/` to browsers."""

from pathlib import Path
from urllib.parse import unquote
from xml.etree import ElementTree

import minify
import pytest
from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile
from django.template import Context, Template

from config import static_files
from config.static_files import JOINED, JoinedFilesFinder, MinifiedStorage

STATIC = Path(__file__).parents[2] / "static"
LONG = "/* Why. */\na  {  color : red ; }\n"


@pytest.mark.parametrize("name", JOINED)
def test_a_joined_file_is_its_parts_in_their_order(name, settings, tmp_path):
    settings.VAR = tmp_path

    found = Path(JoinedFilesFinder().find(name))

    assert found.read_text() == "\n".join((STATIC / part).read_text() for part in JOINED[name])


def test_a_joined_file_follows_its_parts(settings, tmp_path, monkeypatch):
    settings.VAR = settings.BASE_DIR = tmp_path
    monkeypatch.setattr(static_files, "JOINED", {"both.css": ("one.css", "two.css")})
    (tmp_path / "static").mkdir()
    (tmp_path / "static/one.css").write_text("one {}")
    (tmp_path / "static/two.css").write_text("two {}")
    finder = JoinedFilesFinder()
    place = Path(finder.find("both.css"))
    before = place.stat().st_mtime_ns

    assert [(name, storage.path(name)) for name, storage in finder.list(None)] == [("both.css", str(place))]
    assert place.stat().st_mtime_ns == before  # as it was: collectstatic copies what is newer
    (tmp_path / "static/two.css").write_text("three {}")
    assert Path(finder.find("both.css")).read_text() == "one {}\nthree {}"


def test_nothing_else_is_found_as_joined():
    assert JoinedFilesFinder().find("css/none.css") == []
    assert finders.find("css/none.css") is None
    assert len(finders.find("js/reader.js", find_all=True)) == 1


@pytest.mark.parametrize(
    ("name", "text", "stored"),
    [
        ("a.css", LONG, "a{color:red}"),
        ("a.js", "// Why.\nlet a  =  `x  ${ b ? `y  ` : 1 }`;\n", "let a=`x  ${b?`y  `:1}`"),
        ("a.min.css", LONG, LONG),
        ("a.txt", LONG, LONG),
    ],
)
def test_what_is_stored_says_only_what_browsers_need(name, text, stored, tmp_path):
    storage = MinifiedStorage(location=tmp_path)

    storage.save(name, ContentFile(text.encode()))

    assert (tmp_path / name).read_text() == stored


def test_a_script_that_no_browser_can_read_stops_the_release(tmp_path):
    with pytest.raises(minify.MinifyError):
        MinifiedStorage(location=tmp_path).save("a.js", ContentFile(b"let a = (;"))


def test_a_small_picture_is_in_the_page_itself():
    address = Template("{% load data_address %}{% data_address 'icon.svg' %}").render(Context())
    head, _, picture = address.partition(",")

    assert head == "data:image/svg+xml"
    assert '"' not in picture
    assert "<" not in picture
    assert ElementTree.fromstring(unquote(picture)).tag == "{http://www.w3.org/2000/svg}svg"

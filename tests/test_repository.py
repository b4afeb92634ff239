"""What holds for the repository as a whole."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FILES = subprocess.run(
    ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    cwd=ROOT, capture_output=True, text=True, check=True,
).stdout.split("\0")[:-1]  # fmt: skip


def python_files(*folders: str) -> list[Path]:
    return [ROOT / name for name in FILES if name.endswith(".py") and name.split("/")[0] in folders]


def test_the_top_level_holds_only_what_has_a_place_there():
    assert {name.split("/")[0] for name in FILES} <= {
        "manage.py", "pyproject.toml", "Makefile", "README.md", "CHANGELOG.md", ".ci", ".gitignore",
        "requirements.txt", "requirements-dev.txt", "config", "content", "annotations", "accounts", "templates",
        "static", "docs", "tests",
    }  # fmt: skip


def test_every_dependency_says_what_it_is_for():
    text = (ROOT / "pyproject.toml").read_text()
    project = tomllib.loads(text)
    named = [*project["project"]["dependencies"], *project["dependency-groups"]["test"]]

    for dependency in [*named, *project["dependency-groups"]["tools"]]:
        assert re.search(rf'"{re.escape(dependency)}",\s+# \w', text), dependency


def test_the_locks_hold_hashes_and_no_index_address():
    for name in ("requirements.txt", "requirements-dev.txt"):
        lock = (ROOT / name).read_text()
        assert "://" not in lock
        assert "index" not in lock
        assert lock.count("==") <= lock.count("--hash=sha256:")


GUIDES = "\n".join((ROOT / name).read_text() for name in FILES if name.endswith(".md") and "library" not in name)


def test_every_variable_that_is_read_is_in_the_readme():
    settings = "".join((ROOT / "config" / name).read_text() for name in ("settings.py", "environment.py"))
    variables = set(re.findall(r'(?:env\.\w+|yes_or_no|whole_number|address)\(\s*"([A-Z_]+)"', settings))

    assert len(variables) > 20
    for variable in variables:
        assert re.search(rf"\b{variable}\b", (ROOT / "README.md").read_text()), variable


def test_every_command_in_the_guides_exists():
    commands = {Path(name).stem for name in FILES if "/management/commands/" in name}
    named = set(re.findall(r"manage\.py ([a-z_]+)", GUIDES))
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert commands - {"__init__"} <= named
    assert named <= commands | {"migrate", "collectstatic"}
    assert set(re.findall(r"`make ([a-z-]+)", GUIDES)) <= targets


def test_every_file_and_heading_that_a_guide_leads_to_is_there():
    for name in FILES:
        if not name.endswith(".md") or "library" in name:
            continue
        for link in re.findall(r"\]\((?!https?:)([^)]*)\)", (ROOT / name).read_text()):
            path, _, heading = link.partition("#")
            target = ROOT / name if not path else (ROOT / name).parent / path
            assert target.exists(), (name, link)
            titles = re.findall(r"^#+ (.*)$", target.read_text(), re.MULTILINE) if heading else []
            slugs = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
            assert not heading or heading in slugs, (name, link)


def test_no_view_reaches_annotations_but_through_their_owner():
    for path in python_files("annotations", "content", "accounts", "config"):
        if path.name in ("models.py", "0001_initial.py") and path.parts[-2] != "content":
            continue
        named = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom | ast.Import):
                named |= {alias.name for alias in node.names}
            elif isinstance(node, ast.Attribute):  # `models.Annotation`
                named.add(node.attr)
        assert "Annotation" not in named, path


def test_wherever_a_page_or_email_says_to_write_the_address_is_in_that_sentence():
    asks = re.compile(r"(?i)\b(?:write to|ask|tell)\b[^.]*?\b(?:us|publisher|CONTACT_EMAIL|the administrator)\b")
    asking = [
        (name, line)
        for name in FILES
        if name.startswith("templates/")
        for line in (ROOT / name).read_text().splitlines()
        if asks.search(line)
    ]

    assert len(asking) >= 10
    for name, line in asking:
        is_page = name.endswith(".html")
        assert ('"mailto:{{ CONTACT_EMAIL }}">{{ CONTACT_EMAIL }}<' if is_page else "{{ CONTACT_EMAIL") in line, name


def test_html_is_marked_safe_only_where_it_is_listed():
    marking = {
        name
        for name in FILES
        if name.endswith(".py") and not name.startswith("tests/") and "mark_safe(" in (ROOT / name).read_text()
    }

    assert marking == {
        "annotations/linking.py", "annotations/panel.py", "content/search/query.py", "content/templatetags/guidance.py",
        "content/templatetags/description.py",  # application/ld+json, without the signs that could end the script
    }  # fmt: skip


def test_safe_stands_only_on_what_the_renderer_made():
    marked = [
        line.strip()
        for name in FILES
        if name.startswith("templates/")
        for line in (ROOT / name).read_text().splitlines()
        if "|safe" in line or "autoescape off" in line
    ]

    assert set(marked) == {
        "{{ version.rendering.html|safe }}",
        "{{ section.html|safe }}",  # a comparison, written from escaped text in content/comparison
        "{% autoescape off %}{% block content %}{% endblock %}",
    }


@pytest.mark.parametrize("name", [name for name in FILES if name.startswith("templates/") and name.endswith(".html")])
def test_no_template_holds_script_or_style(name):
    data = r'<script[^>]* type="application/(?:ld\+)?json"'
    template = re.sub(data, "", (ROOT / name).read_text())

    assert not re.search(r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=", template)

"""Static files are prepared again only when something of them has changed."""

import pytest

from config import prepare


@pytest.fixture
def collected(settings, tmp_path, monkeypatch) -> list[str]:
    """Return the commands that were called."""
    settings.STATIC_ROOT = tmp_path / "root"
    settings.STATIC_ROOT.mkdir()
    settings.STATICFILES_DIRS = [tmp_path / "static"]
    (tmp_path / "static").mkdir()
    (tmp_path / "static" / "a.css").write_text("a {}")
    called: list[str] = []
    monkeypatch.setattr(prepare, "call_command", lambda name, **options: called.append(name))
    return called


def test_once_for_the_same_files(collected):
    prepare.collect_static_files()
    prepare.collect_static_files()

    assert collected == ["collectstatic"]


def test_again_for_another_file_or_another_storage(collected, settings, tmp_path):
    prepare.collect_static_files()
    (tmp_path / "static" / "a.css").write_text("a { color: red }")
    prepare.collect_static_files()
    settings.STORAGES = settings.STORAGES | {"staticfiles": {"BACKEND": "config.static_files.MinifiedStorage"}}
    prepare.collect_static_files()

    assert collected == ["collectstatic"] * 3

"""Style sheets and scripts as browsers get them: some are several files in one, and in production all are minified.

In `static/` each file is about one thing. A page loads few: a round trip costs more than the bytes.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage
from whitenoise.storage import CompressedManifestStaticFilesStorage

JOINED = {
    "css/reader.css": ("css/site.css", "css/more.css", "css/session.css"),
    "js/visitor.js": ("js/site.js", "js/signed_out.js"),
    "js/reader.js": ("js/site.js", "js/annotations.js", "js/forms.js", "js/account_menu.js", "js/session.js"),
}
MINIFIED = {".css": "text/css", ".js": "application/javascript"}


class JoinedFilesFinder(finders.BaseFinder):
    """Finds the files of `JOINED`, each made of its parts when somebody asks for it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(settings.VAR / "joined")

    def check(self, **kwargs: Any) -> list[Any]:
        """Return no errors: that there is each part is a test's work."""
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """Return the path of a joined file, or a list of it if `find_all`; an empty list if there is none."""
        found = [str(self._join(path))] if path in JOINED else []
        return found if find_all or not found else found[0]

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        """Yield each joined file with the storage that it is in, for `collectstatic`."""
        for name in JOINED:
            self._join(name)
            yield name, self.storage

    def _join(self, name: str) -> Path:
        """Write the joined file if it is not yet what its parts say now, and return its path."""
        place = Path(self.storage.path(name))
        text = "\n".join((settings.BASE_DIR / "static" / part).read_text() for part in JOINED[name])
        if not place.exists() or place.read_text() != text:
            place.parent.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile("w", dir=place.parent, delete=False) as new:
                new.write(text)
            Path(new.name).replace(place)  # at once, because another thread may be serving it
        return place


class MinifiedStorage(CompressedManifestStaticFilesStorage):
    """Static files as they are served: minified, named by their content and compressed."""

    def _save(self, name: str, content: File) -> str:
        kind = MINIFIED.get(Path(name).suffix)
        if kind and ".min." not in name:
            import minify  # here alone: it brings a runtime of its own, which a server needs not carry

            content = ContentFile(minify.string(kind, b"".join(content.chunks()).decode()).encode())
        return super()._save(name, content)

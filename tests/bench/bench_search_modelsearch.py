"""modelsearch, measured on the texts of the site's own index: any word, by rank; it has no excerpts.

`measure` runs this file in an environment of its own, because the site does not need modelsearch.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.bench import timing

RELEASE = "1.3.2"


def measure(folder: Path, index: Path, questions: Sequence[str], begun: Sequence[str]) -> tuple[str, dict[str, float]]:
    """Install modelsearch into a folder, and return its release and its figures. Raises `timing.Missing`."""
    import django

    python = folder / "modelsearch" / "bin" / "python"
    packages = (f"modelsearch=={RELEASE}", f"Django=={django.__version__}")
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--timeout", "10", *packages)
    print("Installing modelsearch, to compare with, into a folder that is thrown away.", flush=True)
    try:
        subprocess.run([sys.executable, "-m", "venv", folder / "modelsearch"], check=True, capture_output=True)
        subprocess.run(pip, check=True, capture_output=True)
    except subprocess.CalledProcessError as error:
        raise timing.Missing(
            f"modelsearch is left out, because this fails: pip install {' '.join(packages)}"
        ) from error
    ran = subprocess.run(
        [python, "-m", "tests.bench.bench_search_modelsearch", index, folder / "modelsearch.sqlite3"],
        input=json.dumps([questions, begun]),
        stdout=subprocess.PIPE,
        text=True,
    )
    if ran.returncode:
        raise timing.Missing("modelsearch is left out, because it failed, as said above.")
    return f"modelsearch {RELEASE}", json.loads(ran.stdout)


def _figures(index: Path, database: Path, questions: Sequence[str], begun: Sequence[str]) -> dict[str, float]:
    import django
    from django.conf import settings

    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "modelsearch"],
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": database}},
        DEFAULT_AUTO_FIELD="django.db.models.AutoField",
        MODELSEARCH_BACKENDS={"default": {"BACKEND": "modelsearch.backends.database"}},
    )
    django.setup()
    from django.core.management import call_command
    from django.db import connection, models
    from modelsearch.backends import get_search_backend
    from modelsearch.index import AutocompleteField, Indexed, SearchField
    from modelsearch.query import PlainText

    class Text(Indexed, models.Model):  # noqa: DJ008
        title = models.TextField()
        body = models.TextField()
        search_fields = [SearchField("title", boost=2), SearchField("body"), AutocompleteField("title")]

        class Meta:
            app_label = "modelsearch"  # an app that is there

    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Text)
    Text.objects.bulk_create((Text(*each) for each in timing.texts(index)), batch_size=500)
    backend = get_search_backend()

    def search(question: str) -> list[Any]:
        return list(backend.search(PlainText(question, operator="or"), Text)[: timing.MOST])

    def suggest(typed: str) -> list[Any]:
        return list(backend.autocomplete(typed, Text)[: timing.MOST_SUGGESTIONS])

    return (
        timing.built(lambda: call_command("rebuild_modelsearch_index", verbosity=0))
        | timing.asked("search", search, questions)
        | timing.asked("suggestion", suggest, begun)
    )


if __name__ == "__main__":
    print(json.dumps(_figures(Path(sys.argv[1]), Path(sys.argv[2]), *json.load(sys.stdin))))

"""Prepare the site, in one process: `python -m config.prepare`. Running it again takes a second and loses nothing."""

import os
from hashlib import sha256
from pathlib import Path

import django
from django.conf import settings
from django.core.management import CommandError, call_command


def main() -> None:
    """Migrate, render, import the library, offer demo accounts and prepare the static files."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("render_pages", verbosity=0)
    try:
        call_command("import_pages", str(settings.BASE_DIR / "content" / "library"))
    except CommandError as error:
        print(f"{error} The site continues with what it has.", flush=True)
    call_command("create_demo_accounts", offer=True)
    collect_static_files()


def collect_static_files() -> None:
    """Run `collectstatic`, unless every file is as it was the last time."""
    stamp, state = settings.STATIC_ROOT / "collected.txt", static_state()
    if stamp.exists() and stamp.read_text() == state:
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(state)


def static_state() -> str:
    """Return a word that changes with the static files and with what is made of them."""
    from django.contrib.staticfiles.finders import get_finders

    made_by = [settings.BASE_DIR / "requirements.txt", settings.BASE_DIR / "config" / "static_files.py"]
    files = [storage.path(name) for finder in get_finders() for name, storage in finder.list([])]
    facts = [f"{path} {(at := Path(path).stat()).st_size} {at.st_mtime_ns}" for path in [*made_by, *sorted(files)]]
    return sha256("\n".join(map(str, [settings.STORAGES["staticfiles"], *facts])).encode()).hexdigest()


if __name__ == "__main__":
    main()

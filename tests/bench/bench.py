"""Measure how fast the site's own pages are made, beside the smallest answer this machine can give.

Run by `make bench`. The figures are ratios to `/healthz`, which goes through the same middleware and does nothing, so
they can be compared between machines.
"""

import os
import statistics
import tempfile
import time

import django

PATHS = ["/healthz", "/about/privacy/", "/pages/natalizumab-highly-active-rrms/", "/", "/sign-in"]


def median_ms(path: str, times: int = 200) -> float:
    """The median time in milliseconds to answer `path`, of `times` requests by a new visitor each."""
    from django.test import Client

    client, taken = Client(SERVER_NAME="localhost"), []
    for _ in range(times):
        client.cookies.clear()
        started = time.perf_counter()
        client.get(path)
        taken.append((time.perf_counter() - started) * 1000)
    return statistics.median(taken)


def main() -> None:
    """Make a site in a folder of its own, and print each page's time and its ratio to doing nothing."""
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    call_command("import_pages", "content/library", verbosity=0)
    call_command("collectstatic", "--noinput", verbosity=0)
    least = median_ms(PATHS[0])
    for path in PATHS:
        taken = median_ms(path)
        print(f"{path:<45} {taken:7.2f} ms   {taken / least:5.1f} × doing nothing")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"VAR": folder, "DJANGO_SETTINGS_MODULE": "config.settings"}
        os.environ.pop("DATABASE_URL", None)
        main()

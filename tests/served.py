"""The site as `make run` serves it: the steps of the Makefile, the real server, a database of its own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Served:
    """A site that is being served."""

    url: str
    environment: dict[str, str]

    def manage(self, *command: str) -> str:
        """Run a management command of this site, and return what it says."""
        run = [sys.executable, "manage.py", *command]
        return subprocess.run(
            run, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True
        ).stdout  # fmt: skip


@contextmanager
def serving(var: Path) -> Iterator[Served]:
    """Serve the site from the folder `var` until the block ends."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://localhost:{port}"
    served = Served(url, {"PATH": os.environ["PATH"], "VAR": str(var), "SITE_URL": url})
    for step in ("migrate", "import_pages content/library", "collectstatic --noinput"):
        served.manage(*step.split())
    server = subprocess.Popen(
        [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
         "--workers", "1", "--blocking-threads", "2", "config.wsgi:application"],
        cwd=ROOT, env=served.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while server.poll() is None:  # however long it takes: a busy machine is not a failure
        try:
            urlopen(f"{url}/healthz")
            break
        except OSError:
            time.sleep(0.1)
    yield served
    server.terminate()
    server.wait(10)

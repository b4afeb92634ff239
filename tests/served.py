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
    process: subprocess.Popen[bytes]

    @property
    def port(self) -> int:
        """The port that it listens at."""
        return int(self.url.rpartition(":")[2])

    def manage(self, *command: str) -> str:
        """Run a management command of this site, and return what it says."""
        run = [sys.executable, "manage.py", *command]
        return subprocess.run(
            run, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True
        ).stdout  # fmt: skip


def free_port() -> int:
    """Return a port that nothing listens at."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def start(var: Path, port: int, *options: str) -> Served:
    """Start what `make run` starts, and return at once."""
    url = f"http://localhost:{port}"
    environment = {"PATH": os.environ["PATH"], "VAR": str(var), "SITE_URL": url}
    command = [sys.executable, "-m", "config.serve", "--port", str(port), "--prepare", *options]
    with (var / "said").open("w") as said, (var / "log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=said, stderr=log
        )  # fmt: skip
    return Served(url, environment, process)


@contextmanager
def serving(var: Path, *options: str) -> Iterator[Served]:
    """Serve the site from the folder `var` until the block ends."""
    served = start(var, free_port(), *options)
    while served.process.poll() is None:  # however long it takes: a busy machine is not a failure
        try:
            urlopen(f"{served.url}/healthz")
            break
        except OSError:
            time.sleep(0.1)
    yield served
    served.process.terminate()
    served.process.wait(60)

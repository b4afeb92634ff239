"""Start the server: `python -m config.serve`. It makes processes, replaces one that dies, and ends at a signal.

The site is loaded once, here, and each process is a copy of this one: they share that memory and start at once.
"""

import argparse
import gc
import multiprocessing
import os
import resource
import signal
import socket
import subprocess
import sys
from typing import Any

import django
from django.conf import settings
from django.db import connections
from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import Server

CONNECTIONS = 4000  # that the processes hold together; most only wait
HEAD_TIME = 10  # seconds to send the head of a request, and until an idle connection is closed
STOP_TIME = 15  # seconds that a process has for what it has begun


def main() -> None:
    """Serve until a signal comes. With --prepare, first prepare the site, as `make run` does."""
    parser = argparse.ArgumentParser(description="Serve the site.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (127.0.0.1)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen at (8000)")
    parser.add_argument("--workers", type=int, default=2, help="number of processes (2)")
    parser.add_argument("--prepare", action="store_true", help="first do what `python -m config.prepare` does")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    refuse_used_port(options.host, options.port)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl+C ends the preparation, too: it reaches both
    settings.VAR  # noqa: B018 (reads the settings: a wrong one is told before anything begins)
    preparation = subprocess.Popen([sys.executable, "-m", "config.prepare"]) if options.prepare else None
    try:
        load_views()
        if preparation and preparation.wait():
            sys.exit(preparation.returncode)
    finally:
        if preparation and preparation.poll() is None:
            preparation.terminate()
    refuse_used_port(options.host, options.port)
    serve(options.host, options.port, options.workers)


def refuse_used_port(host: str, port: int) -> None:
    """Exit with a message if another program listens at this port. Granian alone would share it."""
    kind = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            sys.exit(
                f"The site cannot be served at port {port} of {host}: {error.strerror}. "
                f"Stop the program that uses it, or choose another port: make run PORT={port + 1}"
            )


def load_views() -> None:
    """Import what takes long and needs no prepared site: every view, but not the static files."""
    django.setup()
    from django.urls import get_resolver

    get_resolver().url_patterns  # noqa: B018 (imports them)


def load_site() -> Any:
    """Import the prepared site, and return the module of the server."""
    load_views()
    from config import server

    return server


def begin_process() -> Any:
    """Return what a process serves. It obeys signals from its first moment on, until Granian takes them over."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C reaches every process: the first one ends the others
    return load_site().Site()


def serve(host: str, port: int, workers: int) -> None:
    """Serve the loaded site until a signal comes."""
    if sys.platform == "linux":
        multiprocessing.set_start_method("fork")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    load_site()
    connections.close_all()
    gc.collect()
    gc.freeze()  # what is loaded stays, so the processes need not write into its memory
    print(f"Serving {settings.SITE_URL} – stop with Ctrl+C", flush=True)
    Server(
        "config.server:Site",
        address=host,
        port=port,
        interface=Interfaces.RSGI,
        loop=Loops.auto,
        workers=workers,
        http=HTTPModes.http1,
        websockets=False,
        backlog=CONNECTIONS,
        backpressure=CONNECTIONS // workers,
        http1_settings=HTTP1Settings(header_read_timeout=HEAD_TIME * 1000),
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_TIME,
    ).serve(target_loader=begin_process, wrap_loader=False)


if __name__ == "__main__":
    main()

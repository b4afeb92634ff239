"""Finds the Chromium that the journeys drive; run as a script, it installs one where there is none.

The system's Chromium or Chrome; without one, Playwright's download; without that, Debian's package where it may be
installed. Else it says what to install, and fails: no test is skipped in silence.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")


def find() -> str | None:
    """The path of a browser to drive, or None: first `CHROMIUM`, then the system's, then Playwright's own."""
    for name in (os.environ.get("CHROMIUM", ""), *NAMES, str(MAC)):
        if name and (path := shutil.which(name)):
            return path
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install() -> str | None:
    """Try to install a browser; its path, or None when it cannot be had."""
    print("No Chromium found: trying Playwright's download.", flush=True)
    download = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        subprocess.run(download, check=True, timeout=600)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        print("Playwright's download failed.", flush=True)
    if not find() and shutil.which("apt-get") and os.geteuid() == 0:
        print("Trying Debian's package.", flush=True)
        environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(["apt-get", "update", "-q"], env=environment, check=False)
        subprocess.run(["apt-get", "install", "-yq", "chromium"], env=environment, check=False)
    return find()


if __name__ == "__main__":
    if not (find() or install()):
        sys.exit(
            "The journeys need a browser. Install Chromium or Chrome (on Debian: sudo apt install chromium), or set "
            "CHROMIUM to its path, and run make test again."
        )

"""A real OpenID provider, in a process of its own on loopback, for tests to sign in through."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from django.test import Client


class OpenIDProvider:
    """A provider that is running."""

    def __init__(self, process: subprocess.Popen, port: str) -> None:
        self.process = process
        self.url = f"http://127.0.0.1:{port}"
        self.sent: dict[str, str] = {}

    def person(self, sub: str, **claims: Any) -> str:
        """Make or change a person at the provider; gives their `sub`."""
        requests.put(f"{self.url}/users/{sub}", json=claims, timeout=10).raise_for_status()
        return sub

    def bend(self, **how: Any) -> None:
        """Answer otherwise from now on: `token` changes the ID token (None drops it), `replies` whole answers."""
        requests.put(f"{self.url}/bend", json=how, timeout=10).raise_for_status()

    def asked(self, path: str) -> list[tuple[dict[str, str], dict[str, str]]]:
        """The forms and headers sent to `path` since the last bend."""
        asked = requests.get(f"{self.url}/asked", timeout=10).json()
        return [(form, headers) for at, form, headers in asked if at == path]

    def entry(self, id: str = "nhs", name: str = "NHS Care Identity", **more: Any) -> dict[str, Any]:
        """How an administrator describes this provider to the site."""
        return {"id": id, "name": name, "server_url": self.url, "client_id": id, "secret": "not-a-secret"} | more

    def way_back(self, client: Client, sub: str, id: str = "nhs", **form: str) -> str:
        """Go to the provider from the site, sign in as `sub`; gives the address to which the provider sends back."""
        there = client.post(f"/account/oidc/{id}/login/", form)
        assert there.status_code == 302, there.content.decode()
        self.sent = query(there.url)
        answer = requests.post(there.url, data={"sub": sub}, allow_redirects=False, timeout=10)
        back = urlsplit(answer.headers["Location"])
        return f"{back.path}?{back.query}"

    def sign_in(self, client: Client, sub: str, id: str = "nhs", **form: str) -> Any:
        """Sign in through the provider and come back; gives the site's answer."""
        return client.get(self.way_back(client, sub, id, **form))


def query(url: str) -> dict[str, str]:
    """The parameters of an address."""
    return {key: values[0] for key, values in parse_qs(urlsplit(url).query).items()}


@contextmanager
def running() -> Iterator[OpenIDProvider]:
    """Start a provider on a free port; the process ends with the context."""
    script = Path(__file__).with_name("openid_server.py")
    with subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            assert process.stdout
            yield OpenIDProvider(process, process.stdout.readline().strip())
        finally:
            process.terminate()

"""A device that has a passkey, and answers as a browser does."""

import hashlib
import json
import secrets
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from django.test import Client
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import AttestationObject, AttestedCredentialData, AuthenticatorData, CollectedClientData

FLAG = AuthenticatorData.FLAG
SEEN = FLAG.UP | FLAG.UV  # someone touched it, and it knows who: by fingerprint, face or PIN


class Device:
    """One device with one passkey."""

    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(16)
        self.owner = ""  # as the site names the account to the device

    def add_to(self, client: Client) -> None:
        """Add the passkey to the account that is signed in in this browser and has just reauthenticated."""
        options = client.get("/account/2fa/webauthn/add/").context["js_data"]["creation_options"]["publicKey"]
        self.owner = options["user"]["id"]
        public = AttestedCredentialData.create(bytes(16), self.id, ES256.from_cryptography_key(self.key.public_key()))
        data = AuthenticatorData.create(_hash("testserver"), SEEN | FLAG.AT, 0, public)
        said = {"attestationObject": websafe_encode(AttestationObject.create("none", data, {}))}
        answer = self._answer("webauthn.create", options["challenge"], said)
        client.post("/account/2fa/webauthn/add/", {"name": "", "passwordless": "on", "credential": answer})

    def answer(self, options: dict[str, Any]) -> str:
        """What the browser sends for the page's `options`, if the person uses this device."""
        challenge = options["publicKey"]["challenge"]
        data = AuthenticatorData.create(_hash("testserver"), SEEN, 0)
        signature = self.key.sign(data + _hash(_client_data("webauthn.get", challenge)), ec.ECDSA(SHA256()))
        said = {
            "authenticatorData": websafe_encode(data),
            "signature": websafe_encode(signature),
            "userHandle": self.owner,
        }
        return self._answer("webauthn.get", challenge, said)

    def _answer(self, kind: str, challenge: str, said: dict[str, str]) -> str:
        response = said | {"clientDataJSON": websafe_encode(_client_data(kind, challenge))}
        name = websafe_encode(self.id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


def _client_data(kind: str, challenge: str) -> bytes:
    return CollectedClientData.create(kind, challenge, "https://testserver")


def _hash(data: str | bytes) -> bytes:
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).digest()

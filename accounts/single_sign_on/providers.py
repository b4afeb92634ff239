"""The OpenID Connect providers a person may sign in with, read from one variable; a wrong value refuses to start."""

import json
import re
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

VARIABLE = "SIGN_IN_PROVIDERS"
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
TOKEN_AUTH_METHODS = ("client_secret_post", "client_secret_basic")


@dataclass(frozen=True)
class SignInProvider:
    """One provider, as an administrator describes it in the variable."""

    id: str
    name: str
    server_url: str
    client_id: str
    secret: str
    scope: tuple[str, ...] = ("openid", "profile", "email")
    token_auth_method: str = ""
    pkce: bool = True
    trust_email: bool = False
    identity_claim: str = "sub"
    acr_values: str = ""
    required_claims: dict[str, list[Any]] | None = None
    sign_in_origins: tuple[str, ...] = ()

    @property
    def origins(self) -> list[str]:
        """Where the sign-in form may send the browser: the provider's own origin and those named beside it."""
        return list(dict.fromkeys([origin_of(self.server_url), *self.sign_in_origins]))

    @property
    def app(self) -> dict[str, Any]:
        """The provider as allauth's setting takes it."""
        settings: dict[str, Any] = {
            "server_url": self.server_url,
            "scope": list(self.scope),
            "oauth_pkce_enabled": self.pkce,
            "uid_field": self.identity_claim,
            "trust_email": self.trust_email,
            "required_claims": self.required_claims or {},
        }
        if self.token_auth_method:
            settings["token_auth_method"] = self.token_auth_method
        if self.acr_values:
            settings["auth_params"] = {"acr_values": self.acr_values}
        names = {"provider_id": self.id, "name": self.name, "client_id": self.client_id, "secret": self.secret}
        return names | {"settings": settings}


NAMES = [field.name for field in fields(SignInProvider)]
REQUIRED = ("id", "name", "server_url", "client_id", "secret")
TEXTS = (*REQUIRED, "token_auth_method", "identity_claim", "acr_values")
LISTS = ("scope", "sign_in_origins")
LONGEST = {"id": 50, "name": 40, "client_id": 191, "secret": 191}


def read_providers(text: str, *, https_only: bool) -> list[SignInProvider]:
    """The providers in `text`, a JSON list of objects; an empty text is none.

    Raises ImproperlyConfigured, naming the variable, the provider and what to set, but never a secret.
    """
    if not text.strip():
        return []
    try:
        entries = json.loads(text)
    except ValueError as error:
        raise ImproperlyConfigured(f"{VARIABLE} is not JSON ({error}). Set it to a list of providers.") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ImproperlyConfigured(f"{VARIABLE} must be a JSON list of objects, one for each provider.")
    providers = [_read_provider(number, entry, https_only) for number, entry in enumerate(entries, start=1)]
    for name in ("id", "name", "client_id"):  # allauth finds a sign-up in progress by its client's id
        values = [getattr(provider, name) for provider in providers]
        for provider in providers:
            _refuse_if(values.count(getattr(provider, name)) > 1, provider.id, f"Give each provider its own {name}.")
    return providers


def social_account_providers(providers: list[SignInProvider]) -> dict[str, Any]:
    """What allauth's setting SOCIALACCOUNT_PROVIDERS takes."""
    return {"openid_connect": {"APPS": [provider.app for provider in providers]}}


def origin_of(url: str) -> str:
    """The scheme and host of an address, as a content policy names them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _read_provider(number: int, entry: dict[str, Any], https_only: bool) -> SignInProvider:
    who = str(entry.get("id") or f"number {number}")
    unknown = sorted(set(entry) - set(NAMES))
    _refuse_if(bool(unknown), who, f"Remove or correct {', '.join(unknown)}. It may have: {', '.join(NAMES)}.")
    for name in REQUIRED:
        _refuse_if(not entry.get(name), who, f"Set {name}.")
    for name in set(TEXTS) & set(entry):
        value, longest = entry[name], LONGEST.get(name, 500)
        right = isinstance(value, str) and value == value.strip() and len(value) <= longest
        _refuse_if(not right, who, f"Set {name} to a text of at most {longest} characters, without spaces around it.")
    for name in {"pkce", "trust_email"} & set(entry):
        _refuse_if(not isinstance(entry[name], bool), who, f"Set {name} to true or false.")
    for name in set(LISTS) & set(entry):
        right = isinstance(entry[name], list) and all(item and isinstance(item, str) for item in entry[name])
        _refuse_if(not right, who, f'Set {name} to a list of texts, like ["one", "two"].')
    claims = entry.get("required_claims", {})
    right = isinstance(claims, dict) and all(allowed and isinstance(allowed, list) for allowed in claims.values())
    _refuse_if(not right, who, 'Set required_claims to the values each claim may have, like {"acr": ["one", "two"]}.')

    described: dict[str, Any] = {name: tuple(value) if name in LISTS else value for name, value in entry.items()}
    provider = SignInProvider(**described | {"server_url": entry["server_url"].rstrip("/")})
    _refuse_if(
        not ID.fullmatch(provider.id),
        who,
        "Set id to small letters, digits and hyphens, like nhs-care-identity: it is part of the redirect address.",
    )
    _check_address(provider.server_url, https_only, who)
    for origin in provider.sign_in_origins:
        _refuse_if(origin != origin_of(origin), who, f"Set {origin!r} in sign_in_origins without a path.")
        _check_address(origin, https_only, who)
    _refuse_if("openid" not in provider.scope, who, 'Put "openid" into scope: without it nobody is identified.')
    _refuse_if(
        provider.token_auth_method not in ("", *TOKEN_AUTH_METHODS),
        who,
        f"Set token_auth_method to {' or '.join(TOKEN_AUTH_METHODS)}, or leave it out.",
    )
    return provider


def _check_address(url: str, https_only: bool, who: str) -> None:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    _refuse_if(
        not host or parts.scheme not in ("https", "http") or bool(re.search(r"[\s;,'\"@?#*]", url)) or port == 0,
        who,
        f"Set {url!r} to an address like https://identity.example.nhs.uk, without a query.",
    )
    _refuse_if(https_only and parts.scheme != "https", who, f"Set {url!r} to an address that begins with https://.")


def _refuse_if(wrong: bool, provider: str, remedy: str) -> None:
    if wrong:
        raise ImproperlyConfigured(f"{VARIABLE}, provider {provider}: {remedy}")

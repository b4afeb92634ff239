"""The OpenID Connect providers of single sign-on, read from one variable. A wrong value stops the site starting."""

import json
import re
from collections.abc import Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Annotated, Any, NamedTuple, get_type_hints
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

VARIABLE = "SIGN_IN_PROVIDERS"


class Rule(NamedTuple):
    """What a key can be: its type, the pattern of a text or of each text in a list, and in words what to set it to."""

    kind: type
    pattern: str
    words: str

    def allows(self, value: Any) -> bool:
        """Return whether the key can have this value."""
        if not isinstance(value, self.kind):
            return False
        if isinstance(value, dict):
            return all(each and isinstance(each, list) for each in value.values())
        texts = value if isinstance(value, list) else [value] if isinstance(value, str) else []
        return all(isinstance(each, str) and re.fullmatch(self.pattern, each, re.DOTALL) for each in texts)


def text_up_to(most: int, may_be_empty: bool = False) -> Rule:
    """Return the rule for a text of at most `most` characters, without spaces around it."""
    pattern = rf"(\S(.{{,{most - 2}}}\S)?)" + ("?" if may_be_empty else "")
    return Rule(str, pattern, f"a text of at most {most} characters, without spaces around it")


PART = r"[^\s;,'\"@?#*/]"  # a character of an address; none has another meaning in a content security policy
ID = Rule(str, r"(?=.{,50}$)[a-z0-9]+(-[a-z0-9]+)*", "small letters, digits and hyphens, at most 50, like nhs-care")
ADDRESS = Rule(str, f"({PART}|/){{,500}}", "an address like https://identity.example.nhs.uk, without a query")
ORIGINS = Rule(list, f"https?://{PART}+", 'a list of addresses without a path, like ["https://login.example"]')
SCOPE = Rule(list, ".+", 'a list of texts, like ["openid", "email"]')
METHOD = Rule(str, "(client_secret_(post|basic))?", "client_secret_post or client_secret_basic, or leave it out")
CLAIMS = Rule(dict, "", 'the values that each claim may have, like {"acr": ["one", "two"]}')
YES_OR_NO = Rule(bool, "", "true or false")


@dataclass(frozen=True)
class SignInProvider:
    """One provider. Each field is a key in the variable, with its rule and, unless it is required, its default."""

    id: Annotated[str, ID]
    name: Annotated[str, text_up_to(40)]
    server_url: Annotated[str, ADDRESS]
    client_id: Annotated[str, text_up_to(191)]
    secret: Annotated[str, text_up_to(191)]
    scope: Annotated[Sequence[str], SCOPE] = ("openid", "profile", "email")
    token_auth_method: Annotated[str, METHOD] = ""
    pkce: Annotated[bool, YES_OR_NO] = True
    trust_email: Annotated[bool, YES_OR_NO] = False
    identity_claim: Annotated[str, text_up_to(500)] = "sub"
    acr_values: Annotated[str, text_up_to(500, may_be_empty=True)] = ""
    required_claims: Annotated[dict[str, list[Any]] | None, CLAIMS] = None
    sign_in_origins: Annotated[Sequence[str], ORIGINS] = ()

    @property
    def origins(self) -> list[str]:
        """The origins that the sign-in form can lead the browser to: the provider's and those in `sign_in_origins`."""
        return list(dict.fromkeys([origin_of(self.server_url), *self.sign_in_origins]))

    @property
    def app(self) -> dict[str, Any]:
        """The provider in the form of allauth's setting."""
        settings = {
            "server_url": self.server_url.rstrip("/"),
            "scope": list(self.scope),
            "token_auth_method": self.token_auth_method,
            "oauth_pkce_enabled": self.pkce,
            "trust_email": self.trust_email,
            "uid_field": self.identity_claim,
            "auth_params": {"acr_values": self.acr_values} if self.acr_values else {},
            "required_claims": self.required_claims or {},
        }
        names = {"provider_id": self.id, "name": self.name, "client_id": self.client_id, "secret": self.secret}
        return names | {"settings": settings}


RULES: dict[str, Rule] = {
    key: hint.__metadata__[0] for key, hint in get_type_hints(SignInProvider, include_extras=True).items()
}
REQUIRED = [field.name for field in fields(SignInProvider) if field.default is MISSING]


def read_providers(text: str, *, https_only: bool) -> list[SignInProvider]:
    """Return the providers in `text`, a JSON list of objects; an empty text means none.

    With `https_only`, their addresses must use HTTPS. Raises `ImproperlyConfigured`, which names the variable, the
    provider and what to set, but never a secret.
    """
    if not text.strip():
        return []
    try:
        entries = json.loads(text)
    except ValueError as error:
        raise ImproperlyConfigured(f"{VARIABLE} is not JSON ({error}). Set it to a list of providers.") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ImproperlyConfigured(f"{VARIABLE} must be a JSON list of objects, one for each provider.")
    for number, entry in enumerate(entries, start=1):
        if remedy := _find_remedy(entry, entries, https_only):
            raise ImproperlyConfigured(f"{VARIABLE}, provider {entry.get('id') or f'number {number}'}: {remedy}")
    return [SignInProvider(**entry) for entry in entries]


def social_account_providers(providers: list[SignInProvider]) -> dict[str, Any]:
    """Return the value of allauth's setting SOCIALACCOUNT_PROVIDERS."""
    return {"openid_connect": {"APPS": [provider.app for provider in providers]}}


def origin_of(url: str) -> str:
    """Return the scheme and host of `url`, as a content security policy names them; empty if no server can be there."""
    try:
        parts = urlsplit(url)
        return f"{parts.scheme}://{parts.netloc}" if parts.hostname and parts.port != 0 else ""
    except ValueError:
        return ""


def _find_remedy(entry: dict[str, Any], entries: list[dict[str, Any]], https_only: bool) -> str:
    """Return what to set first so that `entry` is valid among the `entries`; empty if it is."""
    if unknown := sorted(set(entry) - set(RULES)):
        return f"Remove or correct {', '.join(unknown)}. It may have: {', '.join(RULES)}."
    for key, rule in RULES.items():
        if (key in entry or key in REQUIRED) and not rule.allows(entry.get(key)):
            return f"Set {key} to {rule.words}."
    for url in (entry["server_url"], *entry.get("sign_in_origins", ())):
        if not origin_of(url).startswith("https://" if https_only else ("https://", "http://")):
            return f"Set {url!r} to an address that begins with https://, like https://identity.example.nhs.uk."
    if "openid" not in entry.get("scope", ["openid"]):
        return 'Put "openid" into scope: without it nobody is identified.'
    for key in ("id", "name", "client_id"):  # allauth finds a sign-up in progress by its client id
        if [other.get(key) for other in entries].count(entry[key]) > 1:
            return f"Give each provider its own {key}."
    return ""

import json
import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from accounts.single_sign_on.providers import read_providers, social_account_providers

DOCS = Path(__file__).parents[3] / "docs" / "accounts.md"
NHS = {
    "id": "nhs",
    "name": "NHS Care Identity",
    "server_url": "https://identity.example.nhs.uk/oidc",
    "client_id": "site",
    "secret": "a-secret",
}


def read(*entries: dict, https_only: bool = True):
    return read_providers(json.dumps(entries), https_only=https_only)


@pytest.mark.parametrize("text", ["", " ", "\n", "[]"])
def test_nothing_set_is_no_provider(text):
    assert read_providers(text, https_only=True) == []


def test_a_provider_reaches_allauth_as_it_is_described():
    described = NHS | {
        "server_url": "https://identity.example.nhs.uk/oidc/",
        "scope": ["openid", "profile"],
        "token_auth_method": "client_secret_basic",
        "acr_values": "AAL3",
        "required_claims": {"acr": ["AAL3"]},
        "identity_claim": "uid",
        "trust_email": True,
    }

    [app] = social_account_providers(read(described))["openid_connect"]["APPS"]

    assert app == {
        "provider_id": "nhs",
        "name": "NHS Care Identity",
        "client_id": "site",
        "secret": "a-secret",
        "settings": {
            "server_url": "https://identity.example.nhs.uk/oidc",
            "scope": ["openid", "profile"],
            "token_auth_method": "client_secret_basic",
            "auth_params": {"acr_values": "AAL3"},
            "required_claims": {"acr": ["AAL3"]},
            "uid_field": "uid",
            "oauth_pkce_enabled": True,
            "trust_email": True,
        },
    }


def test_unless_somebody_says_otherwise_a_provider_is_trusted_little_and_pkce_is_on():
    [provider] = read(NHS)

    assert (provider.pkce, provider.trust_email, provider.identity_claim) == (True, False, "sub")
    assert provider.scope == ("openid", "profile", "email")


def test_an_empty_level_or_method_is_as_if_left_out():
    assert read(NHS | {"acr_values": "", "token_auth_method": ""}) == read(NHS)


@pytest.mark.parametrize(
    ("more", "origins"),
    [
        ({}, ["https://identity.example.nhs.uk"]),
        ({"server_url": "https://id.example:8443/x/.well-known/openid-configuration"}, ["https://id.example:8443"]),
        (
            {"sign_in_origins": ["https://login.example", "https://identity.example.nhs.uk"]},
            ["https://identity.example.nhs.uk", "https://login.example"],
        ),
    ],
)
def test_the_form_may_send_the_browser_to_the_provider_and_where_else_the_setting_says(more, origins):
    [provider] = read(NHS | more)

    assert provider.origins == origins


@pytest.mark.parametrize("missing", ["id", "name", "server_url", "client_id", "secret"])
def test_what_is_missing_is_named(missing):
    with pytest.raises(ImproperlyConfigured, match=f"^SIGN_IN_PROVIDERS, provider .*: Set {missing}."):
        read({key: value for key, value in NHS.items() if key != missing})


@pytest.mark.parametrize(
    ("change", "remedy"),
    [
        ({"id": "NHS"}, "Set id to small letters"),
        ({"id": "n/hs"}, "Set id to small letters"),
        ({"id": "openid_connect"}, "Set id to small letters"),
        ({"id": "-nhs"}, "Set id to small letters"),
        ({"id": 7}, "Set id to small letters"),
        ({"id": "x" * 51}, "Set id to small letters, digits and hyphens, at most 50"),
        ({"name": "x" * 41}, "Set name to a text of at most 40"),
        ({"name": ["NHS"]}, "Set name to a text"),
        ({"secret": "a-secret\n"}, "Set secret to a text"),
        ({"server_url": "http://identity.example.nhs.uk"}, "begins with https://"),
        ({"server_url": "identity.example.nhs.uk"}, "Set 'identity.example.nhs.uk' to an address"),
        ({"server_url": "https://"}, "to an address"),
        ({"server_url": "https://[::1"}, "to an address"),
        ({"server_url": "https://identity.example.nhs.uk:many"}, "to an address"),
        ({"server_url": "https://identity.example.nhs.uk:0"}, "to an address"),
        ({"server_url": "https://identity.example.nhs.uk/" + "x" * 480}, "Set server_url to an address"),
        ({"server_url": "https://identity.example.nhs.uk?x=1"}, "without a query"),
        ({"server_url": "https://user:word@identity.example.nhs.uk"}, "to an address"),
        ({"server_url": "https://evil.example; script-src *"}, "to an address"),
        ({"sign_in_origins": ["https://login.example/path"]}, "without a path"),
        ({"sign_in_origins": ["http://login.example"]}, "begins with https://"),
        ({"sign_in_origins": ["https://login.example;"]}, "Set sign_in_origins to a list of addresses"),
        ({"sign_in_origins": ["https://[::1"]}, "to an address"),
        ({"sign_in_origins": ["*"]}, "without a path"),
        ({"sign_in_origins": "https://login.example"}, "Set sign_in_origins to a list"),
        ({"scope": "openid profile"}, "Set scope to a list"),
        ({"scope": ["openid", ""]}, "Set scope to a list"),
        ({"scope": ["openid", 7]}, "Set scope to a list"),
        ({"scope": ["profile"]}, 'Put "openid" into scope'),
        ({"token_auth_method": "private_key_jwt"}, "Set token_auth_method to client_secret_post or"),
        ({"identity_claim": ""}, "Set identity_claim to a text"),
        ({"pkce": "yes"}, "Set pkce to true or false"),
        ({"trust_email": "false"}, "Set trust_email to true or false"),
        ({"required_claims": ["acr"]}, "Set required_claims to the values"),
        ({"required_claims": {"acr": []}}, "Set required_claims to the values"),
        ({"required_claims": {"acr": "AAL3"}}, "Set required_claims to the values"),
        ({"required_claims": None}, "Set required_claims to the values"),
        ({"trust_emails": True}, "Remove or correct trust_emails"),
    ],
    ids=str,
)
def test_a_wrong_value_is_refused_and_the_message_says_what_to_set(change, remedy):
    with pytest.raises(ImproperlyConfigured) as refusal:
        read(NHS | change)

    assert str(refusal.value).startswith("SIGN_IN_PROVIDERS, provider ")
    assert remedy in str(refusal.value)
    assert "a-secret" not in str(refusal.value)


@pytest.mark.parametrize("text", ["nhs", "{", "7", '"nhs"', "{}", "[7]", '["nhs"]', "null"])
def test_what_is_not_a_list_of_providers_is_refused(text):
    with pytest.raises(ImproperlyConfigured, match=r"^SIGN_IN_PROVIDERS "):
        read_providers(text, https_only=True)


def test_a_text_that_is_not_json_is_not_repeated():
    with pytest.raises(ImproperlyConfigured) as refusal:
        read_providers('[{"secret": "a-secret" oops}]', https_only=True)

    assert "a-secret" not in str(refusal.value)


@pytest.mark.parametrize("same", ["id", "name", "client_id"])
def test_two_providers_are_two(same):
    other = NHS | {"id": "trust", "name": "Our Trust", "client_id": "other"}

    with pytest.raises(ImproperlyConfigured, match=f"Give each provider its own {same}"):
        read(NHS, other | {same: NHS[same]})

    assert [provider.id for provider in read(NHS, other)] == ["nhs", "trust"]


def test_outside_production_a_provider_may_be_on_this_machine():
    [provider] = read(NHS | {"server_url": "http://127.0.0.1:9400"}, https_only=False)

    assert provider.origins == ["http://127.0.0.1:9400"]


def test_every_example_in_the_guide_is_accepted():
    examples = re.findall(r"```json\n(.*?)```", DOCS.read_text(), re.DOTALL)

    assert len(examples) >= 4
    for example in examples:
        assert read_providers(example, https_only=True)

"""What the site relies on that allauth and Django do not promise: each is there, or the failure names the page.

After an upgrade of allauth or Django this is the file to run first.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from pkgutil import resolve_name

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client

from accounts import allauth_private

ROOT = Path(__file__).parents[2]
OURS = {"accounts", "content", "annotations", "config", "tests"}
CODES = "accounts.sign_in.emailed_codes"
# Our class, the private method or attribute of its base that it overrides, and the page that would break.
OVERRIDDEN = [
    ("accounts.sign_in.adapter.AccountAdapter", "_get_login_attempts_cache_key", "/sign-in: the limit of guesses"),
    (f"{CODES}.SignIn", "_redirect_to_pending_stage", "/sign-in: beginning again while a code waits"),
    (f"{CODES}.AskForSignInCode", "_redirect_to_pending_stage", "/account/login/code/: beginning again"),
    (f"{CODES}.SignInCode", "_resend_form_valid", "/account/login/code/confirm/: another code"),
    (f"{CODES}.SignInCode", "_verify_form_valid", "/account/login/code/confirm/: who confirms an address first"),
    (f"{CODES}.EmailCode", "_resend_form_valid", "/account/confirm-email/: another code"),
    (f"{CODES}.PasswordResetCode", "form_valid", "/account/password/reset/confirm/: the right code"),
    (f"{CODES}.ReauthenticationCode", "_action", "/account/reauthenticate/code/confirm/: another code"),
    ("content.editing.drafts.DraftAdmin", "_get_obj_does_not_exist_redirect", "/admin/content/draft/: a draft gone"),
]
# Not private, but in no documentation either: what would break where they go.
UNDOCUMENTED = [
    ("allauth.account.stages.LoginStage.handle", "/sign-in: keeping the page that was wanted"),
    ("allauth.account.adapter.DefaultAccountAdapter.get_login_stages", "/sign-in: the order of its steps"),
    ("allauth.account.adapter.DefaultAccountAdapter.is_reauthentication_required", "/account/reauthenticate/"),
    ("allauth.account.app_settings.REAUTHENTICATION_TIMEOUT", "/account/reauthenticate/"),
    ("allauth.account.forms.SignupForm.try_save", "/sign-up: two people with one address"),
    ("allauth.account.forms.SignupForm.validate_unique_email", "/sign-up: two people with one address"),
    ("allauth.account.views.RequestReauthenticationCodeView", "/account/reauthenticate/code/"),
    ("allauth.account.views.ConfirmReauthenticationCodeView", "/account/reauthenticate/code/confirm/"),
    ("allauth.account.models.EmailAddress.objects.get_verified", "/account/reauthenticate/code/confirm/"),
    ("allauth.account.models.EmailAddress.objects.get_primary_email", "/admin/accounts/user/: second factors"),
    ("allauth.socialaccount.forms.SignupForm.try_save", "/account/3rdparty/signup/"),
    ("allauth.usersessions.models.UserSession.objects.purge_and_list", "/account/"),
    ("allauth.usersessions.models.UserSession.end", "/account/sessions/: signing a device out"),
]


@pytest.mark.parametrize(("name", "page"), allauth_private.TAKEN.items())
def test_every_name_that_is_taken_is_there(name, page):
    try:
        resolve_name(name)
    except (ImportError, AttributeError):
        pytest.fail(f"{name} is gone: {page} depends on it")


def test_where_a_name_is_gone_the_site_says_which_page_depends_on_it():
    with pytest.raises(ImproperlyConfigured, match=r"has no allauth\.account\.gone, on which /sign-in depends"):
        allauth_private._take("allauth.account.gone", "/sign-in")
    allauth_private.TAKEN.pop("allauth.account.gone")


@pytest.mark.parametrize(("ours", "name", "page"), OVERRIDDEN)
def test_every_method_that_is_overridden_is_on_its_base(ours, name, page):
    kinds = resolve_name(ours).__mro__
    assert any(name in vars(kind) for kind in kinds if kind.__module__.split(".")[0] in OURS), f"{ours} has no {name}"
    bases = [kind for kind in kinds if kind.__module__.split(".")[0] in ("allauth", "django")]

    assert any(name in vars(kind) for kind in bases), f"no base of {ours} has {name}: {page} depends on it"


@pytest.mark.parametrize(("name", "page"), UNDOCUMENTED)
def test_what_no_documentation_promises_is_there(name, page):
    try:
        resolve_name(name)
    except (ImportError, AttributeError):
        pytest.fail(f"{name} is gone: {page} depends on it")


@pytest.mark.parametrize(
    ("path", "form", "page", "keys"),
    [
        ("/account/login/code/", {"email": "reader@clinic.example"}, "/account/login/code/confirm/", {"code"}),
        ("/account/login/code/", {"email": "nobody@x.example"}, "/account/login/code/confirm/", {"initiated_by_user"}),
        ("/account/password/reset/", {"email": "reader@clinic.example"}, "/account/password/reset/confirm/", {"code"}),
    ],
)
def test_what_allauth_keeps_of_a_code_has_the_names_that_we_read(person, path, form, page, keys):
    person("reader")
    client = Client()
    client.post(path, form)

    process = getattr(client.get(page).context["view"], "_process", None)

    assert process is not None, f"the view has no _process: {page} depends on it"
    for name in ("user", "state", "abort", "record_invalid_attempt"):
        assert hasattr(process, name), f"a code's process has no {name}: {page} depends on it"
    assert {"email", "at", *keys} <= process.state.keys(), f"a code's state lacks a name that {page} reads"


def private_imports(path: Path) -> Iterator[str]:
    """What a file imports that its package keeps private: `internal`, or a leading underscore."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
        for name in names:
            parts = f"{module}.{name}".strip(".").split(".")
            foreign = not getattr(node, "level", 0) and parts[0] not in OURS and parts[0] != "__future__"
            if foreign and any(part == "internal" or part.startswith("_") for part in parts):
                yield ".".join(parts)


def test_no_other_file_imports_what_its_package_keeps_private():
    files = [path for folder in sorted(OURS) for path in (ROOT / folder).rglob("*.py")]

    found = {str(path.relative_to(ROOT)): [*private_imports(path)] for path in files}

    assert len(files) > 150
    assert {name: imports for name, imports in found.items() if imports} == {}

"""What the site relies on that allauth and Django do not promise: each is there, or the failure names the page.

After an upgrade of allauth or Django this is the file to run first.
"""

import ast
from collections.abc import Iterator
from pathlib import Path
from pkgutil import resolve_name

import pytest
from django.contrib import messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.test import Client

from accounts import allauth_private
from tests.accounts.steps import SIGN_UP

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
    ("allauth.account.stages.LoginStage.is_resumable", "/sign-in: the way back to a code"),
    ("allauth.account.adapter.DefaultAccountAdapter.get_login_stages", "/sign-in: the order of its steps"),
    ("allauth.account.adapter.DefaultAccountAdapter.is_reauthentication_required", "/account/reauthenticate/"),
    ("allauth.account.app_settings.REAUTHENTICATION_TIMEOUT", "/account/reauthenticate/"),
    ("allauth.account.forms.SignupForm.try_save", "/sign-up: two people with one address"),
    ("allauth.account.forms.SignupForm.validate_unique_email", "/sign-up: two people with one address"),
    ("allauth.account.views.RequestReauthenticationCodeView", "/account/reauthenticate/code/"),
    ("allauth.account.views.ConfirmReauthenticationCodeView", "/account/reauthenticate/code/confirm/"),
    ("allauth.account.models.EmailAddress.objects.get_verified", "/account/reauthenticate/code/confirm/"),
    ("allauth.account.models.EmailAddress.objects.get_primary_email", "/admin/accounts/user/: second factors"),
    ("allauth.core.ratelimit.consume", "/account/login/code/confirm/: the limit of tries"),
    ("allauth.core.ratelimit.consume_or_429", "/account/reauthenticate/code/: the limit of codes"),
    ("allauth.mfa.totp.internal.auth.TOTP.activate", "manage.py create_demo_accounts"),
    ("allauth.mfa.totp.internal.auth.format_hotp_value", "manage.py create_demo_accounts"),
    ("allauth.mfa.totp.internal.auth.generate_totp_secret", "manage.py create_demo_accounts"),
    ("allauth.mfa.totp.internal.auth.hotp_value", "manage.py create_demo_accounts"),
    ("allauth.socialaccount.forms.SignupForm.try_save", "/account/3rdparty/signup/"),
    ("allauth.usersessions.models.UserSession.objects.purge_and_list", "/account/"),
    ("allauth.usersessions.models.UserSession.end", "/account/sessions/: signing a device out"),
]


def test_where_a_name_is_gone_the_site_says_which_page_depends_on_it():
    said = r"^/sign-in depends on a name that .+: cannot import name 'gone' from 'allauth\.account'"

    with pytest.raises(ImproperlyConfigured, match=said), allauth_private.needed_for("/sign-in"):
        from allauth.account import gone  # noqa: F401


def test_every_private_name_says_which_page_depends_on_it():
    module = ast.parse(Path(allauth_private.__file__).read_text())
    blocks = [each for each in module.body if isinstance(each, ast.With)]
    others = [each for each in module.body if each not in blocks]

    assert all(ast.unparse(each.items[0].context_expr).startswith("needed_for(") for each in blocks)
    assert [*private_imports(ast.Module(others))] == []
    assert [*private_imports(ast.Module(blocks))] != []


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


KNOWN, UNKNOWN = {"email": "reader@clinic.example"}, {"email": "nobody@clinic.example"}


@pytest.mark.parametrize(
    ("path", "form", "page", "keys"),
    [
        ("/account/login/code/", KNOWN, "/account/login/code/confirm/", {"user_id", "initiated_by_user"}),
        ("/account/login/code/", UNKNOWN, "/account/login/code/confirm/", {"initiated_by_user"}),
        ("/account/password/reset/", KNOWN, "/account/password/reset/confirm/", {"user_id"}),
        ("/account/password/reset/", UNKNOWN, "/account/password/reset/confirm/", set()),
        ("/sign-up", SIGN_UP, "/account/confirm-email/", {"user_id"}),
        ("/sign-up", SIGN_UP | KNOWN, "/account/confirm-email/", set()),
    ],
)
def test_what_allauth_keeps_of_a_code_has_the_names_that_we_read(person, path, form, page, keys):
    person("reader")
    client = Client()
    client.post(path, form)

    try:
        process = client.get(page).context["view"]._process
        parts = {name: getattr(process, name) for name in ("user", "state", "abort", "record_invalid_attempt")}
    except (AttributeError, TypeError) as error:
        pytest.fail(f"{page} depends on a name that is gone: {error}")

    assert {"email", "at", *keys} <= parts["state"].keys(), f"a code's state lacks a name that {page} reads"
    assert ("user_id" in parts["state"]) is bool(parts["user"]), f"{page} takes a code without user_id for nobody's"


def test_what_django_keeps_of_messages_has_the_names_that_we_set(rf):
    before, answer = CookieStorage(rf.get("/")), HttpResponse()
    before.add(messages.INFO, "Unread.")
    before.update(answer)
    request = rf.post("/sign-out")
    request.COOKIES["messages"] = answer.cookies["messages"].value
    request._messages = CookieStorage(request)
    request._messages.add(messages.INFO, "You have signed out.")

    try:
        allauth_private.drop_unread_messages(request)
    except AttributeError as error:
        pytest.fail(f"/sign-out depends on a name that is gone: {error}")

    assert [str(each) for each in request._messages] == ["You have signed out."], "/sign-out leaves what was not read"


def private_imports(module: ast.Module) -> Iterator[str]:
    """What a module imports that its package keeps private: `internal`, or a leading underscore."""
    for node in ast.walk(module):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        origin = node.module or "" if isinstance(node, ast.ImportFrom) else ""
        for name in names:
            parts = f"{origin}.{name}".strip(".").split(".")
            foreign = not getattr(node, "level", 0) and parts[0] not in OURS and parts[0] != "__future__"
            if foreign and any(part == "internal" or part.startswith("_") for part in parts):
                yield ".".join(parts)


def test_no_other_file_imports_what_its_package_keeps_private():
    files = [path for folder in sorted(OURS) for path in (ROOT / folder).rglob("*.py")]

    found = {str(path.relative_to(ROOT)): [*private_imports(ast.parse(path.read_text()))] for path in files}

    assert len(files) > 150
    assert [name for name, imports in found.items() if imports] == ["accounts/allauth_private.py"]

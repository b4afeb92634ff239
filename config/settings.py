"""Every setting of the site, read from the environment. The defaults are for `make run`.

The site is in production if `SITE_URL` is not on loopback. Then an unsafe value stops it from starting, with a message
that names the variable and what to set.
"""

import re
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from accounts.single_sign_on.providers import read_providers, social_account_providers
from config.environment import (
    address,
    env,
    is_loopback,
    local_secret_key,
    require,
    trusted_proxies,
    whole_number,
    yes_or_no,
)

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(env.str("VAR", default=str(BASE_DIR / "var"))).resolve()


# The site's address

SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")
_site = urlsplit(SITE_URL)
if _site.scheme not in ("http", "https") or not _site.hostname or _site.path:
    raise ImproperlyConfigured(
        f"SITE_URL is {SITE_URL!r}. Set it to the site's address without a path, like https://guidance.example.nhs.uk"
    )
PRODUCTION = not is_loopback(_site.hostname)
SECURE = _site.scheme == "https"
DEBUG = yes_or_no("DEBUG", default=False)
ALLOWED_HOSTS = [_site.hostname] if PRODUCTION else ["localhost", "127.0.0.1", "[::1]", _site.hostname]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SECRET_KEY = env.str("SECRET_KEY", default="") or ("" if PRODUCTION else local_secret_key(VAR))
SECRET_KEY_FALLBACKS = [key.strip() for key in env.list("SECRET_KEY_FALLBACKS", default=[]) if key.strip()]

# What the site says about itself

SITE_NAME = env.str("SITE_NAME", default="Clinical reference")
NO_PUBLISHER = "the publisher of this site (name not yet set)"
PUBLISHER = env.str("PUBLISHER", default=NO_PUBLISHER)
COPYRIGHT = env.str("COPYRIGHT", default=f"Copyright {PUBLISHER}.")
RIGHTS_STATEMENT = env.str(
    "RIGHTS_STATEMENT",
    default="All rights reserved. You may read, save, print and link to these pages for your own professional use. "
    "Any other copying or distribution needs the publisher's permission.",
)
FUNDING_STATEMENT = env.str("FUNDING_STATEMENT", default="The publisher has not yet stated how this site is funded.")
NO_AUTHORING_TEAM = "No authors have been credited for this page yet."
AUTHORING_TEAM = env.str("AUTHORING_TEAM", default=NO_AUTHORING_TEAM)
CONTACT_EMAIL = env.str("CONTACT_EMAIL", default="")
SECURITY_CONTACT = env.str("SECURITY_CONTACT", default="")
if SECURITY_CONTACT and not re.fullmatch(r"https://\S+|[^\s@:]+@[^\s@]+", SECURITY_CONTACT):
    raise ImproperlyConfigured(
        f"SECURITY_CONTACT is {SECURITY_CONTACT!r}. Set it to an email address or an https address where people can "
        "report a weakness of the site, or leave it unset: then CONTACT_EMAIL is given."
    )

# The pages that a visitor can open before signing in

FREE_PAGES = whole_number("FREE_PAGES", default=5, least=0, most=20)  # they have to fit into one cookie
FREE_PAGES_DAYS = whole_number("FREE_PAGES_DAYS", default=30, least=1, most=365)

# Whether someone else must approve each text

REQUIRE_SECOND_REVIEWER = yes_or_no("REQUIRE_SECOND_REVIEWER", default=True)

# Whether readers have only the free pages until an administrator has verified their registration

REQUIRE_VERIFIED_REGISTRATION = yes_or_no("REQUIRE_VERIFIED_REGISTRATION", default=False)

# How long people stay signed in

IDLE_MINUTES = whole_number("IDLE_MINUTES", default=30, least=5, most=480)  # because many people share one computer
KEEP_SIGNED_IN_DAYS = whole_number("KEEP_SIGNED_IN_DAYS", default=30, least=1, most=90)
IDLE_TIME = timedelta(minutes=IDLE_MINUTES)
SESSION_COOKIE_AGE = KEEP_SIGNED_IN_DAYS * 24 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

# Applications

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django.forms",
    "accounts",
    "content",
    "annotations",
    "accounts.apps.EditingConfig",  # django.contrib.admin
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "django_countries",
    "csp",
    "django_htmx",
]
# A request passes these from top to bottom, and its answer from bottom to top.
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",  # before WhiteNoise, so that files have the policy too
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.compression.CompressionMiddleware",  # after WhiteNoise, whose files are compressed once and for all
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.session.no_store.PrivatePagesMiddleware",  # around everything below: a refusal is private too
    "accounts.session.unsaved_text.UnsavedTextMiddleware",
    "accounts.session.form_size.FormSizeMiddleware",  # before CSRF, which reads the form
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.session.middleware.SessionTimeoutMiddleware",  # after CSRF, messages, htmx, to tell users of a sign-out
    "allauth.account.middleware.AccountMiddleware",
    "accounts.sign_in.middleware.BusyMiddleware",
    "accounts.sign_in.next_url.NextUrlMiddleware",
    "accounts.middleware.MeterMiddleware",  # last, so that it does not count what others answer
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["config.templates.Loader", "django.template.loaders.app_directories.Loader"],
                )
            ],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context_processors.codes",
                "content.context_processors.publisher",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Stores

_database = address(
    "DATABASE_URL",
    default=f"sqlite:///{VAR / 'db.sqlite3'}",
    schemes=("sqlite", "postgres", "postgresql"),
    read=env.db_url_config,
    example="postgres://user:password@host/name",
)
DATABASES = {"default": _database}
_database["CONN_MAX_AGE"] = None
_database["CONN_HEALTH_CHECKS"] = True
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    # In tests, a live server has threads of its own, which cannot read a database in memory.
    _database["TEST"] = {"NAME": VAR / "test.sqlite3"}
else:
    _database["OPTIONS"] = {"connect_timeout": 5} | _database.get("OPTIONS", {})  # seconds

CACHES = {
    "default": address(
        "CACHE_URL",
        default="locmemcache://",
        schemes=env.CACHE_SCHEMES,
        read=env.cache_url_config,
        example="redis://host:6379/0",
    )
}
if CACHES["default"]["BACKEND"].endswith(".RedisCache"):
    CACHES["default"]["BACKEND"] = "config.cache.FallbackCache"
elif CACHES["default"]["BACKEND"].endswith(".LocMemCache"):
    CACHES["default"]["OPTIONS"] = {"MAX_ENTRIES": 50_000}  # with Django's 300, guesses could push out counts

# Email

vars().update(
    address(
        "EMAIL_URL",
        default="consolemail://",
        schemes=env.EMAIL_SCHEMES,
        read=env.email_url_config,
        example="smtp+tls://user:password@mail.example:587",
    )
)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = CONTACT_EMAIL or f"no-reply@{_site.hostname}"
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Accounts

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["accounts.sign_in.hashing.PatientHasher"]
PASSWORD_LENGTH = 10
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {"user_attributes": ("email", "name")}),
        ("MinimumLengthValidator", {"min_length": PASSWORD_LENGTH}),
        ("CommonPasswordValidator", {}),
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.sign_in.adapter.AccountAdapter"
USERSESSIONS_ADAPTER = "accounts.session.adapter.UserSessionsAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.ProfessionalSignupForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_METHODS = {"mfa", "password", "code"}  # AccountAdapter says who can use which
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"{SITE_NAME}: "
ACCOUNT_EMAIL_CONFIRMATION_AUTHENTICATED_REDIRECT_URL = "/account/email/"
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_FORMS = {
    "login": "accounts.sign_in.forms.SignInForm",
    "signup": "accounts.sign_in.forms.SignUpForm",
    "request_login_code": "accounts.sign_in.forms.SignInCodeForm",
    "reset_password": "accounts.sign_in.forms.PasswordResetForm",
    "reset_password_from_key": "accounts.sign_in.forms.NewPasswordForm",
    "confirm_login_code": "accounts.sign_in.forms.LoginCodeForm",
    "confirm_email_verification_code": "accounts.sign_in.forms.EmailCodeForm",
    "confirm_password_reset_code": "accounts.sign_in.forms.PasswordResetCodeForm",
    "reauthenticate": "accounts.sign_in.forms.ReauthenticationForm",
    "confirm_reauthentication_code": "accounts.sign_in.forms.ReauthenticationCodeForm",
    "add_email": "accounts.sign_in.forms.EmailChangeForm",
    "change_password": "accounts.sign_in.forms.PasswordChangeForm",
    "set_password": "accounts.sign_in.forms.PasswordSetForm",
}
# Guessing is limited for each account. The limits for each network address are generous, because a hospital shares one;
# an attempt that an account's limit refuses does not count for the address. The arithmetic is in docs/accounts.md.
ACCOUNT_RATE_LIMITS = {
    "login": "1000/m/ip",
    "login_failed": "10/5m/key,100/d/key,300/m/ip",
    "second_factor_failed": "20/d/key",
    "signup": "300/m/ip",
    "request_login_code": "5/10m/key,40/d/key,300/m/ip",
    "reset_password": "5/10m/key,40/d/key,300/m/ip",
    "reset_password_from_key": "300/m/ip",
    "confirm_email": "1/10s/key,40/d/key",
    "proof_code": "5/10m/user,40/d/user",  # ours, in accounts/sign_in/emailed_codes.py
    "emailed_code": "5/15m/key",  # tries of one code: CODE_TRIES in CODE_MINUTES, even if they arrive at the same time
    "change_password": "5/m/user,30/d/user",  # the form asks for the current password
}
# What each app has about a person, for their download and for the deletion of their account.
PERSONAL_RECORDS = [
    "accounts.personal_data.holdings.AccountHoldings",
    "content.personal_data.ContentHoldings",
    "annotations.personal_data.AnnotationHoldings",
]
COUNTRIES_FIRST = ["GB"]

# Codes have eight digits, for the number pad of a phone. One guess in 100 million is right; five wrong ones end a code.

CODE_MINUTES = 15
CODE_TRIES = 5
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 8, "dashed": True}
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = CODE_MINUTES * 60
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = CODE_TRIES
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = CODE_MINUTES * 60
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = CODE_TRIES
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = CODE_MINUTES * 60
ACCOUNT_PASSWORD_RESET_BY_CODE_MAX_ATTEMPTS = CODE_TRIES
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = 3
ACCOUNT_LOGIN_TIMEOUT = 4 * CODE_MINUTES * 60  # a code can be sent again 3 times, and each lasts CODE_MINUTES

# Second factors

MFA_ADAPTER = "accounts.second_factors.adapter.MfaAdapter"
MFA_FORMS = {
    "authenticate": "accounts.second_factors.forms.AuthenticateForm",
    "reauthenticate": "accounts.second_factors.forms.ReauthenticateForm",
    "activate_totp": "accounts.second_factors.forms.ActivateAppForm",
    "add_webauthn": "accounts.second_factors.forms.AddPasskeyForm",
    "edit_webauthn": "accounts.second_factors.forms.RenamePasskeyForm",
    "authenticate_webauthn": "accounts.second_factors.forms.AuthenticatePasskeyForm",
    "login_webauthn": "accounts.second_factors.forms.SignInPasskeyForm",
    "reauthenticate_webauthn": "accounts.second_factors.forms.ReauthenticatePasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_TOTP_TOLERANCE = 1  # period of 30 seconds: a phone's clock may be wrong by that much
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SECURE  # browsers allow it only on localhost
MFA_RATE_LIMITS = {"webauthn_login": "1000/m/ip"}

# Single sign-on

SIGN_IN_PROVIDERS = read_providers(env.str("SIGN_IN_PROVIDERS", default=""), https_only=PRODUCTION)
SOCIALACCOUNT_PROVIDERS = social_account_providers(SIGN_IN_PROVIDERS)
SOCIALACCOUNT_ADAPTER = "accounts.single_sign_on.adapter.SingleSignOnAdapter"
SOCIALACCOUNT_FORMS = {
    "signup": "accounts.single_sign_on.forms.SingleSignOnSignUpForm",
    "disconnect": "accounts.single_sign_on.forms.DisconnectForm",
}
SOCIALACCOUNT_AUTO_SIGNUP = False  # a new person has to make the declaration
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False  # an address at another site never gives access to an account here
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_REQUESTS_TIMEOUT = 10

# Language and time

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
FORMAT_MODULE_PATH = "config.formats"
USE_I18N = True
USE_TZ = True

# Static files

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
# The search index is made from the database, each machine's own; another database gets another file.
_place = "|".join(str(_database.get(key, "")) for key in ("ENGINE", "HOST", "PORT", "NAME"))
SEARCH_INDEX = VAR / "search" / f"{sha256(_place.encode()).hexdigest()[:16]}.sqlite3"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "config.static_files.JoinedFilesFinder",
]
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "config.static_files.MinifiedStorage"
    },
}

# Security

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        # Browsers also apply it to the address that a form's answer redirects to.
        "form-action": [SELF, *(origin for provider in SIGN_IN_PROVIDERS for origin in provider.origins)],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
# A text over the limit of a page is refused with the text still in the form. A million characters of four bytes arrive
# as twelve million: a browser sends each byte as three. Only people who edit may send so much (FormSizeMiddleware).
DATA_UPLOAD_MAX_MEMORY_SIZE = 16 * 1024 * 1024
CSRF_FAILURE_VIEW = "accounts.error_pages.csrf_failure"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
# A proxy that ends TLS must set this header, and drop one that the visitor sends.
TRUSTED_PROXIES = trusted_proxies()
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None

if PRODUCTION:
    require(SECURE, "SITE_URL", f"Set it to https://{_site.netloc}: the site keeps private notes and passwords.")
    require(not DEBUG, "DEBUG", "Leave it unset: it shows the inside of the site to everyone.")
    require(
        len(SECRET_KEY) >= 50 and len(set(SECRET_KEY)) >= 10,
        "SECRET_KEY",
        "Set it to at least 50 random characters, for instance what "
        "python3 -c 'import secrets; print(secrets.token_urlsafe(50))' prints, and keep it.",
    )
    require(
        all(len(key) >= 50 and len(set(key)) >= 10 for key in SECRET_KEY_FALLBACKS),
        "SECRET_KEY_FALLBACKS",
        "Give the keys that SECRET_KEY had before, separated by commas, and nothing else.",
    )
    require(
        vars()["EMAIL_BACKEND"].startswith("django.core.mail.backends.smtp.") and bool(vars()["EMAIL_HOST"]),
        "EMAIL_URL",
        "Set it to your mail server, like smtp+tls://user:password@mail.example:587, or sign-up codes reach nobody.",
    )
    require(bool(CONTACT_EMAIL), "CONTACT_EMAIL", "Set it to an address that the editors read.")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    # Without Django's own handlers, one of which emails whole requests to administrators.
    "loggers": {"django": {"handlers": []}},
}

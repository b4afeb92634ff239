"""Every setting of the site, read from the environment; the defaults serve `make run`.

Production is when `SITE_URL` is not on loopback. Then an unsafe value refuses to start, and the message names the
variable and what to set.
"""

import ipaddress
import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

env = environ.FileAwareEnv()
BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(env.str("VAR", default=str(BASE_DIR / "var"))).resolve()


def is_loopback(host: str) -> bool:
    """Whether `host` names this machine: `localhost`, a name under it, or a loopback address."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def local_secret_key() -> str:
    """The random key kept in `var/secret_key`, made on the first use; for this machine only."""
    path = VAR / "secret_key"
    try:
        return path.read_text()
    except FileNotFoundError:
        VAR.mkdir(parents=True, exist_ok=True)
        with open(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(50))
        return path.read_text()


def yes_or_no(variable: str, default: bool) -> bool:
    """The variable as a yes or no; a word that is neither refuses to start, unset or empty is the default."""
    word = env.str(variable, default="").strip().lower()
    if word not in ("", "true", "yes", "on", "1", "false", "no", "off", "0"):
        raise ImproperlyConfigured(f"{variable} is {word!r}. Set it to true or false.")
    return word in ("true", "yes", "on", "1") if word else default


def require(holds: bool, variable: str, remedy: str) -> None:
    """Refuse to start unless `holds`; the message names the variable and what to set."""
    if not holds:
        raise ImproperlyConfigured(f"{variable} is not safe for production. {remedy}")


# Where the site is

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
SECRET_KEY = env.str("SECRET_KEY", default="") or ("" if PRODUCTION else local_secret_key())

# What the site says of itself

SITE_NAME = env.str("SITE_NAME", default="Clinical reference")
PUBLISHER = env.str("PUBLISHER", default="the publisher of this site (name not yet set)")
COPYRIGHT = env.str("COPYRIGHT", default=f"Copyright {PUBLISHER}.")
FUNDING_STATEMENT = env.str("FUNDING_STATEMENT", default="The publisher has not yet stated how this site is funded.")
AUTHORING_TEAM = env.str("AUTHORING_TEAM", default="No authors have been credited for this page yet.")
CONTACT_EMAIL = env.str("CONTACT_EMAIL", default="")

# The free pages a visitor may open before signing in

FREE_PAGES = env.int("FREE_PAGES", default=5)
FREE_PAGES_DAYS = env.int("FREE_PAGES_DAYS", default=30)
if not 0 <= FREE_PAGES <= 20:
    raise ImproperlyConfigured("FREE_PAGES must be from 0 to 20: the visitor's browser keeps the list in one cookie.")
if not 1 <= FREE_PAGES_DAYS <= 365:
    raise ImproperlyConfigured("FREE_PAGES_DAYS must be from 1 to 365.")

REQUIRE_SECOND_REVIEWER = yes_or_no("REQUIRE_SECOND_REVIEWER", default=True)

# Applications

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "accounts",
    "content",
    "annotations",
    "django.contrib.admin",
    "allauth",
    "allauth.account",
    "csp",
    "django_htmx",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.PrivateMiddleware",
    "accounts.middleware.TypedTextMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.MeterMiddleware",
]
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "content.context_processors.publisher",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Stores

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR / 'db.sqlite3'}")}
_database = DATABASES["default"]
_database["CONN_MAX_AGE"] = None
_database["CONN_HEALTH_CHECKS"] = True
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
    # A live server reads from threads of its own, which a database in memory does not serve.
    _database["TEST"] = {"NAME": VAR / "test.sqlite3"}

CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://")}

# Email

vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = CONTACT_EMAIL or f"no-reply@{_site.hostname}"
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# Accounts

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
AUTH_PASSWORD_VALIDATORS[0]["OPTIONS"] = {"user_attributes": ("email", "name")}  # type: ignore[assignment]
AUTH_PASSWORD_VALIDATORS[1]["OPTIONS"] = {"min_length": 10}  # type: ignore[assignment]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.ProfessionalSignupForm"
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"{SITE_NAME}: "
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGIN_ON_PASSWORD_RESET = True
ACCOUNT_FORMS = {"login": "accounts.entrance.SignInForm", "signup": "accounts.entrance.SignUpForm"}
# Guessing is limited for each account; for each address only generously, because a hospital shares one.
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "login_failed": "300/m/ip,10/5m/key",
    "signup": "100/m/ip",
    "reset_password": "100/m/ip,5/m/key",
    "confirm_email": "1/10s/key",
}
CSRF_FAILURE_VIEW = "accounts.views.csrf_failure"

# Language and time

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True

# Static files

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# Security

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SECURE_SSL_REDIRECT = PRODUCTION
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
# A proxy that ends TLS must set this header itself and drop the visitor's own.
BEHIND_PROXY = yes_or_no("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0

if PRODUCTION:
    require(SECURE, "SITE_URL", f"Set it to https://{_site.netloc}: the site keeps private notes and passwords.")
    require(not DEBUG, "DEBUG", "Leave it unset: it shows the site's inside to everyone.")
    require(
        len(SECRET_KEY) >= 50 and len(set(SECRET_KEY)) >= 10,
        "SECRET_KEY",
        "Set it to at least 50 random characters, for instance what "
        "python3 -c 'import secrets; print(secrets.token_urlsafe(50))' prints, and keep it.",
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
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}

"""Settings of the platform. What differs between places comes from the environment.

`TECHFLOW_WEB_URL`: the database as the role without rights to get round row-level security.
`TECHFLOW_OWNER_URL`: the same database as its owner; absent in web processes.
`TECHFLOW_SECRET`: key of sessions and signatures. `TECHFLOW_HOSTS`: names of the server, commas
between. `TECHFLOW_HTTPS`: 1 where one proxy speaks TLS and tells `X-Forwarded-For`.
`TECHFLOW_OIDC`: JSON, sign-on servers.
"""

import json
import os
from pathlib import Path
from typing import Any

from techflow_service.platform.database import django_database
from techflow_service.platform.jobs import MODULES
from techflow_service.platform.lines import lines

HERE = Path(__file__).parent
_ENV = os.environ
HTTPS = _ENV.get("TECHFLOW_HTTPS") == "1"

SECRET_KEY = _ENV.get("TECHFLOW_SECRET", "")
DEBUG = False
ALLOWED_HOSTS = _ENV.get("TECHFLOW_HOSTS", "localhost,127.0.0.1").split(",")
ROOT_URLCONF = "techflow_service.platform.urls"
WSGI_APPLICATION = "techflow_service.platform.wsgi.application"
INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "techflow_service.platform",
]
MIDDLEWARE = [
    "techflow_service.platform.watching.watching",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "techflow_service.platform.headers.headers",
    "techflow_service.platform.bounds.bounds",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "techflow_service.platform.speaking.speaking",
    "techflow_service.platform.context.context",
    "techflow_service.platform.access.access",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [HERE / "templates"],
        "OPTIONS": {"environment": "techflow_service.platform.showing.environment"},
    },
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "account_templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    },
]
DATABASES = {"default": django_database(_ENV.get("TECHFLOW_WEB_URL", ""))}
if _ENV.get("TECHFLOW_OWNER_URL"):
    DATABASES["owner"] = django_database(_ENV["TECHFLOW_OWNER_URL"])
LOGGING = lines()
PROCRASTINATE_IMPORT_PATHS = MODULES
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "platform.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("UserAttributeSimilarityValidator", {}),
    )
]
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "platform_cache",
    }
}
API_CALLS_A_MINUTE = int(_ENV.get("TECHFLOW_API_CALLS_A_MINUTE", "600"))
"""Of one caller, over all web processes."""
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
STATIC_URL = "/assets/"
STATICFILES_DIRS = [HERE / "assets"]
STATIC_ROOT = _ENV.get("TECHFLOW_STATIC")
STORAGES = {
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedStaticFilesStorage"},
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
}
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
WHITENOISE_MAX_AGE = 3600
WHITENOISE_ALLOW_ALL_ORIGINS = False
LOGIN_URL = "/account/login/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/account/login/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "techflow_service.platform.accounts.Closed"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_RATE_LIMITS = {"login_failed": "20/m/ip,5/5m/key", "reauthenticate": "10/m/user"}
ACCOUNT_LOGIN_TIMEOUT = 900
ALLAUTH_TRUSTED_PROXY_COUNT = int(HTTPS)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_TOLERANCE = 1
SOCIALACCOUNT_ADAPTER = "techflow_service.platform.accounts.ClosedSocial"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "APPS": json.loads(_ENV.get("TECHFLOW_OIDC", "[]")),
        "provider_class": "techflow_service.platform.sign_on.provider.SignOn",
    }
}
BLUES = dict(
    zip(
        ("50", "100", "200", "300", "400", "500", "600", "700", "800", "900", "950"),
        ("#f3f6f9", "#e4ecf2", "#c7d7e4", "#9db9d0", "#6d95b9", "#3c72a1", "#0b4f8a", "#094375",
         "#083761", "#062b4c", "#041e34"),
        strict=True,
    )
)  # fmt: skip
UNFOLD = {
    "SITE_TITLE": "techflow_service.platform.office_words.title",
    "SITE_HEADER": "techflow_service.platform.office_words.title",
    "SITE_FAVICONS": [{"rel": "icon", "href": "data:,"}],
    "COLORS": {"primary": BLUES},
}
"""The back office looks like the pages: it is told their name and their blue, in its own shades."""
FIRST_PASSWORD_DAYS = 7
"""A password that someone else gave opens the account for so long, to change it."""
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME, LANGUAGE_COOKIE_NAME = (
    ("__Host-" if HTTPS else "") + name for name in ("sessionid", "csrftoken", "language")
)
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "techflow_service.platform.pages.failures.csrf"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_SSL_REDIRECT, SECURE_REDIRECT_EXEMPT = HTTPS, [r"^health$"]
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 400
SILENCED_SYSTEM_CHECKS = [
    f"security.W{number}" for number in (("005", "021") if HTTPS else ("004", "008", "012"))
]
"""With TLS: other names below ours are not ours to bind. Without: what only TLS makes true."""

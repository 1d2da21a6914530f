"""All settings, each from an environment variable with a default that works on one laptop.

Embedded by default: SQLite, local disk, the task queue in the database, everything under ``var/``. The
same code runs on PostgreSQL (DATABASE_URL), Redis (REDIS_URL) and S3 (S3_BUCKET). `.env.example` explains
them all.
"""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
import django_stubs_ext
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.urls import reverse_lazy
from dotenv import load_dotenv

from idance import env

# Lets generic classes such as CharField be written with their types.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
load_dotenv(BASE_DIR / ".env")

DATA_DIR = env.folder("IDANCE_DATA_DIR", BASE_DIR / "var")
# Accounts and videos of people: nobody else on the machine needs to look in.
try:
    DATA_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
    for _part in ("static", "tmp"):
        (DATA_DIR / _part).mkdir(exist_ok=True)
except OSError as _error:
    raise ImproperlyConfigured(
        f"The data folder {DATA_DIR} cannot be made: {_error.strerror}. IDANCE_DATA_DIR names another."
    ) from None
#: This machine alone, unless told otherwise: 0.0.0.0 lets phones on the same network in (ALLOWED_HOSTS too).
HOST = env.text("IDANCE_HOST", "127.0.0.1")
PORT = env.whole("PORT", 8000, least=1, most=65535)
PUBLIC_URL = env.text("IDANCE_URL", f"http://localhost:{PORT}").rstrip("/")
_public_host = urlsplit(PUBLIC_URL).hostname
if not PUBLIC_URL.startswith(("http://", "https://")) or not _public_host or urlsplit(PUBLIC_URL).path:
    raise ImproperlyConfigured("IDANCE_URL must be an address without a path: https://dance.example.com.")
#: Links in answers begin with PUBLIC_URL when the operator chose one, else with the host the caller used.
PUBLIC_URL_GIVEN = bool(env.text("IDANCE_URL"))

# --- Security ---------------------------------------------------------------------------------------------
SECRET_KEY = env.secret("SECRET_KEY", keep_in=DATA_DIR / "secret_key")
DEBUG = env.flag("DEBUG", False)
_OWN_NAMES = ["localhost", "127.0.0.1", "[::1]", socket.gethostname().lower(), _public_host]
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", sorted(set(_OWN_NAMES)))
CSRF_FAILURE_VIEW = "idance.console.csrf_failure"
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", [PUBLIC_URL])
BEHIND_PROXY = env.flag("BEHIND_PROXY", False)
if BEHIND_PROXY:
    # Only believed when the operator says a proxy of theirs sets (and overwrites) these headers.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    USE_X_FORWARDED_HOST = True
HTTPS = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Redirects to https, subdomains and browsers' preload lists are the affair of whoever owns the domain.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.PeopleBackend"]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
_VALIDATORS = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": f"{_VALIDATORS}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "display_name"]},
    },
    {"NAME": f"{_VALIDATORS}.MinimumLengthValidator"},
    {"NAME": f"{_VALIDATORS}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATORS}.NumericPasswordValidator"},
]
#: A second factor for staff in the console: `required` leads those without one to its set-up first.
STAFF_TWO_FACTOR = env.text("STAFF_TWO_FACTOR", "optional", choices=["off", "optional", "required"])
OTP_TOTP_ISSUER = "iDance"

# --- Mail -------------------------------------------------------------------------------------------------
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = env.whole("EMAIL_PORT", 587, least=1, most=65535)
EMAIL_HOST_USER = env.text("EMAIL_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_TLS", True)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("EMAIL_FROM", f"iDance <noreply@{_public_host}>")
if not EMAIL_HOST:
    # Without a mail server mails are files, for whoever runs this on a laptop; a system check says so.
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mails"

# --- Django -----------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_q",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "idance.apps.IdanceConfig",
    "idance.files.apps.FilesConfig",
    "idance.social.apps.SocialConfig",
    "accounts.apps.AccountsConfig",
    "analysis.apps.AnalysisConfig",
    "challenges.apps.ChallengesConfig",
    "challenges.moderation.apps.ModerationConfig",
    "breakdowns.apps.BreakdownsConfig",
    "feed.apps.FeedConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "idance.api.middleware.PageMiddleware",
    "idance.api.middleware.ApiMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "accounts.middleware.ConsoleMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "idance.urls"
WSGI_APPLICATION = "idance.wsgi.application"
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
            ],
        },
    },
]
APPEND_SLASH = True
LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
FORMAT_MODULE_PATH = "idance.formats"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
WHITENOISE_USE_FINDERS = True

# --- Database ---------------------------------------------------------------------------------------------
SQLITE: dict[str, Any] = {
    "OPTIONS": {
        # IMMEDIATE: a transaction that will write takes the write lock at its start, so it waits for its
        # turn instead of failing half-way with "database is locked". WAL: readers never wait for the writer.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-16000;",
    },
    # Tests use a file as well: a database in memory locks differently.
    "TEST": {"NAME": DATA_DIR / "test.sqlite3"},
}


def _database() -> dict[str, Any]:
    url = env.text("DATABASE_URL")
    if not url:
        name = DATA_DIR / "idance.sqlite3"
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": name, **SQLITE}
    try:
        found: dict[str, Any] = dict(dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True))
    except (ValueError, dj_database_url.ParseError) as error:
        raise ImproperlyConfigured(f"DATABASE_URL cannot be read: {type(error).__name__}.") from None
    if found["ENGINE"] == "django.db.backends.sqlite3":
        found.update(SQLITE)
    elif found["ENGINE"] == "django.db.backends.postgresql":
        found["ENGINE"] = "idance.postgresql"
        found["OPTIONS"] = {
            # A server that is gone is said to be gone within seconds, not after the system's two minutes.
            "connect_timeout": 5,
            # Values travel apart from the query, and the server keeps the plan of one it has seen five times:
            # planning a list takes it longer than reading the list.
            "server_side_binding": True,
            "prepare_threshold": 5,
            **found.get("OPTIONS", {}),
        }
        if not found["OPTIONS"]["prepare_threshold"]:  # to psycopg 0 means at once, and None never
            found["OPTIONS"]["prepare_threshold"] = None
    else:
        raise ImproperlyConfigured("DATABASE_URL must name a postgres:// or sqlite:// database.")
    return found


DATABASES = {"default": _database()}

# --- Cache and queue --------------------------------------------------------------------------------------
REDIS_URL = env.text("REDIS_URL")
if REDIS_URL and urlsplit(REDIS_URL).scheme not in ("redis", "rediss", "unix"):
    raise ImproperlyConfigured("REDIS_URL must be an address such as redis://host:6379/0.")
#: A Redis that hangs must not hold requests: what it does for them can be done without it for a while.
REDIS_OPTIONS: dict[str, Any] = {"socket_connect_timeout": 1, "socket_timeout": 1}
WEB_PROCESSES = env.whole("WEB_PROCESSES", 1, least=1, most=64)
WEB_THREADS = env.whole("WEB_THREADS", 16, least=2, most=256)
CACHES: dict[str, dict[str, Any]]
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "idance.cache.SparedCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": REDIS_OPTIONS,
        }
    }
else:
    # One web process: memory is exact for its threads. Several need REDIS_URL; a system check says so.
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "OPTIONS": {"MAX_ENTRIES": 100_000},
        }
    }

#: The longest one job may run, in seconds; a five-minute video takes about two minutes.
JOB_TIMEOUT = env.whole("JOB_TIMEOUT", 900, least=30)
#: A running job whose heartbeat is older than this, in seconds, is taken from its dead worker.
JOB_HEARTBEAT_TIMEOUT = env.whole("JOB_HEARTBEAT_TIMEOUT", 30, least=2)
JOB_MAX_ATTEMPTS = env.whole("JOB_MAX_ATTEMPTS", 2, least=1, most=10)
WORKERS = env.whole("WORKERS", max(1, (os.cpu_count() or 2) - 1), least=1, most=64)
#: A worker that has grown beyond this many megabytes is replaced after its job.
WORKER_MAX_MB = env.whole("WORKER_MAX_MB", 1500, least=200)
#: Load the pose model when a worker starts, so that nobody's first job waits for it.
WORKER_WARM_UP = env.flag("WORKER_WARM_UP", True)
Q_CLUSTER: dict[str, Any] = {
    "name": "idance",
    "workers": WORKERS,
    "timeout": JOB_TIMEOUT,
    # django-q2 starts this clock when a task is fetched, not when it runs: it must outlast a full queue.
    "retry": 3 * JOB_TIMEOUT + 60,
    "bulk": 1,
    "queue_limit": 1,
    "max_attempts": 1,
    "ack_failures": True,
    "catch_up": False,
    "save_limit": 1000,
    "recycle": 200,
    "max_rss": WORKER_MAX_MB * 1000,
    "poll": 0.2,
    "label": "Queue",
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
}

# --- Files ------------------------------------------------------------------------------------------------
#: How long a link to a private file works.
FILE_URL_SECONDS = env.whole("FILE_URL_SECONDS", 3600, least=60)
S3_BUCKET = env.text("S3_BUCKET")
MEDIA_ROOT = DATA_DIR / "media"
if S3_BUCKET:
    # An S3 that hangs must not hold all threads for minutes, as botocore's own minute and five tries would.
    from botocore.config import Config as S3Config

    _default_storage: dict[str, Any] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": env.text("S3_ENDPOINT_URL") or None,
            "region_name": env.text("S3_REGION") or None,
            "access_key": env.text("S3_ACCESS_KEY_ID") or None,
            "secret_key": env.text("S3_SECRET_ACCESS_KEY") or None,
            "client_config": S3Config(
                s3={
                    "addressing_style": env.text(
                        "S3_ADDRESSING_STYLE", "auto", choices=["auto", "path", "virtual"]
                    )
                },
                signature_version="s3v4",
                connect_timeout=5,
                read_timeout=15,
                retries={"mode": "standard", "total_max_attempts": 2},
            ),
            "default_acl": None,
            "querystring_auth": True,
            "querystring_expire": FILE_URL_SECONDS,
            "file_overwrite": True,
        },
    }
else:
    _default_storage = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": MEDIA_ROOT, "file_permissions_mode": 0o640},
    }
STORAGES = {
    "default": _default_storage,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MAX_VIDEO_BYTES = env.whole("MAX_VIDEO_MB", 100, least=1) * 1_000_000
MAX_PICTURE_BYTES = env.whole("MAX_PICTURE_MB", 5, least=1) * 1_000_000
#: A JSON body without a file in it; bodies with files may be as large as the largest file in base64.
MAX_JSON_BYTES = 1_000_000
DATA_UPLOAD_MAX_MEMORY_SIZE = MAX_JSON_BYTES
FILE_UPLOAD_TEMP_DIR = str(DATA_DIR / "tmp")

# --- Videos from YouTube and Instagram, for breakdowns ----------------------------------------------------
SOURCE_MAX_SECONDS = env.whole("SOURCE_MAX_SECONDS", 300, least=3, most=300)
SOURCE_MAX_BYTES = env.whole("SOURCE_MAX_MB", 100, least=1) * 1_000_000
#: A site that takes us for a robot is left alone for so long, in seconds.
SOURCE_PAUSE_SECONDS = env.whole("SOURCE_PAUSE_SECONDS", 900, least=0)

# --- OpenAI, which may write the texts of breakdowns ------------------------------------------------------
OPENAI_API_KEY = env.text("OPENAI_API_KEY")
OPENAI_BASE_URL = env.text("OPENAI_BASE_URL", "https://api.openai.com/v1").rstrip("/")
OPENAI_MODEL = env.text("OPENAI_MODEL", "gpt-5.4-mini")
#: Seconds for one request, and for all of a breakdown.
OPENAI_TIMEOUT = env.whole("OPENAI_TIMEOUT", 60, least=1, most=600)
OPENAI_PATIENCE = env.whole("OPENAI_PATIENCE", 240, least=1, most=JOB_TIMEOUT)
OPENAI_RETRIES = env.whole("OPENAI_RETRIES", 2, least=0, most=5)
#: Tokens, input and output together.
OPENAI_TOKENS_PER_BREAKDOWN = env.whole("OPENAI_TOKENS_PER_BREAKDOWN", 100_000, least=0)
OPENAI_TOKENS_PER_DAY = env.whole("OPENAI_TOKENS_PER_DAY", 2_000_000, least=0)
#: Key frames help the texts, but people's faces leave the server with them.
OPENAI_IMAGES = env.flag("OPENAI_IMAGES", False)
OPENAI_PROMPT_FILE = env.text("OPENAI_PROMPT_FILE")

# --- API --------------------------------------------------------------------------------------------------
#: How long a request may wait for a result, and how many may wait at once, so that the rest stays quick.
SYNC_WAIT_SECONDS = env.whole("SYNC_WAIT_SECONDS", 60, least=0, most=600)
SYNC_WAIT_SLOTS = env.whole("SYNC_WAIT_SLOTS", max(1, WEB_THREADS // 4), least=0)
#: Requests per minute: per user, and for logins and sign-ups per address.
LIMIT_REQUESTS = env.whole("LIMIT_REQUESTS", 100, least=1)
LIMIT_UPLOADS = env.whole("LIMIT_UPLOADS", 10, least=1)
LIMIT_ANALYSES = env.whole("LIMIT_ANALYSES", 5, least=1)
LIMIT_FAILED_LOGINS = env.whole("LIMIT_FAILED_LOGINS", 10, least=1)
LIMIT_SIGN_UPS = env.whole("LIMIT_SIGN_UPS", 20, least=1)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["idance.api.auth.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["idance.api.rendering.Renderer"],
    "DEFAULT_PARSER_CLASSES": ["idance.api.parsers.JsonParser"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "idance.api.negotiation.LenientNegotiation",
    "DEFAULT_THROTTLE_CLASSES": ["idance.api.throttles.RequestsPerUser"],
    "DEFAULT_SCHEMA_CLASS": "idance.api.schema.ContractSchema",
    "EXCEPTION_HANDLER": "idance.api.errors.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    "DEFAULT_METADATA_CLASS": None,
    # Times stay times until `Renderer` writes them.
    "DATETIME_FORMAT": None,
}
SIMPLE_JWT = {
    "ALGORITHM": "HS256",
    "SIGNING_KEY": SECRET_KEY,
    "ACCESS_TOKEN_LIFETIME": timedelta(hours=24),
    "USER_ID_FIELD": "id",
    "USER_ID_CLAIM": "user_id",
    # A changed password revokes every token made with the old one.
    "CHECK_REVOKE_TOKEN": True,
    "UPDATE_LAST_LOGIN": False,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "iDance API",
    "DESCRIPTION": """
Upload a dance, get scores that mean something, compete, practise.

**Sign in** with `POST /auth/signup` or `POST /auth/login` and send the token as
`Authorization: Bearer <access_token>`. It is good for 24 hours.

**Errors** are always `{"detail": "<one human sentence>"}`; a 422 adds `errors`, which name each wrong field;
a 429 says in `Retry-After` how many seconds to wait.

**Long work** (`analyze-pose`, `dance-breakdown`) goes to a queue. The request waits for the result for a
minute at most and else answers with the present state; `Prefer: respond-async` answers at once.

**Pages** are asked for with `page` (from 1) and `limit` (1 to 100); a page past the end is an empty list.

**What is left out** may be written as null in a body, and as nothing in a query (`?style=`).
""".strip(),
    "TAGS": [
        {"name": "Sign in", "description": "Accounts and tokens."},
        {"name": "People", "description": "One's own profile and statistics."},
        {"name": "Sessions", "description": "Practice that the app records."},
        {"name": "Challenges", "description": "What there is to dance, and who danced it best."},
        {"name": "Submissions", "description": "A dance handed in for a challenge: likes, comments, shares."},
        {"name": "Moderation", "description": "For moderators: what needs a look, and deciding about it."},
        {"name": "Analysis", "description": "From a video to scores with reasons; the jobs that do it."},
        {"name": "Breakdowns", "description": "Any dance video, step by step."},
        {"name": "Files", "description": "Uploads and downloads."},
        {"name": "Feed", "description": "What everybody shares, and what one did oneself."},
        {"name": "Service", "description": "Whether all is well."},
    ],
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_SETTINGS": {
        "deepLinking": True,
        "persistAuthorization": True,
        "displayRequestDuration": True,
        "filter": True,
        # Its default asks a site of its makers for an opinion about ours.
        "validatorUrl": None,
    },
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_ADD_EXPLICIT_BLANK_NULL_CHOICE": False,
    "POSTPROCESSING_HOOKS": ["idance.api.schema.leave_enums_in_place"],
    "PATH_CONVERTER_OVERRIDES": {
        "oid": {"type": "string", "pattern": "^[0-9a-f]{24}$", "examples": ["68885e917dcfd112158b2a10"]},
        "job_id": {
            "type": "string",
            "pattern": "^job_[0-9a-f]{24}$",
            "examples": ["job_68877865e63d6bd72cdda440"],
        },
        "path": {
            "type": "string",
            "examples": ["uploads/68877865e63d6bd72cdda440/688b8ef5643bcb1dffaa85f7.mp4"],
        },
    },
}
UNFOLD = {
    "SITE_TITLE": "iDance",
    "SITE_HEADER": "iDance",
    "SITE_SUBHEADER": "Console",
    "SITE_ICON": lambda request: static("idance/icon.svg"),
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("idance/icon.svg")}
    ],
    "SITE_URL": "/",
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [lambda request: static("idance/console.css")],
    "DASHBOARD_CALLBACK": "idance.dashboard.fill",
    "ACCOUNT": {"navigation": [{"title": "Your account", "link": reverse_lazy("account")}]},
    "LOGIN": {"form": "accounts.forms.LogInForm"},
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": "idance.console.navigation",
    },
}

# --- Logging ----------------------------------------------------------------------------------------------
LOG_LEVEL = env.text("LOG_LEVEL", "INFO", choices=["DEBUG", "INFO", "WARNING", "ERROR"])
LOG_FORMAT = env.text("LOG_FORMAT", "text", choices=["text", "json"])
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"format": "{asctime} {levelname:7} {name}: {message}", "style": "{"},
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": LOG_FORMAT}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        # Anybody can send a wrong Host header; it is refused, and no news.
        "django.security.DisallowedHost": {"handlers": [], "level": "CRITICAL", "propagate": True},
        "django-q": {"handlers": [], "level": "WARNING", "propagate": True},
    },
}

"""The one settings module: the environment decides, and production refuses to start on a gap.

`PORTAL_MODE` says what this process is for:

* `production` (the default): every secret and address comes from the environment; a missing one stops the start.
* `demo`: what `make run` sets. Loopback only, demo people, a page that shows the mail. Never `DEBUG`.
* `test`: what the test suite and the static checks set.

`docs/running.md` lists every variable.
"""

from datetime import timedelta
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from portal.accounts import openid_connect
from portal.attachments import clamd
from portal.nhsuk.policy import SUPPORTED_SNIPPET_HASH
from portal.retention import periods

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

MODES = ("production", "demo", "test")
MODE: str = env.str("PORTAL_MODE", default="production")
if MODE not in MODES:
    raise ImproperlyConfigured(f"PORTAL_MODE is {MODE!r}; it must be one of {', '.join(MODES)}.")
DEMO = MODE == "demo"
PRODUCTION = MODE == "production"


def required(name: str, *, otherwise: str) -> str:
    """Return the variable `name`; outside production `otherwise` stands in for it.

    Raises ImproperlyConfigured in production when the variable is missing or empty.
    """
    value: str = env.str(name, default="")
    if value:
        return value
    if PRODUCTION:
        raise ImproperlyConfigured(f"{name} is not set. Production does not start without it: see docs/running.md.")
    return otherwise


# --- What this installation is called, and where its data lies

ORGANISATION_NAME: str = env.str("PORTAL_ORGANISATION", default="Cohort Portal")
# Whom people write to, and where the organisation's whole privacy notice is, if it has one on another website.
CONTACT_EMAIL = required("PORTAL_CONTACT_EMAIL", otherwise="portal@localhost")
PRIVACY_NOTICE: str = env.str("PORTAL_PRIVACY_NOTICE", default="")
ORIGIN = required("PORTAL_ORIGIN", otherwise="http://localhost:8000").rstrip("/")
DATA_DIR = Path(env.str("PORTAL_DATA_DIR", default=str(BASE_DIR / ".local")))

# --- Secrets and the network

SECRET_KEY = required("SECRET_KEY", otherwise="for-tests-and-static-checks-alone")
SECRET_KEY_FALLBACKS: list[str] = env.list("SECRET_KEY_FALLBACKS", default=[])
if PRODUCTION and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY is shorter than 50 characters. Make a new one: see docs/running.md.")
DEBUG = False
ALLOWED_HOSTS: list[str] = [
    host for host in required("ALLOWED_HOSTS", otherwise="localhost,127.0.0.1,[::1]").split(",") if host
]
CSRF_TRUSTED_ORIGINS = [ORIGIN]
CSRF_FAILURE_VIEW = "portal.accounts.typed.answer_if_stale"
HTTPS = ORIGIN.startswith("https://")
if PRODUCTION and not HTTPS:
    raise ImproperlyConfigured("PORTAL_ORIGIN must begin with https:// in production.")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "session"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_AGE = None  # gone with the browser's window, as a sign-in is
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_HANDLERS = ["portal.uploads.InMemory"]
# clamd, which has a look at each file that somebody uploads before it is taken; None takes them unseen.
VIRUS_SCANNER = clamd.scanner_at(env.str("CLAMAV_URL", default=""))

# --- Applications

INSTALLED_APPS = [
    "portal.accounts",
    "portal.outbox",
    "portal.trail",
    "portal.imports",
    "portal.attachments",
    "portal.nhsuk",
    "cohorts",
    "bookclub",
    "qi_projects",
    "referrals",
    # After the first, which lets all apps say what they keep: it holds the configured periods to that.
    "portal.retention",
    "portal.apps.PortalAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "crispy_forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "portal.sealed_path.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "portal.sealed_path.AuthenticationMiddleware",
    "portal.accounts.middleware.session_limits",
    "portal.accounts.middleware.keep_to_oneself",
    "portal.sealed_path.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "portal.accounts.middleware.second_factor",
    "portal.access.deny_by_default",
    "portal.invalid_forms.SayInvalid",
    "portal.wrong_method.say_wrong_method",
]

ROOT_URLCONF = "portal.urls"
WSGI_APPLICATION = "portal.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "portal.nhsuk.context_processors.layout",
            ],
            "builtins": ["portal.nhsuk.templatetags.nhsuk", "crispy_forms.templatetags.crispy_forms_tags"],
        },
    }
]

if DEMO:
    TEMPLATES[0]["OPTIONS"]["context_processors"].append("portal.accounts.demo_views.demo_people")

# --- Referrals: pages without sign-in (portal/sealed_path.py), and each provider's root key, pinned out of the
# database's reach (referrals/keyring.py)

SEALED_PREFIX = "/referrals/"
REFERRAL_ROOTS: dict[str, str] = env.dict("REFERRAL_ROOTS", default={})
if DEMO and (DATA_DIR / "referral-roots").exists():
    # A demonstration makes its own keys, and what starts after that reads which they are.
    REFERRAL_ROOTS = dict([(DATA_DIR / "referral-roots").read_text().split("=", 1)])
if PRODUCTION and any(pin.startswith("demo-") for pin in REFERRAL_ROOTS.values()):
    raise ImproperlyConfigured("REFERRAL_ROOTS names a demonstration's key, which everybody can open. Make a real one.")
# Through which relay, and as whom, each provider writes to people: `slug=smtp+tls://…`, `slug=team@provider.example`.
REFERRAL_RELAYS: dict[str, str] = env.dict("REFERRAL_RELAYS", default={})
REFERRAL_SENDERS: dict[str, str] = env.dict("REFERRAL_SENDERS", default={})
if DEMO:
    REFERRAL_RELAYS = dict.fromkeys(REFERRAL_ROOTS, env.str("EMAIL_URL", default="consolemail://"))
    REFERRAL_SENDERS = dict.fromkeys(REFERRAL_ROOTS, "Example Listening Service <listening@demo.example>")
if PRODUCTION and any(not relay.startswith(("smtp+tls://", "smtp+ssl://")) for relay in REFERRAL_RELAYS.values()):
    raise ImproperlyConfigured(
        "REFERRAL_RELAYS names a relay without TLS. Letters to people need smtp+tls or smtp+ssl."
    )

# How many days after its end what was written about a referral stays readable, by the state in which it ended.
REFERRAL_KEPT_DAYS: dict[str, int] = {
    "closed": env.int("REFERRAL_KEPT_DAYS_CLOSED", default=365),
    "declined": env.int("REFERRAL_KEPT_DAYS_DECLINED", default=90),
    "withdrawn": env.int("REFERRAL_KEPT_DAYS_WITHDRAWN", default=30),
    "unreachable": env.int("REFERRAL_KEPT_DAYS_UNREACHABLE", default=90),
}
# And how many after a group session those of who came.
REFERRAL_GROUP_KEPT_DAYS = env.int("REFERRAL_KEPT_DAYS_GROUPS", default=30)

# --- Database, cache, queue

DATABASE = env.db_url_config(required("DATABASE_URL", otherwise="postgresql:///portal"))
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        **DATABASE,
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "application_name": "portal",
            # After how many uses of a statement PostgreSQL keeps its plan (portal/prepared.py).
            "prepare_threshold": 2 if env.bool("DATABASE_PREPARES", default=True) else None,
            **DATABASE.get("OPTIONS", {}),
        },
        # One connection alone would run a test's database creation into a template in use.
        "TEST": {"TEMPLATE": "template0"},
    }
}
REDIS_URL = required("REDIS_URL", otherwise="redis://127.0.0.1:6379/0")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

# Celery has its own word for a Unix socket's address.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_IMPORTS = ["portal.health"]
CELERY_TASK_IGNORE_RESULT = True
# A worker takes what it can begin at once, and the queue forgets it then. What a killed worker leaves is found again
# from data; and Celery's worker would end when it loses Valkey with anything in hand that the queue still counts.
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
# Beat keeps no file: each task decides from data what is due, so a forgotten tick costs nothing.
CELERY_BEAT_SCHEDULER = "celery.beat:Scheduler"
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "send-what-waits": {"task": "portal.outbox.tasks.send_what_waits", "schedule": timedelta(seconds=20)},
    "carry-out-imports": {"task": "portal.imports.tasks.carry_out_waiting", "schedule": timedelta(seconds=20)},
    "forget-imports": {"task": "portal.imports.tasks.forget", "schedule": timedelta(hours=1)},
    "remember-that-beat-ticked": {"task": "portal.health.remember_tick", "schedule": timedelta(seconds=20)},
    "write-due-reminders": {"task": "cohorts.tasks.write_due_reminders", "schedule": timedelta(minutes=1)},
    "expire-offers": {"task": "cohorts.tasks.expire_offers", "schedule": timedelta(minutes=1)},
    "ask-for-registers": {"task": "cohorts.tasks.ask_for_registers", "schedule": timedelta(minutes=15)},
    "ask-how-sessions-were": {"task": "cohorts.tasks.ask_how_sessions_were", "schedule": timedelta(minutes=15)},
    "look-after-offers-of-places": {
        "task": "cohorts.tasks.look_after_offers_of_places",
        "schedule": timedelta(minutes=1),
    },
    "end-queues": {"task": "cohorts.tasks.end_queues", "schedule": timedelta(minutes=1)},
    "remind-of-graduations": {"task": "cohorts.tasks.remind_of_graduations", "schedule": timedelta(minutes=15)},
    "remind-of-book-loans": {"task": "bookclub.tasks.remind_of_loans", "schedule": timedelta(minutes=15)},
    "write-book-club-digests": {"task": "bookclub.tasks.write_digests", "schedule": timedelta(minutes=15)},
    "write-before-book-clubs": {"task": "bookclub.tasks.write_before_meetings", "schedule": timedelta(minutes=15)},
    "tell-of-overdue-reports": {"task": "bookclub.tasks.tell_of_overdue_reports", "schedule": timedelta(minutes=15)},
    "draw-up-figures": {"task": "cohorts.tasks.draw_up_figures", "schedule": timedelta(hours=1)},
    "escalate-referrals": {"task": "referrals.tasks.escalate", "schedule": timedelta(minutes=5)},
    "dispose-of-referrals": {"task": "referrals.tasks.dispose", "schedule": timedelta(hours=1)},
    "draw-up-proof": {"task": "referrals.tasks.draw_up_proof", "schedule": timedelta(hours=1)},
    "erase-past-groups": {"task": "referrals.tasks.erase_past_groups", "schedule": timedelta(hours=1)},
    "forget-open-queues": {"task": "referrals.tasks.forget", "schedule": timedelta(minutes=15)},
    "dispose": {"task": "portal.retention.tasks.dispose", "schedule": timedelta(hours=1)},
    "forget-ended-sessions": {"task": "portal.accounts.tasks.forget_ended_sessions", "schedule": timedelta(hours=1)},
}
for _entry in CELERY_BEAT_SCHEDULE.values():
    # While no worker runs, ticks do not pile up: the next one finds the same work.
    _entry["options"] = {"expires": 300}

# --- People and sign-in

AUTH_USER_MODEL = "accounts.User"
# The address is unique whatever its case, by a constraint on lower(email) that the check does not look for.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = ["portal.accounts.backends.AccountBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
SESSION_ENGINE = "portal.accounts.sessions"
SESSION_IDLE_LIMIT = timedelta(minutes=env.int("SESSION_IDLE_MINUTES", default=60))
SESSION_ABSOLUTE_LIMIT = timedelta(hours=env.int("SESSION_ABSOLUTE_HOURS", default=12))
SESSION_COOKIE_AGE = int(SESSION_ABSOLUTE_LIMIT.total_seconds())
# Ward computers are shared: closing the browser signs out.
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "me"
LOGOUT_REDIRECT_URL = "home"

ACCOUNT_ADAPTER = "portal.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "portal.accounts.forms.SignInForm",
    "signup": "portal.accounts.forms.SignUpForm",
    "add_email": "portal.accounts.credentials.NewAddressForm",
    "change_password": "portal.accounts.credentials.OtherPasswordForm",
    "confirm_email_verification_code": "portal.accounts.codes.AddressCodeForm",
    "confirm_login_code": "portal.accounts.codes.SignInCodeForm",
    "confirm_password_reset_code": "portal.accounts.codes.PasswordCodeForm",
    "reauthenticate": "portal.accounts.credentials.KnownPasswordForm",
    "reset_password": "portal.accounts.credentials.ForgottenPasswordForm",
    "reset_password_from_key": "portal.accounts.credentials.NewPasswordForm",
    "set_password": "portal.accounts.credentials.FirstPasswordForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
# Codes, not links: mail scanners of organisations follow links. Their mail is slow, too.
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
# By address generous, since a whole trust may stand behind one; by account strict.
ACCOUNT_RATE_LIMITS = {
    "login": "300/m/ip",
    "login_failed": "60/m/ip,5/300s/key",
    "request_login_code": "300/m/ip,3/m/key",
    "signup": "100/m/ip",
    "reset_password": "60/m/ip,5/m/key",
    # One address asks for a code again because mail is slow, or clicks twice: neither is an attack.
    "confirm_email": "5/5m/key",
    # Whoever checks certificates (cohorts/views/verifying.py): their codes cannot be guessed at any pace.
    "verify_certificate": "60/m/ip",
    # Links to stop letters that open nothing. Those that do are not counted: mail programs send them for all of a
    # provider's people from a few addresses, which scanners of mail share. None can be guessed at any pace.
    "stop_letters": "300/m/ip",
    # Drafts that are kept as somebody types, in a few tabs at once; and a document of all that they wrote.
    "reflection_draft": "120/m/user",
    "reflections_pdf": "10/m/user",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

MFA_ADAPTER = "portal.accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {"add_webauthn": "portal.accounts.credentials.PasskeyForm"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1
# Browsers offer passkeys on http://localhost, and nowhere else without https.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not HTTPS

OIDC_APPS = openid_connect.providers(env)
SOCIALACCOUNT_ADAPTER = "portal.accounts.adapter.ProviderAdapter"
SOCIALACCOUNT_FORMS = {"signup": "portal.accounts.forms.ProviderSignUpForm"}
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": OIDC_APPS}}
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True

# --- Words, time, files

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles")))
STATICFILES_DIRS = [BASE_DIR / "static" / "build"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "portal.nhsuk.storage.ManifestStorage"},
}
WHITENOISE_MAX_AGE = 31_536_000

CRISPY_ALLOWED_TEMPLATE_PACKS = ["nhsuk"]
CRISPY_TEMPLATE_PACK = "nhsuk"
CRISPY_FAIL_SILENTLY = False

# --- Content Security Policy: no inline script or style, nothing from another host

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, SUPPORTED_SNIPPET_HASH],
        "style-src": [SELF],
        "img-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF, *openid_connect.origins(OIDC_APPS)],
        "frame-ancestors": [NONE],
    }
}

# --- Mail

DEFAULT_FROM_EMAIL = required("DEFAULT_FROM_EMAIL", otherwise="Cohort Portal <portal@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
vars().update(env.email_url_config(required("EMAIL_URL", otherwise="smtp://127.0.0.1:1025")))
EMAIL_TIMEOUT = 10
# Who reads the ledger of messages: the outbox stands below the accounts, and cannot know their roles itself.
OUTBOX_READERS = "portal.accounts.rules.is_admin_of_all_programmes"

# --- How long what is kept about people stays, where it is not as long as the apps say (portal/retention)

RETENTION_PERIODS = periods.read(env.str("RETENTION_PERIODS", default=""))

# --- Logs: to standard output, one line an event, without personal data

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {"()": "portal.logs.JSONFormatter"},
        "readable": {"format": "{asctime} {levelname:<7} {name}  {message}", "style": "{", "datefmt": "%H:%M:%S"},
    },
    "filters": {
        "leave_out_sealed_path": {"()": "portal.logs.LeaveOutSealedPath"},
        "leave_out_answers": {"()": "portal.logs.LeaveOutAnswers"},
    },
    "handlers": {
        "stdout": {
            "class": "logging.StreamHandler",
            "filters": ["leave_out_sealed_path", "leave_out_answers"],
            "stream": "ext://sys.stdout",
            "formatter": "json" if PRODUCTION else "readable",
        }
    },
    "root": {"handlers": ["stdout"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {"django.server": {"handlers": [], "propagate": False}},
}

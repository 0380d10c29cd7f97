"""Settings of the bare view: the portal's own, with no more middleware than session and sign-in need."""

from portal.settings import *  # noqa: F403  # the same database, secret and server; only what is named below differs

INSTALLED_APPS = [
    "tests.benchmarks.floor_app.BarePeople",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
]
ROOT_URLCONF = "tests.benchmarks.floor_view"
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
SESSION_ENGINE = "django.contrib.sessions.backends.db"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]

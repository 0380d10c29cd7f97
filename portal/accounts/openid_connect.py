"""Sign-in services of organisations (a trust's Entra ID, NHSmail, Care Identity), named by the environment.

`OIDC_PROVIDERS` lists short names, separated by commas; for each, in capitals and with `_` for `-`:

* `OIDC_<NAME>_SERVER_URL`: the issuer's address, or that of its discovery document;
* `OIDC_<NAME>_CLIENT_ID`, `OIDC_<NAME>_CLIENT_SECRET`: as registered with the service;
* `OIDC_<NAME>_EMAIL_DOMAINS`: the domains whose addresses the service hands out, separated by commas;
* `OIDC_<NAME>_LABEL`: what its button says; the short name otherwise.

A service vouches for its own domains alone. A directory lets its administrators write any address into an account,
so an address elsewhere proves nothing about who holds it.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

SHORT_NAME = re.compile(r"[a-z][a-z0-9-]{0,29}")


def providers(env: environ.Env) -> list[dict[str, Any]]:
    """Return the services that the environment names, as allauth's settings want them.

    Raises ImproperlyConfigured for a name that is not of lower-case letters, digits and hyphens, for a variable
    that is missing, and for an address that is not https.
    """
    return [_provider(env, name) for name in env.list("OIDC_PROVIDERS", default=[])]


def origins(apps: list[dict[str, Any]]) -> list[str]:
    """Return where the sign-in form may lead on to: the services' own origins."""
    parts = [urlsplit(app["settings"]["server_url"]) for app in apps]
    return sorted({f"{part.scheme}://{part.netloc}" for part in parts})


def vouches_for(settings: Mapping[str, Any], email: str) -> bool:
    """Say whether an address is at one of a service's own domains."""
    return email.rpartition("@")[2].lower() in settings["verified_email"]


def _provider(env: environ.Env, name: str) -> dict[str, Any]:
    if not SHORT_NAME.fullmatch(name):
        raise ImproperlyConfigured(f"OIDC_PROVIDERS names {name!r}: use lower-case letters, digits and hyphens.")
    prefix = f"OIDC_{name.upper().replace('-', '_')}"

    def needed(part: str) -> str:
        value: str = env.str(f"{prefix}_{part}", default="")
        if not value:
            raise ImproperlyConfigured(f"{prefix}_{part} is not set, but OIDC_PROVIDERS names {name}.")
        return value

    server_url = needed("SERVER_URL")
    if urlsplit(server_url).scheme != "https":
        raise ImproperlyConfigured(f"{prefix}_SERVER_URL must begin with https://.")
    domains = [domain.strip().lower().lstrip("@") for domain in needed("EMAIL_DOMAINS").split(",")]
    return {
        "provider_id": name,
        "name": env.str(f"{prefix}_LABEL", default=name),
        "client_id": needed("CLIENT_ID"),
        "secret": needed("CLIENT_SECRET"),
        "settings": {
            "server_url": server_url,
            "oauth_pkce_enabled": True,
            # allauth's word for "addresses at these count as verified".
            "verified_email": [domain for domain in domains if domain],
        },
    }

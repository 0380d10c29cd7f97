"""What a search for canary words stands on: everybody's pages, the admin's pages of deleting, and doubles that leak."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from django.contrib import admin
from django.urls import reverse

from tests.access_table import TABLE
from tests.test_access import World

AUTHOR: Final = "member"
"""Who writes the words, in the cohort of the world."""

Page = tuple[str, str]
"""A role, and the name of an address or the address itself."""


class Unsealed:
    """A box that closes nothing."""

    encrypt = decrypt = staticmethod(bytes)


def fail(*_: object) -> None:
    """Break whatever calls this."""
    raise RuntimeError


def pages_of(
    world: World, roles: Collection[str], names: Collection[str] = tuple(TABLE), values: Mapping[str, Any] | None = None
) -> dict[Page, bytes]:
    """Return the pages of these names as people of these roles have them; `values` take the place of the world's."""
    known = world.values | dict(values or {})
    addresses = {
        name: line.at or reverse(name, args=[known[key] for key in line.args])
        for name, line in TABLE.items()
        if name in names
    }
    return {(role, name): _seen(world, role, address) for role in roles for name, address in addresses.items()}


def seen_as(world: World, roles: Collection[str], person: int, addresses: Collection[str]) -> dict[Page, bytes]:
    """Return pages that somebody has, as people of these roles would see them on their behalf."""
    at = f"/admin/accounts/user/{person}/seen"
    return {(role, address): _seen(world, role, f"{at}{address}") for role in roles for address in addresses}


def _seen(world: World, role: str, address: str) -> bytes:
    answer = world.clients[role].get(address, secure=True)
    return b"".join(answer) if answer.streaming else answer.content


def pages_of_deleting(world: World) -> dict[str, str]:
    """Return what each page of the admin says that asks whether a row should go, of a few rows of every kind."""
    said = {}
    for model in admin.site._registry:  # as Django itself does
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_delete"
        for pk in model._default_manager.order_by("-pk").values_list("pk", flat=True)[:5]:
            address = reverse(name, args=[pk])
            for role in ("programme admin", "superuser"):
                said[f"{role}: {address}"] = world.clients[role].get(address, secure=True).content.decode()
    return said

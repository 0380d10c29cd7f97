"""What stands around every page: who runs the portal, where the reader can go, and whether this is a demonstration.

Costs no SQL of its own: the person's roles come with the person (`role_kinds`), addresses are resolved once a process.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from django.conf import settings
from django.urls import reverse
from django.utils.functional import cached_property


class Reader(Protocol):
    """Whoever reads the page: a person who is signed in, or nobody in particular."""

    @property
    def is_authenticated(self) -> bool: ...


@dataclass(frozen=True)
class Link:
    """A place to go."""

    text: str
    href: str
    current: bool = False


@lru_cache(maxsize=2)
def addresses(*, demo: bool) -> dict[str, str]:
    """Return the addresses that stand on every page, by name."""
    about = ("contact", "privacy", "accessibility")
    places = ("home", "programmes", "account_email", "account_logout", "referral_new")
    names = (*places, *about, *(("demo_mail",) if demo else ()))
    return {name: reverse(name) for name in names}


@lru_cache(maxsize=64)
def workplaces(roles: frozenset[str], *, is_admin: bool) -> tuple[tuple[str, str], ...]:
    """Return (text, address) of where people of these roles work for others."""
    found = []
    if "facilitator" in roles:
        found.append(("My sessions", reverse("facilitate")))
    if "coach" in roles:
        found.append(("Coaching", reverse("projects_to_coach")))
    if "champion" in roles:
        found.append(("Champion", reverse("champion_desk")))
    if "organisation_lead" in roles:
        found += [("My organisation", reverse("my_organisation")), ("Nominations", reverse("nominations"))]
    if "triager" in roles:
        found.append(("Queue", reverse("queue")))
    if is_admin:
        found.append(("Admin", reverse("admin:index")))
    return tuple(found)


@lru_cache(maxsize=8)
def places(*, signed_in: bool, has_book_club: bool = False, has_projects: bool = False) -> tuple[tuple[str, str], ...]:
    """Return (text, address) of where anybody can go who is signed in, or is not."""
    if not signed_in:
        return (("Programmes", reverse("programmes")), ("Sign in", reverse("account_login")))
    return (
        ("Your programme", reverse("me")),
        ("My bookings", reverse("bookings")),
        *((("Book club", reverse("book_clubs")),) if has_book_club else ()),
        *((("My projects", reverse("projects")),) if has_projects else ()),
        ("Programmes", reverse("programmes")),
    )


class Layout:
    """What the page layout needs to know. Without a reader it is what can be shown when all else has failed."""

    def __init__(self, reader: Reader | None = None, path: str = "") -> None:
        self._reader = reader
        self._path = path
        self.organisation: str = settings.ORGANISATION_NAME
        self.demo: bool = settings.DEMO

    @property
    def addresses(self) -> dict[str, str]:
        """Where the header and the footer lead, by the names of the addresses."""
        return addresses(demo=self.demo)

    @cached_property
    def signed_in(self) -> bool:
        """Whether the reader is known."""
        return self._reader is not None and self._reader.is_authenticated

    @cached_property
    def navigation(self) -> list[Link]:
        """Where the reader can go, with the part of the portal that they are in marked."""
        has = {name: bool(getattr(self._reader, name, False)) for name in ("has_book_club", "has_projects")}
        found = places(signed_in=self.signed_in, **has) + self.workplaces
        here = max((href for _, href in found if self._path.startswith(href)), key=len, default="")
        return [Link(text, href, current=href == here) for text, href in found]

    @property
    def workplaces(self) -> tuple[tuple[str, str], ...]:
        """Where the reader works for others, as (text, address), the most urgent first."""
        return workplaces(self._roles, is_admin=self._is_admin) if self.signed_in else ()

    @property
    def _roles(self) -> frozenset[str]:
        held: Collection[str] = getattr(self._reader, "role_kinds", ())
        return frozenset(held)

    @property
    def _is_admin(self) -> bool:
        """As `portal.admin_site.uses_admin_pages` decides, so that the link never leads to a refusal."""
        is_staff, is_superuser = (getattr(self._reader, name, False) for name in ("is_staff", "is_superuser"))
        return is_staff and (is_superuser or not self._roles.isdisjoint({"programme_admin", "all_programmes_admin"}))

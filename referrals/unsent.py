"""What a triager was typing when the queue locked: sealed to their own key, and shown to them once they have unlocked.

To their own key and not to the provider's, which is narrower: nobody else of the team needs to read a half-written
sentence.
"""

import json
import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, ResolverMatch, resolve
from django.utils import timezone

from referrals.keyring import triager_reader
from referrals.models import Referral, Triager, Unsent
from referrals.unlocking import Unlocked
from referrals.vault import SUITE, Unopenable, Unsigned, open_object, seal_content

PATH = "/queue/"
KEPT = timedelta(days=7)
TAKEN_BACK = frozenset(
    {
        "queue_act",
        "queue_by_phone",
        "queue_group_plan",
        "queue_group_change",
        "queue_group_register",
    }
)
"""The pages whose forms take back what was typed there."""

UNTYPED = frozenset({"number", "row", "seen", "sure"})
"""What comes with a page, or says only that somebody is sure."""

NUMBER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
"""The name of a field that is a row's, as the register has one for each guest."""

NEVER_KEPT = re.compile(r"pass|token|code|part", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Kept:
    """A form as it was sent, and not taken, on the page at `path`."""

    pk: UUID
    on: date
    path: str
    fields: list[tuple[str, str]]

    @property
    def typed(self) -> QueryDict:
        """Return it as a form would be sent."""
        found = QueryDict(mutable=True)
        for name, value in self.fields:
            found.appendlist(name, value)
        return found

    @property
    def way_back(self) -> str:
        """Return the address of the form with what was typed in it; nothing where the form cannot take it."""
        page = _page_of(self.path)
        return f"{self.path}?unsent={self.pk}" if page and page.url_name in TAKEN_BACK else ""

    @property
    def told(self) -> list[tuple[str, str]]:
        """Return what the person would recognise: each field's name as words, and what was typed there."""
        typed = ((name, value) for name, value in self.fields if name not in UNTYPED and not NUMBER.fullmatch(name))
        return [(name.replace("_", " ").capitalize(), value) for name, value in typed]


def keep(typed: QueryDict, path: str, triager: Triager) -> bool:
    """Keep what stands in the form of a page of a closed queue, and say whether there was anything to keep.

    A form that asks only to be sure has nothing. What had been kept before and stood in this form (`?unsent=` in the
    path) is kept no longer beside it. Nothing is kept for a key that the root has not signed: such a triager opens
    nothing either.
    """
    fields = [
        (name, value)
        for name, values in typed.lists()
        for value in values
        if value.strip() and not NEVER_KEPT.search(name)
    ]
    try:
        reader = triager_reader(triager.provider, triager)
    except Unsigned:
        return False
    if all(name in UNTYPED for name, _ in fields):
        return False
    page, _, query = path.partition("?")
    row = Unsent(triager=triager, suite=SUITE, referral=_referral_of(page))
    content = json.dumps({"path": page, "fields": fields}).encode()
    key, row.sealed = seal_content(content, *_names(row))
    row.key = reader.key.seal(key, *_names(row))
    row.save(force_insert=True)
    discard(triager, QueryDict(query).get("unsent", ""))
    return True


def keep_for(person: int, request: HttpRequest) -> bool:
    """Keep what somebody typed on a page of the queue whose sign-in had ended, if they are active in a team."""
    triager = Triager.objects.active().filter(user=person).select_related("provider").first()
    return triager is not None and keep(request.POST, going_to(request) or request.get_full_path(), triager)


def going_to(request: HttpRequest) -> str:
    """Return the page of the queue to which a request asks to be led, or on which its form stands; nothing where it
    names none, or one of anybody else's."""
    asked = request.POST.get("next") or request.GET.get("next", "")
    is_ours = asked.startswith(PATH) and "//" not in asked and "\\" not in asked and asked.isprintable()
    return asked if is_ours else ""


def kept(unlocked: Unlocked) -> list[Kept]:
    """Return what a triager was typing, the oldest first. What no longer opens (a key that was lost) is left out."""
    found: list[Kept] = []
    for row in unlocked.triager.unsent.order_by("on", "id"):
        try:
            key = unlocked.key.open(bytes(row.key), *_names(row), suite=row.suite)
            said = open_object(key, bytes(row.sealed), *_names(row), suite=row.suite)
            fields = [(str(name), str(value)) for name, value in said["fields"]]
            found.append(Kept(row.pk, row.on, str(said["path"]), fields))
        except (Unopenable, KeyError, TypeError, ValueError):  # what somebody sealed by hand may have any form
            continue
    return found


def one(unlocked: Unlocked, pk: str) -> Kept | None:
    """Return what waits under a number as an address gives it, if it is the triager's own; None for any other."""
    return next((each for each in kept(unlocked) if str(each.pk) == pk), None)


def discard(triager: Triager, pk: str) -> None:
    """Delete what a triager has seen, by its number as a form gives it; of any other nothing happens."""
    with suppress(ValueError):
        triager.unsent.filter(pk=UUID(pk)).delete()


def forget_old() -> int:
    """Delete what nobody came back for; return how many there were."""
    return Unsent.objects.filter(on__lt=timezone.localdate() - KEPT).delete()[0]


def _referral_of(path: str) -> Referral | None:
    """Return the referral that a page is about: what was typed there ends with it."""
    page = _page_of(path)
    about = {"queue_referral", "queue_act", "queue_export", "queue_give_receipt"}
    if page is None or page.url_name not in about:
        return None
    return Referral.objects.filter(pk=page.kwargs["pk"], purged_on=None).first()


def _page_of(path: str) -> ResolverMatch | None:
    try:
        return resolve(path)
    except Resolver404:
        return None


def _names(row: Unsent) -> tuple[str, ...]:
    return ("unsent", str(row.triager_id), str(row.pk))

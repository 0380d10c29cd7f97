"""Putting two accounts of one person together: one stays, the other is closed and leads to it (ADR 0071).

Each app says how it moves its rows, in a function registered with `merges_people`, or why they stay where they are,
with `keeps_where_it_is`. What will happen is said by doing it and undoing it again: so a preview cannot say anything
else than what is done.

Nobody is let in by it who was not before: the address, the password and the second step of the account that is closed
open nothing any more. What somebody needs (`portal.accounts.needs`) does not move either: it goes, and its owner says
it again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from psycopg.errors import DeadlockDetected

from portal import trail
from portal.accounts.erasure import is_erased
from portal.accounts.letters import write_letter
from portal.accounts.models import Needs, Role, User
from portal.accounts.moving import MOVES, HasChanged, Line, MergeRefused, Movers, Plan
from portal.accounts.roles import end_roles, grant_role
from portal.accounts.rules import gives_role, keeps_person
from portal.outbox.models import Message, Stop
from portal.retention import holds
from portal.retention.models import ErasureRequest, Hold


@dataclass(frozen=True, slots=True)
class Merging:
    """Whose account goes, which one stays, and who does it."""

    leaving: User
    staying: User
    by: User


Move = Callable[[Merging], Iterable[Line]]
Locks = Callable[[User, User], None]
Objection = Callable[[User], str]

_movers: Final = Movers[Merging]()
_holds: Final[list[Locks]] = []
_objections: Final[list[Objection]] = []


def merges_people(*fields: str, hold: Locks | None = None) -> Callable[[Move], Move]:
    """Register how an app moves the rows whose `fields` ("app.model.field") name a person.

    It is called with both people's rows locked. `hold` is called before that, and takes the locks that the app's verbs
    take first. Raises ValueError for a field that is handled already.
    """

    def register(move: Move) -> Move:
        _movers.add(move, fields)
        if hold:
            _holds.append(hold)
        return move

    return register


def keeps_where_it_is(reasons: Mapping[str, str]) -> None:
    """Say of fields that name a person why their rows stay with the account that is closed."""
    _movers.handle(reasons)


def objects_to_merging(*fields: str) -> Callable[[Objection], Objection]:
    """Register what an app has against it that a person's account is one of the two: nothing, if it has not.

    The rows of `fields` are those for which it objects.
    """

    def register(objection: Objection) -> Objection:
        _movers.handle(dict.fromkeys(fields, "Objected to"))
        _objections.append(objection)
        return objection

    return register


def handled() -> frozenset[str]:
    """Return each field that names a person and that somebody has thought of."""
    return _movers.handled


def why_not(merging: Merging) -> str:
    """Say why two accounts cannot be put together: nothing, if they can."""
    objections = (objects(person) for objects in _objections for person in (merging.leaving, merging.staying))
    return _what_is_closed(merging) or _what_is_not_theirs_to_give(merging) or next(filter(None, objections), "")


def _what_is_closed(merging: Merging) -> str:
    both = (merging.leaving, merging.staying)
    if merging.by in both:
        return "One of them is yours. Somebody else has to do that for you."
    if any(person.merged_into_id or is_erased(person) for person in both):
        return "One of them was erased, or put together with another account already."
    if not merging.staying.is_active:
        return "The account that would stay is closed. Open it first, or let the other one stay."
    return ""


def _what_is_not_theirs_to_give(merging: Merging) -> str:
    leaving, staying, by = merging.leaving, merging.staying, merging.by
    if leaving.is_superuser or not keeps_person(by, staying):
        return "A superuser's account is put together with none. It is closed by hand."
    for role in Role.objects.current().filter(user__in=(leaving, staying)).order_by("kind"):
        if not gives_role(by, role.kind, staying):
            return f"One of them has a role that you cannot give or end: {role.get_kind_display()}."
    return ""


def foresee(leaving: User, staying: User, *, by: User) -> Plan:
    """Return what `merge` would do now, and change nothing. Raises MergeRefused."""
    with transaction.atomic():
        plan = _merge(leaving, staying, by)
        transaction.set_rollback(True)
    return plan


def merge(leaving: User, staying: User, *, by: User, seen: str) -> None:
    """Put two accounts together, in one transaction, if that still does what was `seen` (`Plan.seen`).

    Both addresses are written to. Raises MergeRefused, or HasChanged, with nothing changed.
    """
    with transaction.atomic():
        plan = _merge(leaving, staying, by)
        if plan.seen != seen:
            raise HasChanged(plan)


def _merge(leaving: User, staying: User, by: User) -> Plan:
    try:
        merging = _hold(leaving, staying, by)
        if reason := why_not(merging):
            raise MergeRefused(reason)
        plan = _movers.move(merging)
    except OperationalError as error:
        if isinstance(error.__cause__, DeadlockDetected):
            raise MergeRefused("One of them was booking at this very moment. Nothing was done: try again.") from error
        raise
    _close(merging)
    return plan


def _hold(leaving: User, staying: User, by: User) -> Merging:
    """Lock both people, against erasing first, then what apps lock first, and then against any new row of theirs.

    Before that, no legal hold begins any more: it would stay with the account that is closed, and keep nothing.
    """
    holds.let_none_begin()
    people = User.objects.filter(pk__in=[leaving.pk, staying.pk]).order_by("pk")
    list(people.select_for_update(no_key=True).values_list("pk"))
    for hold in _holds:
        hold(leaving, staying)
    held = {person.pk: person for person in people.select_for_update()}
    return Merging(held[leaving.pk], held[staying.pk], by)


@merges_people("accounts.role.user")
def _move_roles(merging: Merging) -> Iterable[Line]:
    """Give the roles held now to whoever stays; a role that both hold lasts as long as the longer one."""
    held = Role.objects.current().select_related("organisation")
    theirs = {(role.kind, role.organisation_id): role for role in held.filter(user=merging.staying)}
    leaving = list(held.filter(user=merging.leaving))
    for role in leaving:
        other = theirs.get((role.kind, role.organisation_id))
        lasts_longer = other and other.until and (role.until is None or role.until > other.until)
        if other is None or lasts_longer:
            grant_role(
                merging.staying,
                Role.Kind(role.kind),
                granted_by=merging.by,
                organisation=role.organisation,
                until=role.until,
            )
        about = f"{role.get_kind_display()}{f' ({role.organisation})' if role.organisation else ''}"
        becomes = "Both have it. It lasts as long as the longer one" if other else MOVES
        yield Line("Role", about, becomes, clashes=other is not None)
    end_roles(leaving, ended_by=merging.by)


@merges_people("outbox.message.person")
def _move_messages(merging: Merging) -> Iterable[Line]:
    """Move what was written, so that nothing is written twice, and what waits; codes for signing in stay behind.

    It is no line of the plan: a worker may send what waits while an admin reads.
    """
    same = Message.objects.filter(person=merging.staying, rule=OuterRef("rule"), subject=OuterRef("subject"))
    moving = Message.objects.filter(~Exists(same), person=merging.leaving, payload__isnull=True)
    moving.update(person=merging.staying)
    return ()


@merges_people("outbox.stop.person")
def _move_stops(merging: Merging) -> Iterable[Line]:
    """Let what either has stopped stay stopped. It is no line of the plan: which letters those are is theirs alone."""
    both = Stop.objects.filter(person=merging.staying, kind=OuterRef("kind"))
    leaving = Stop.objects.filter(person=merging.leaving)
    leaving.filter(Exists(both)).delete()
    leaving.update(person=merging.staying)
    return ()


@merges_people(
    *("account.emailaddress.user", "mfa.authenticator.user", "socialaccount.socialaccount.user"),
    *("accounts.needs.user", "accounts.user.merged_into"),
)
def _end_sign_in(merging: Merging) -> Iterable[Line]:
    """Let nothing open the account that goes. Accounts that led to it lead to the one that stays."""
    leaving, staying = merging.leaving, merging.staying
    for model in (EmailAddress, Authenticator, SocialAccount, Needs):
        model.objects.filter(user=leaving).delete()
    leaving.merged.update(merged_into=staying)
    for field, label in (("organisation", "Organisation"), ("job_role", "Job role")):
        known, other = getattr(staying, field), getattr(leaving, field)
        if other and not known:
            setattr(staying, field, other)
            yield Line(label, str(other))
        elif other and other != known:
            yield Line(label, str(other), f"{known} stays", clashes=True)
    staying.save(update_fields=["organisation", "job_role"])


keeps_where_it_is(
    {
        "accounts.invitation.invited_by": "what they did: nobody's to change",
        "retention.hold.set_by": "what they did: nobody's to change",
        "retention.hold.lifted_by": "what they did: nobody's to change",
        "admin.logentry.user": "never written: the trail takes its place",
        "trail.entry.actor": "append-only: the account that it names leads to the one that stays",
    }
)


@objects_to_merging("retention.hold.person")
def _is_held(person: User) -> str:
    """Object while a legal hold stands: some of what both have would be deleted."""
    held = Hold.objects.standing().filter(person=person).exists()
    return "One of them is under a legal hold. Nothing of theirs is changed while it stands." if held else ""


@objects_to_merging("retention.erasurerequest.person")
def _wants_to_be_erased(person: User) -> str:
    """Object while somebody waits to be erased: it would no longer be clear of what."""
    asked = ErasureRequest.objects.filter(person=person).exists()
    return "One of them has asked to be erased. Decide on that first." if asked else ""


def _close(merging: Merging) -> None:
    """Close the account that goes, put it in the trail, and write to both addresses."""
    leaving, staying = merging.leaving, merging.staying
    leaving.merged_into = staying
    leaving.is_active = leaving.is_staff = False
    leaving.sign_ins_end_at = timezone.now()
    leaving.set_unusable_password()
    leaving.save()
    trail.record_many(
        "person.merged",
        actor=merging.by,
        entries=[(leaving, {"into": staying.pk}), (staying, {"from": leaving.pk})],
    )
    for person, other in ((leaving, staying), (staying, leaving)):
        values = {
            "stays": person == staying,
            # No more of the other address: should it be somebody else's, it is not theirs to know.
            "elsewhere": other.email.rpartition("@")[2],
            "contact": settings.ORIGIN + reverse("contact"),
            "service_name": settings.ORGANISATION_NAME,
        }
        text = render_to_string("accounts/email/merged.txt", values)
        write_letter(person.email, "Your 2 accounts are now one", text, person=None)

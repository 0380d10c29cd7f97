"""Forgetting who a person was, at their word or once nobody uses the account: UK GDPR articles 17 and 5(1)(e).

The account stays as a row without a name, so that counts, places and the trail still add up: what hangs on it names
nobody. An app that keeps more about people says how it forgets that, in a function registered with `forgets_people`,
with what goes and what stays. Erasure is complete when the last backup that holds the person has expired.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.template.loader import render_to_string
from django.utils import timezone

from portal import trail
from portal.accounts.letters import write_letter
from portal.accounts.models import Invitation, Needs, Role, User
from portal.accounts.people import Actor
from portal.accounts.roles import end_roles
from portal.nhsuk.dates import say_date
from portal.outbox.models import Message, Stop
from portal.retention import holds
from portal.retention.models import ErasureRequest, Hold

NAME: Final = "Erased person"
DOMAIN: Final = "erased.invalid"
"""A domain to which nothing can ever be sent (RFC 2606)."""

Forget = Callable[[User, Actor], None]


@dataclass(frozen=True, slots=True)
class Forgetting:
    """How an app forgets a person, and of what it keeps, in words for them: what goes, and what stays and why."""

    goes: Sequence[str]
    stays: Sequence[str]
    forget: Forget


class CannotErase(Exception):
    """Something has to be done first; `str()` says what."""


def forgets_people(*, goes: Sequence[str], stays: Sequence[str]) -> Callable[[Forget], Forget]:
    """Register what an app does to forget a person, given them and who erases them, and what it says of that."""

    def register(forget: Forget) -> Forget:
        _forgetting.append(Forgetting(goes, stays, forget))
        return forget

    return register


def what_goes() -> list[str]:
    """Say to them what is deleted of whoever is erased: "your name"."""
    return list(chain.from_iterable(each.goes for each in (_OF_THE_ACCOUNT, *_forgetting)))


def what_stays() -> list[str]:
    """Say to them what is kept of whoever is erased, and why."""
    return list(chain.from_iterable(each.stays for each in (_OF_THE_ACCOUNT, *_forgetting)))


def why_not(person: User) -> str:
    """Say why a person cannot be erased now: nothing, if they can."""
    if is_erased(person):
        return "They are erased already."
    if person.merged_into_id:
        return "It was put together with another account: erase that one, and it goes along."
    if person.is_superuser:
        return "A superuser's account is closed by hand, so that somebody else has it first."
    if Role.objects.current().filter(user=person, kind=Role.Kind.TRIAGER).exists():
        return "They work in a provider's team. Its lead takes them out of the team first."
    if hold := holds.of_person(person).first():
        since = say_date(hold.set_at, weekday=False)
        return f"A legal hold since {since} keeps what is held about them. Erase them once it is lifted."
    return ""


def is_erased(person: User) -> bool:
    """Say whether nobody is known by this account any more."""
    return _is_of_nobody(person.email)


def let_none_be_erased(people: Collection[int]) -> frozenset[int]:
    """Keep people, by their keys, from being erased until the caller's transaction ends; return who is erased already.

    Whoever writes something that names them, other than by their key, asks this first: what is saved after an erasure
    has looked for it would stay. Who is being erased at this moment is waited for. Raises TransactionManagementError
    outside a transaction.
    """
    return frozenset(key for key, address, _ in _keep(people) if _is_of_nobody(address))


def let_author_stay(person: int) -> None:
    """Keep who has just written words of their own, by their key, from being erased until they are saved.

    And from being put together with another account: what was saved after that has moved what is theirs would stay
    with the account that is closed, where they never find it. It comes last in a transaction: an erasure, or a merge,
    that waits for it waits for nothing else then. Raises PermissionDenied for somebody whose account is closed by
    either, and TransactionManagementError outside a transaction.
    """
    for _, address, merged_into in _keep([person]):
        if _is_of_nobody(address):
            raise PermissionDenied("This account has been erased.")
        if merged_into:
            raise PermissionDenied("This account has been put together with another one.")


def _keep(people: Collection[int]) -> list[tuple[int, str, int | None]]:
    """Hold people as they are until the transaction ends; return their keys, addresses, and into whom they were merged.

    Raises TransactionManagementError outside a transaction.
    """
    if not connection.in_atomic_block:
        raise TransactionManagementError("People are kept from being erased for a transaction.")
    with connection.cursor() as cursor:
        # The weakest lock there is: it does not wait for what else is changed of them, and keeps nobody from it.
        cursor.execute(
            "SELECT id, email, merged_into_id FROM accounts_user WHERE id = ANY(%s) ORDER BY id FOR KEY SHARE",
            [[*people]],
        )
        found: list[tuple[int, str, int | None]] = cursor.fetchall()
        return found


@transaction.atomic
def erase(person: User, *, by: Actor) -> None:
    """Forget who a person was, and cancel what they have booked. Raises CannotErase, with nothing changed.

    So are accounts that were put together with theirs.
    """
    holds.let_none_begin()
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if reason := why_not(person):
        raise CannotErase(reason)
    for account in (person, *person.merged.order_by("pk")):
        _forget(account, by)
        # This waits for whoever has asked `let_none_be_erased`, and lets nobody begin. What they have written meanwhile
        # is there then, to be forgotten as well.
        User.objects.select_for_update().get(pk=account.pk)
        _forget(account, by)
        trail.record("person.erased", actor=by, subject=account)


@transaction.atomic
def erase_at_their_word(person: User, *, by: User) -> None:
    """Erase a person who has asked for it, and write to the address that they had what was done. Raises CannotErase.

    The letter waits sealed, and for an hour at most; then nobody knows the address any more.
    """
    holds.let_none_begin()
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    address = person.email
    erase(person, by=by)
    write_letter(address, "What we held about you is deleted", letter(), person=None)


def letter() -> str:
    """Return what somebody is told who was erased: the same to everybody, so that it names nobody."""
    context = {
        "goes": what_goes(),
        "stays": what_stays(),
        "contact": settings.CONTACT_EMAIL,
        "service_name": settings.ORGANISATION_NAME,
    }
    return render_to_string("accounts/email/erased.txt", context)


def _forget(account: User, by: Actor) -> None:
    for each in (*_forgetting, _OF_THE_ACCOUNT):
        each.forget(account, by)


def _is_of_nobody(address: str) -> bool:
    return address.endswith(f"@{DOMAIN}")


def _forget_account(person: User, by: Actor) -> None:
    """Empty the account itself, and close it for good."""
    end_roles(Role.objects.filter(user=person), ended_by=by)
    addresses = [person.email, *EmailAddress.objects.filter(user=person).values_list("email", flat=True)]
    Invitation.objects.filter(email__in=addresses).delete()
    for model in (EmailAddress, Authenticator, SocialAccount, Needs):
        model.objects.filter(user=person).delete()
    # Those about cancelling included: nobody is left to write to.
    for of_mail in (Message, Stop):
        of_mail.objects.filter(person=person).delete()
    ErasureRequest.objects.filter(person=person).delete()
    # The number of a matter could tell whoever knows it who this was. None stands, or they would not be erased.
    Hold.objects.filter(person=person).delete()
    person.name, person.email = NAME, f"{person.pk}@{DOMAIN}"
    person.organisation = person.job_role = person.last_login = None
    person.is_active = person.is_staff = False
    person.sign_ins_end_at = timezone.now()
    person.set_unusable_password()
    person.save()


_OF_THE_ACCOUNT: Final = Forgetting(
    goes=(
        "your name, email address, organisation and job role",
        "your passwords, second steps, passkeys and roles, so that nobody can sign in as you",
        "the record of emails that we sent you, which of them you stopped, and invitations to your address",
    ),
    stays=(
        "that there was an account, as a number without a name, so that what is counted still adds up",
        "what was done here and when, under that number, because those who run a service have to answer for it",
        "copies in backups, until each backup ends",
    ),
    forget=_forget_account,
)
_forgetting: Final[list[Forgetting]] = []

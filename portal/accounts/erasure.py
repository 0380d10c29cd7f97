"""Forgetting who a person was, at their word: UK GDPR article 17.

The account stays as a row without a name, so that counts, places and the trail still add up: what hangs on it names
nobody. An app that keeps more about people says how it forgets that, in a function registered with `forgets_people`.
Erasure is complete when the last backup that holds the person has expired.
"""

from collections.abc import Callable
from typing import Final

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.utils import timezone

from portal import trail
from portal.accounts.models import Invitation, Role, User
from portal.accounts.roles import end_roles
from portal.outbox.models import Message

NAME: Final = "Erased person"
DOMAIN: Final = "erased.invalid"
"""A domain to which nothing can ever be sent (RFC 2606)."""

Forget = Callable[[User, User], None]
_forgetting: list[Forget] = []


class CannotErase(Exception):
    """Something has to be done first; `str()` says what."""


def forgets_people(forget: Forget) -> Forget:
    """Register what an app does to forget a person, given them and who erases them."""
    _forgetting.append(forget)
    return forget


def why_not(person: User) -> str:
    """Say why a person cannot be erased now: nothing, if they can."""
    if is_erased(person):
        return "They are erased already."
    if person.is_superuser:
        return "A superuser's account is closed by hand, so that somebody else has it first."
    if Role.objects.current().filter(user=person, kind=Role.Kind.TRIAGER).exists():
        return "They work in a provider's team. Its lead takes them out of the team first."
    return ""


def is_erased(person: User) -> bool:
    """Say whether nobody is known by this account any more."""
    return person.email.endswith(f"@{DOMAIN}")


@transaction.atomic
def erase(person: User, *, by: User) -> None:
    """Forget who a person was, and cancel what they have booked. Raises CannotErase."""
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if reason := why_not(person):
        raise CannotErase(reason)
    for forget in _forgetting:
        forget(person, by)
    end_roles(Role.objects.filter(user=person), ended_by=by)
    addresses = [person.email, *EmailAddress.objects.filter(user=person).values_list("email", flat=True)]
    Invitation.objects.filter(email__in=addresses).delete()
    for model in (EmailAddress, Authenticator, SocialAccount):
        model.objects.filter(user=person).delete()
    # Those about cancelling included: nobody is left to write to.
    Message.objects.filter(person=person).delete()
    person.name, person.email = NAME, f"{person.pk}@{DOMAIN}"
    person.organisation = person.job_role = person.last_login = None
    person.is_active = person.is_staff = False
    person.sign_ins_end_at = timezone.now()
    person.set_unusable_password()
    person.save()
    trail.record("person.erased", actor=by, subject=person)

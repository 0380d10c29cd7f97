"""Asking to be erased: somebody asks, may take it back until it is done, and admins of all programmes answer."""

from datetime import date, datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from portal import trail
from portal.accounts.erasure import CannotErase, erase_at_their_word, is_erased
from portal.accounts.letters import write_letter
from portal.accounts.models import User
from portal.retention import holds
from portal.retention.models import ErasureRequest
from portal.trail.models import Entry

ASKED: Final = "person.erasure_asked"
ANSWERED_WITHIN: Final = timedelta(days=28)
"""No month is shorter, and a month is what UK GDPR article 12(3) gives."""
TOLD_AGAIN_AFTER: Final = timedelta(days=1)
"""Who asks, takes it back and asks again has the team written to once in this time."""


def answer_by(asked_at: datetime) -> date:
    """Return the last UK date on which a request is answered in time."""
    return timezone.localdate(asked_at) + ANSWERED_WITHIN


@transaction.atomic
def ask(person: User) -> None:
    """Ask that what is held about a person be deleted: it stands on the admins' start page, and they are written to.

    Asking again while that stands changes nothing, and neither does the asking of somebody who is erased. The letter
    goes to the address that answers for the portal, and names nobody. Should it not go out within an hour, the start
    page still says so.
    """
    person = User.objects.select_for_update(no_key=True).get(pk=person.pk)
    if is_erased(person) or not ErasureRequest.objects.get_or_create(person=person)[1]:
        return
    lately = Entry.objects.filter(subject=trail.subject_key(person), at__gt=timezone.now() - TOLD_AGAIN_AFTER)
    has_told = lately.filter(verb=ASKED).exists()
    trail.record(ASKED, actor=person, subject=person)
    if not has_told:
        text = render_to_string("accounts/email/erasure_asked.txt", {"days": ANSWERED_WITHIN.days})
        write_letter(settings.CONTACT_EMAIL, "Somebody asks for what we hold to be deleted", text, person=None)


@transaction.atomic
def take_back(person: User) -> bool:
    """Take back what one has asked; return whether there was something to take back."""
    taken, _ = ErasureRequest.objects.filter(person=person).delete()
    if taken:
        trail.record("person.erasure_taken_back", actor=person, subject=person)
    return bool(taken)


@transaction.atomic
def grant(request: ErasureRequest, *, by: User) -> None:
    """Erase who asked. Raises CannotErase, also once they have taken it back."""
    holds.let_none_begin()
    person = User.objects.select_for_update(no_key=True).get(pk=request.person_id)
    _require_standing(request)
    erase_at_their_word(person, by=by)


@transaction.atomic
def decline(request: ErasureRequest, *, by: User) -> None:
    """Take a request off the list that was answered with a no. Raises CannotErase once it is no more."""
    _require_standing(request)
    trail.record("person.erasure_declined", actor=by, subject=f"user:{request.person_id}")
    ErasureRequest.objects.filter(pk=request.pk).delete()


def _require_standing(request: ErasureRequest) -> None:
    """Hold a request until the transaction ends. Raises CannotErase if it was taken back or answered."""
    if not ErasureRequest.objects.select_for_update(of=("self",)).filter(pk=request.pk).exists():
        raise CannotErase("They have taken it back, or somebody has answered it.")

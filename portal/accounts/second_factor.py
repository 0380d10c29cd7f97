"""Helping somebody who lost their second factor."""

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils import timezone

from portal import trail
from portal.accounts.models import User


@transaction.atomic
def reset_second_factor(person: User, *, reset_by: User) -> bool:
    """Remove a person's authenticator apps, passkeys and recovery codes; say whether there were any.

    It may have been stolen together with an open browser, so whoever is signed in as them is signed out. Their address
    still has to prove who they are, and where their role asks for a second factor they set up a new one then.
    """
    removed, _ = Authenticator.objects.filter(user=person).delete()
    if removed:
        person.sign_ins_end_at = timezone.now()
        person.save(update_fields=["sign_ins_end_at"])
        trail.record("person.second_factor_reset", actor=reset_by, subject=person)
    return bool(removed)

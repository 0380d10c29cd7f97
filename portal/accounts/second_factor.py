"""Helping people who lost their second factor."""

from collections.abc import Collection

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from portal import trail
from portal.accounts.models import User

# Whether a person has an authenticator app, a passkey or recovery codes, for a queryset of people.
HOLDS_SECOND_FACTOR = Exists(Authenticator.objects.filter(user=OuterRef("pk")))


@transaction.atomic
def reset_second_factors(people: Collection[User], *, reset_by: User) -> int:
    """Remove people's authenticator apps, passkeys and recovery codes; return how many people had any.

    They may have been stolen together with an open browser, so whoever is signed in as one of them is signed out. Their
    address still has to prove who they are, and where their role asks for a second factor they set up a new one then.
    The number of statements does not grow with the number of people.
    """
    held = User.objects.filter(HOLDS_SECOND_FACTOR, pk__in=[person.pk for person in people])
    locked = list(held.select_for_update(no_key=True).order_by("pk"))
    Authenticator.objects.filter(user__in=locked).delete()
    User.objects.filter(pk__in=[person.pk for person in locked]).update(sign_ins_end_at=timezone.now())
    trail.record_many("person.second_factor_reset", actor=reset_by, entries=[(person, {}) for person in locked])
    return len(locked)

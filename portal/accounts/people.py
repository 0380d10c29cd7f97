"""How a person comes to have an account when somebody else makes it for them."""

from collections.abc import Sequence

from allauth.account.models import EmailAddress
from django.db import transaction

from portal import trail
from portal.accounts.models import JobRole, Organisation, User

Actor = User | trail.System

BATCH = 1000


@transaction.atomic
def add_person(
    email: str,
    name: str,
    *,
    added_by: Actor,
    organisation: Organisation | None = None,
    job_role: JobRole | None = None,
    password: str | None = None,
) -> User:
    """Make an account whose address counts as verified: who adds it vouches for it.

    Without a password the person signs in by a code. Raises IntegrityError when the address has an account.
    """
    person = User.objects.create_user(email, name, password, organisation=organisation, job_role=job_role)
    EmailAddress.objects.create(user=person, email=person.email, verified=True, primary=True)
    trail.record("person.added", actor=added_by, subject=person)
    return person


def add_people(people: Sequence[User], *, added_by: Actor) -> None:
    """Make accounts for many unsaved people, in statements that do not grow with their number; see `add_person`.

    They sign in by a code. Raises IntegrityError, with nothing made, when an address has an account.
    """
    for person in people:
        person.email = person.email.strip().lower()
        person.set_unusable_password()
    with transaction.atomic():
        User.objects.bulk_create(people, batch_size=BATCH)
        EmailAddress.objects.bulk_create(
            [EmailAddress(user=person, email=person.email, verified=True, primary=True) for person in people],
            batch_size=BATCH,
        )
        trail.record_many("person.added", actor=added_by, entries=[(person, {}) for person in people])


@transaction.atomic
def change_own_details(
    person: User, *, name: str, organisation: Organisation | None, job_role: JobRole | None
) -> list[str]:
    """Put down what somebody says of themselves; return which fields changed. The trail has those, not what they say.

    Who they are in a cohort stays as it was when they joined: it is counted by where they worked then.
    """
    person = User.objects.select_for_update().get(pk=person.pk)
    said = {"name": name, "organisation": organisation, "job_role": job_role}
    changed = [field for field, value in said.items() if getattr(person, field) != value]
    if changed:
        for field in changed:
            setattr(person, field, said[field])
        person.save(update_fields=changed)
        trail.record("person.details_changed", actor=person, subject=person, fields=",".join(changed))
    return changed

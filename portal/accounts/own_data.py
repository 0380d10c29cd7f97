"""What is held about a person's account; see `portal.subject_access`. Hashes and secrets of sign-in are not told."""

from collections.abc import Iterable

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount

from portal import trail
from portal.accounts import needs
from portal.accounts.models import Invitation, Role, User
from portal.accounts.seeing import SEEN
from portal.subject_access import Row, holds_about_people
from portal.trail.models import Entry


@holds_about_people("Account")
def account(person: User) -> Iterable[Row]:
    """Tell who they are, as they or their organisation said."""
    yield {
        "name": person.name,
        "email address": person.email,
        "organisation": person.organisation and person.organisation.name,
        "job role": person.job_role and person.job_role.name,
        "may sign in": person.is_active,
        "may use the admin pages": person.is_staff,
        "has a password": person.has_usable_password(),
        "made": person.date_joined,
        "last signed in": person.last_login,
    }


@holds_about_people("Email addresses")
def addresses(person: User) -> Iterable[Row]:
    """Tell each address of the account."""
    for address in EmailAddress.objects.filter(user=person).order_by("pk"):
        yield {"email address": address.email, "proved": address.verified, "in use": address.primary}


@holds_about_people("Access and dietary needs")
def own_needs(person: User) -> Iterable[Row]:
    """Tell what they said that they need, and when they agreed who may read it."""
    if said := needs.said_by(person):
        needed, said_at = said
        yield {"access needs": needed.access, "dietary needs": needed.diet, "said, and agreed": said_at}


@holds_about_people("Second steps and passkeys")
def second_steps(person: User) -> Iterable[Row]:
    """Tell that there is one, and never what opens it."""
    for step in Authenticator.objects.filter(user=person).order_by("pk"):
        yield {"kind": step.get_type_display(), "made": step.created_at, "last used": step.last_used_at}


@holds_about_people("Sign-in through an organisation")
def services(person: User) -> Iterable[Row]:
    """Tell by which service they came, and under which number it knows them."""
    for service in SocialAccount.objects.filter(user=person).order_by("pk"):
        yield {"service": service.provider, "number": service.uid, "since": service.date_joined}


@holds_about_people("Roles")
def roles(person: User) -> Iterable[Row]:
    """Tell what they may do, and when they could."""
    for role in Role.objects.filter(user=person).select_related("organisation").order_by("pk"):
        about = role.organisation and role.organisation.name
        yield {"role": role.get_kind_display(), "about": about, "since": role.since, "until": role.until}


@holds_about_people("Invitations")
def invitations(person: User) -> Iterable[Row]:
    """Tell who was asked in by this address."""
    for invitation in Invitation.objects.filter(email__in=_addresses_of(person)).order_by("pk"):
        yield {
            "email address": invitation.email,
            "name": invitation.name,
            "sent": invitation.sent_at,
            "accepted": invitation.accepted_at,
            "withdrawn": invitation.withdrawn_at,
        }


@holds_about_people("Admins who saw your pages")
def looks(person: User) -> Iterable[Row]:
    """Tell who looked at which page as they see it (`portal.accounts.seeing`), and when."""
    seen = Entry.objects.filter(subject=trail.subject_key(person), verb=SEEN).select_related("actor").order_by("pk")
    for entry in seen:
        yield {"who": entry.actor and entry.actor.name, "when": entry.at, "page": entry.details["page"]}


def _addresses_of(person: User) -> list[str]:
    return [person.email, *EmailAddress.objects.filter(user=person, verified=True).values_list("email", flat=True)]

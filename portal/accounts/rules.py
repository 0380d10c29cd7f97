"""Who may do what with people and organisations: one predicate for each question."""

from allauth.account.internal.flows.reauthentication import did_recently_reauthenticate
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from portal.accounts.models import Invitation, Role, User

Visitor = User | AnonymousUser


def holds(user: Visitor, *kinds: Role.Kind) -> bool:
    """Say whether somebody holds a role of one of these kinds now."""
    return user.is_authenticated and not user.role_kinds.isdisjoint(kinds)


def is_programme_admin(user: Visitor) -> bool:
    """Programme admins set up programmes: those that name them, or all; a superuser may do all that they may."""
    return user.is_authenticated and (user.is_superuser or holds(user, *Role.USES_ADMIN_PAGES))


def is_admin_of_all_programmes(user: Visitor) -> bool:
    """Some keep all programmes, and what they have in common; a superuser may do all that they may."""
    return user.is_authenticated and (user.is_superuser or holds(user, Role.Kind.ALL_PROGRAMMES_ADMIN))


def is_facilitator(user: Visitor) -> bool:
    """Facilitators run sessions and keep their registers."""
    return holds(user, Role.Kind.FACILITATOR)


def keeps_people(user: Visitor) -> bool:
    """Admins of all programmes invite people, give and end roles, and keep accounts, organisations and job roles."""
    return is_admin_of_all_programmes(user)


def keeps_person(user: Visitor, person: User) -> bool:
    """A superuser's account is changed by superusers alone."""
    return keeps_people(user) and (user.is_superuser or not person.is_superuser)


def kinds_given_by(user: Visitor) -> frozenset[Role.Kind]:
    """Return the kinds of role that somebody may give and end.

    Who keeps the programmes that name them says who leads their sessions, and no more. Triagers are authorised by
    their provider's own lead, so nobody makes one of anybody here.
    """
    if keeps_people(user):
        return frozenset(Role.Kind) - {Role.Kind.TRIAGER}
    return frozenset({Role.Kind.FACILITATOR}) if is_programme_admin(user) else frozenset()


def gives_role(user: Visitor, kind: str, person: User) -> bool:
    """Say whether somebody may give a person a role of this kind, or end it: superusers' are superusers' alone."""
    return kind in kinds_given_by(user) and (user.is_superuser or not person.is_superuser)


def may_send(user: Visitor, invitation: Invitation) -> bool:
    """Say whether somebody may send an invitation: what it brings has to be theirs to give."""
    return kinds_given_by(user).issuperset(invitation.kinds)


def needs_second_factor(user: Visitor) -> bool:
    """People who see others' data prove themselves by a second factor: see Role.NEEDS_SECOND_FACTOR."""
    return user.is_authenticated and (
        user.is_staff or user.is_superuser or not user.role_kinds.isdisjoint(Role.NEEDS_SECOND_FACTOR)
    )


def has_proved_again(request: HttpRequest) -> bool:
    """Say whether somebody who is signed in has proved in the last minutes, by password or code, that it is them.

    Whoever has no way to do it but their organisation's sign-in has.
    """
    return bool(did_recently_reauthenticate(request))

"""Who may do what with people and organisations: one predicate for each question."""

from django.contrib.auth.models import AnonymousUser

from portal.accounts.models import Role, User

Visitor = User | AnonymousUser


def holds(user: Visitor, *kinds: Role.Kind) -> bool:
    """Say whether somebody holds a role of one of these kinds now."""
    return user.is_authenticated and not user.role_kinds.isdisjoint(kinds)


def is_programme_admin(user: Visitor) -> bool:
    """Programme admins set up programmes and keep people's accounts; a superuser may do all that they may."""
    return user.is_authenticated and (user.is_superuser or holds(user, Role.Kind.PROGRAMME_ADMIN))


def is_facilitator(user: Visitor) -> bool:
    """Facilitators run sessions and keep their registers."""
    return holds(user, Role.Kind.FACILITATOR)


def keeps_people(user: Visitor) -> bool:
    """Programme admins invite people, give and end roles, and keep organisations and job roles."""
    return is_programme_admin(user)


def keeps_person(user: Visitor, person: User) -> bool:
    """A superuser's account is changed by superusers alone."""
    return keeps_people(user) and (user.is_superuser or not person.is_superuser)


def needs_second_factor(user: Visitor) -> bool:
    """People who see others' data prove themselves by a second factor: see Role.NEEDS_SECOND_FACTOR."""
    return user.is_authenticated and (
        user.is_staff or user.is_superuser or not user.role_kinds.isdisjoint(Role.NEEDS_SECOND_FACTOR)
    )

"""The addresses to which rows of lists and redirects lead."""

from uuid import UUID

from django.urls import reverse

from cohorts.models import Membership, Session
from portal.addresses import Addresses

SESSIONS = Addresses("session", 0)
CHECKS = Addresses("book", 0)
BOOKINGS = Addresses("booking", UUID(int=0))
SWAPS = Addresses("swap_to", UUID(int=0), 1)
COMPONENTS = Addresses("component", 0, "slug")
STUDIES = Addresses("study", 0, "slug")
STUDY_PAGES = Addresses("study_page", 0, "slug", 1)
STUDIES_FINISHED = Addresses("study_finished", 0, "slug")
COURSE_PREVIEWS = Addresses("course_preview", 0)
COURSE_PAGE_PREVIEWS = Addresses("course_page_preview", 0, 1)
GROUPS = Addresses("group", 0)
REGISTERS = Addresses("register", 0)


def other_dates(session: Session, membership: Membership | None = None) -> str:
    """Return where another date of a session's component can be chosen, by a membership where it is a programme's."""
    component = session.component
    if membership and membership.state == Membership.State.ENROLLED:
        return COMPONENTS.of(membership.pk, component.slug)
    if component.programme.is_open and component.programme.published:
        return reverse("series", args=[component.programme.slug, component.slug])
    return reverse("me")

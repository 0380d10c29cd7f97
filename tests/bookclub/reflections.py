"""Reflections as tests write them."""

from typing import Any
from uuid import UUID, uuid4

from bookclub import reflecting, sharing
from bookclub.models import Reflection
from bookclub.reflecting import Seen
from bookclub.targets import Target
from cohorts.models import Cohort, Membership
from tests.bookclub.making import make_reader, make_reading_cohort
from tests.cohorts.pages import address

Audience = Reflection.Audience


def write(member: Membership, words: str = "I listened.", *, uid: UUID | None = None, **target: Any) -> Reflection:
    """Write a reflection, or write it anew; return it."""
    before = Reflection.objects.filter(author=member.user, uid=uid).first() if uid else None
    seen = Seen(before.version, before.draft_turn) if before else Seen()
    about = Target(member.cohort, **target)
    return reflecting.save(about, uid or uuid4(), words, seen=seen, by=member.user)


def draft(member: Membership, words: str, reflection: Reflection | None = None, **target: Any) -> UUID:
    """Keep a draft, as one tab does that goes on and on; return by what its author's pages know it."""
    uid = reflection.uid if reflection else uuid4()
    row = Reflection.objects.filter(author=member.user, uid=uid).first()
    seen = Seen(row.version, row.draft_turn) if row else Seen()
    reflecting.keep_draft(Target(member.cohort, **target), uid, words, seen=seen, by=member.user)
    return uid


def share(reflection: Reflection, audience: Audience = Audience.COHORT) -> Reflection:
    """Share a reflection as it stands."""
    reflection.refresh_from_db()
    seen = Seen(reflection.version, reflection.draft_turn)
    sharing.share(reflection.cohort, reflection.uid, audience, seen=seen, by=reflection.author)
    reflection.refresh_from_db()
    return reflection


def make_reflection(cohort: Cohort | None = None, words: str = "I listened.", **target: Any) -> Reflection:
    """Write a reflection as a member of a cohort who does not exist elsewhere."""
    return write(make_reader(cohort or make_reading_cohort()), words, **target)


def page(name: str, row: Reflection) -> str:
    """Return the address of a page about a reflection."""
    return address(name, row.cohort_id, row.uid)


def new_page(cohort: Cohort, about: str = "") -> str:
    """Return the address at which somebody writes about something, named by its key."""
    return address("reflection_new_about", cohort.pk, about) if about else address("reflection_new", cohort.pk)


def sent(said: str, row: Reflection | None = None, **more: Any) -> dict[str, Any]:
    """Return what the page sends on which somebody writes."""
    uid = row.uid if row else uuid4()
    version, turn = (row.version, row.draft_turn) if row else (0, 0)
    return {"words": said, "uid": uid, "version": version, "turn": turn} | more

"""Whose diary a request is for, and what is there; one that is another's does not exist."""

from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from bookclub import rules
from bookclub.models import Reflection
from bookclub.refusals import BookClubRefused, NoMember, ReflectionGone
from bookclub.rules import Diary
from bookclub.views.refusing import CANNOT, NOT_THEIRS, REFUSED, WayBack, refuse_here
from portal.access import existing, person

GONE: Final = 404
"""As of what was never there."""


def diary_of(request: HttpRequest, cohort: int) -> Diary:
    """Return the diary of whoever is signed in. Raises Http404 where they have none."""
    return existing(rules.diary(person(request), cohort))


def own(diary: Diary, uid: UUID) -> Reflection:
    """Return what somebody wrote. Raises Http404 for what is not theirs, and for what is not there."""
    return existing(rules.own_reflection(diary, uid))


def refuse(request: HttpRequest, what: str, refused: BookClubRefused, *, asked: str = CANNOT) -> HttpResponse:
    """Say `what` was not done and why, and lead back to what somebody wrote."""
    status = {NoMember: NOT_THEIRS, ReflectionGone: GONE}.get(type(refused), REFUSED)
    back = WayBack(reverse("own_reflections"), "your reflections")
    return refuse_here(request, back, what, refused, asked=asked, status=status)

"""Whose diary a request is for, and what is there; one that is another's does not exist."""

from typing import Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bookclub import rules
from bookclub.models import Reflection
from bookclub.refusals import BookClubRefused, NoMember, ReflectionGone
from bookclub.rules import Diary
from bookclub.views.seats import NOT_THEIRS, REFUSED
from portal.access import existing, person
from portal.accounts.typed import just_typed

GONE: Final = 404
"""As of what was never there."""


def diary_of(request: HttpRequest, cohort: int) -> Diary:
    """Return the diary of whoever is signed in. Raises Http404 where they have none."""
    return existing(rules.diary(person(request), cohort))


def own(diary: Diary, uid: UUID) -> Reflection:
    """Return what somebody wrote. Raises Http404 for what is not theirs, and for what is not there."""
    return existing(rules.own_reflection(diary, uid))


def refuse(request: HttpRequest, diary: Diary, what: str, refused: BookClubRefused) -> HttpResponse:
    """Say `what` was not done and why, with whatever was typed, and lead back to what they wrote."""
    status = {NoMember: NOT_THEIRS, ReflectionGone: GONE}.get(type(refused), REFUSED)
    context = {"cohort": diary.cohort, "what": what, "refused": refused, "typed": just_typed(request)}
    return render(request, "bookclub/reflections/refused.html", context, status=status)

"""The public pages' content, which is the same for all: kept whole in the cache, and dropped when a programme changes.

Each kept page carries the edition that it was built in, and is good only while that edition is the current one. A
change begins a new edition when it commits, so nobody can keep what they read before it. Without the cache, pages are
built each time.
"""

import uuid
from collections.abc import Callable
from typing import Any, NamedTuple

from django.core.cache import cache
from django.db import transaction
from django.db.models import Prefetch
from django.db.models.signals import m2m_changed, post_delete, post_save
from django.template.loader import render_to_string
from redis.exceptions import RedisError

from cohorts import testimonies
from cohorts.models import Choice, Cohort, Component, LearningOutcome, Programme, Testimony
from portal.accounts.models import JobRole

EDITION = "cohorts.public_pages.edition"
# What changes without a signal (a bulk update by hand, a day on which applications open) shows after this many seconds.
KEPT_FOR = 600


class Page(NamedTuple):
    """A page's title and its content as HTML."""

    title: str
    content: str


def programmes() -> Page:
    """Return the list of published programmes."""
    return _kept("programmes", _build_programmes)


def programme(slug: str) -> Page:
    """Return the page of a published programme. Raises Programme.DoesNotExist."""
    return _kept(f"programme.{slug}", lambda: _build_programme(slug))


def watch() -> None:
    """Begin a new edition at each change to what the pages show."""
    for model in (Programme, Component, Choice, LearningOutcome, JobRole, Cohort, Testimony):
        for change in (post_save, post_delete):
            change.connect(_on_change, sender=model, dispatch_uid="cohorts.public_pages")
    m2m_changed.connect(_on_change, sender=Programme.job_roles.through, dispatch_uid="cohorts.public_pages")


def _on_change(**_: Any) -> None:
    transaction.on_commit(_begin_edition, robust=True)


def _begin_edition() -> None:
    cache.set(EDITION, uuid.uuid4().hex, timeout=None)


def _kept(name: str, build: Callable[[], Page]) -> Page:
    key = f"cohorts.public_pages.{name}"
    try:
        found = cache.get_many([EDITION, key])
        edition: str | None = found.get(EDITION) or cache.get_or_set(EDITION, uuid.uuid4().hex, timeout=None)
        kept: tuple[str, Page] | None = found.get(key)
        if kept and kept[0] == edition:
            return kept[1]
        page = build()
        cache.set(key, (edition, page), KEPT_FOR)
    except RedisError:
        return build()
    return page


def _build_programmes() -> Page:
    found = Programme.objects.published().only("name", "slug", "summary", "audience", "length")
    return Page("Programmes", render_to_string("cohorts/programmes_content.html", {"programmes": found}))


def _build_programme(slug: str) -> Page:
    outcomes = LearningOutcome.objects.filter(component__isnull=True)
    found = (
        Programme.objects.published()
        .prefetch_related(
            Prefetch("components", queryset=Component.objects.select_related("choice")),
            "job_roles",
            Prefetch("learning_outcomes", queryset=outcomes, to_attr="outcomes"),
        )
        .get(slug=slug)
    )
    quotes = testimonies.newest(found, testimonies.ON_PROGRAMME + 1)
    context = {
        "programme": found,
        "open_cohorts": Cohort.objects.taking_applications().filter(programme=found),
        "quotes": quotes[: testimonies.ON_PROGRAMME],
        "has_more_quotes": len(quotes) > testimonies.ON_PROGRAMME,
    }
    return Page(found.name, render_to_string("cohorts/programme_content.html", context))

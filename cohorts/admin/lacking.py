"""What a session lacks that whoever comes, and whoever leads it, have to know beforehand."""

from collections.abc import Mapping
from typing import Any, Final

from django.contrib import admin
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest

from cohorts.models import Session
from cohorts.models.sessions import LACKS_LINK, LACKS_VENUE

LACKS_FACILITATOR: Final = ~Exists(Session.facilitators.through.objects.filter(session=OuterRef("pk")))

LACKS_PLACE: Final = LACKS_VENUE | LACKS_LINK

_LACKS: Final = {"facilitator": LACKS_FACILITATOR, "venue": LACKS_VENUE, "link": LACKS_LINK}


def with_what_is_lacking(sessions: QuerySet[Session]) -> QuerySet[Any]:
    """Annotate sessions with `lacks_facilitator`, `lacks_venue` and `lacks_link`."""
    return sessions.annotate(**{f"lacks_{what}": lacks for what, lacks in _LACKS.items()})


class Lacking(admin.SimpleListFilter):
    """Filter by what a session lacks."""

    title = "what is lacking"
    parameter_name = "lacks"

    def lookups(self, request: HttpRequest, model_admin: "admin.ModelAdmin[Session]") -> list[tuple[str, str]]:
        """Return what can be lacking."""
        return [("facilitator", "A facilitator"), ("place", "A venue or link")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Session]) -> QuerySet[Session]:
        """Return the sessions that lack what was chosen."""
        chosen = {"facilitator": Q(LACKS_FACILITATOR), "place": LACKS_PLACE}
        return queryset.filter(chosen.get(self.value() or "", Q()))


def say_what_is_lacking(lacks: Mapping[str, Any]) -> str:
    """Say what is lacking, of those annotations that are known: "no venue and no link", or nothing."""
    return " and ".join(f"no {what}" for what in _LACKS if lacks.get(f"lacks_{what}"))

"""An organisation lead's page about their organisation: numbers, and nobody's name but of whom they nominated."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from cohorts import figures, nominating, rules
from cohorts.figures import Sheet
from cohorts.models import Figure
from portal.access import access, person
from portal.accounts.seeing import seen_by_admins
from portal.small_numbers import or_more


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table."""

    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """An organisation as the page shows it."""

    sheet: Sheet
    everybody: str
    programmes: list[Line]
    years: list[Line]


@require_safe
@cache_control(private=True, no_store=True)
@access(rules.reads_figures)
@seen_by_admins
def my_organisation(request: HttpRequest) -> HttpResponse:
    """Show how many people of each organisation that somebody leads take part, and what waits of their nominations."""
    lead = person(request)
    context = {
        "shown": [_shown(sheet) for sheet in figures.sheets(rules.organisations_led(lead))],
        "unanswered": nominating.unanswered(lead),
    }
    return render(request, "cohorts/my_organisation.html", context)


def _shown(sheet: Sheet) -> Shown:
    return Shown(
        sheet,
        or_more(sheet.whole.people if sheet.whole else None),
        [Line((_name(each), or_more(each.people), or_more(each.completed))) for each in sheet.programmes],
        [Line((_name(each), str(each.year), or_more(each.people))) for each in sheet.years],
    )


def _name(figure: Figure) -> str:
    return figure.programme.name if figure.programme else ""

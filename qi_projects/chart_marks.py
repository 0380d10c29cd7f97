"""What happened beside the figures, to be marked on the chart of a measure: whoever has such things says so here.

A piece of a project that has days of its own, such as its PDSA cycles, registers in its `AppConfig.ready()` a function
that returns the marks of one measure in a constant number of statements.
"""

from collections.abc import Callable, Iterable
from typing import Final

from qi_projects.charts import Mark
from qi_projects.models import Measure

Source = Callable[[Measure], Iterable[Mark]]
_SOURCES: Final[dict[str, Source]] = {}


def marks_come_from(name: str, source: Source) -> None:
    """Register whence marks come. Raises ValueError for a second source of that name."""
    if _SOURCES.setdefault(name, source) is not source:
        raise ValueError(f"Marks come from another {name} already.")


def marks_of(measure: Measure) -> list[Mark]:
    """Return what else is to be marked on a measure's chart."""
    return [mark for source in _SOURCES.values() for mark in source(measure)]

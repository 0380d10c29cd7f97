"""What happened beside the figures, to be marked on the chart of a measure: whoever has such things says so here.

A piece of a project that has days of its own, such as its PDSA cycles, registers in its `AppConfig.ready()` a function
that returns the marks of measures of one project in a constant number of statements: each beside its measure's key.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from qi_projects.charts import Mark
from qi_projects.models import Measure

Source = Callable[[Sequence[Measure]], Iterable[tuple[int, Mark]]]
_SOURCES: Final[dict[str, Source]] = {}


def marks_come_from(name: str, source: Source) -> None:
    """Register whence marks come. Raises ValueError for a second source of that name."""
    if _SOURCES.setdefault(name, source) is not source:
        raise ValueError(f"Marks come from another {name} already.")


def marks_of(measures: Sequence[Measure]) -> Iterator[tuple[int, Mark]]:
    """Yield what else is to be marked on the charts of measures of one project, beside the measure's key."""
    for source in _SOURCES.values():
        yield from source(measures)

"""What a benchmark says: one JSON object a line."""

import json
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Floor:
    """What the value is held against: measured in the same run, on the same machine, in the same unit."""

    what: str
    value: float


@dataclass(frozen=True, slots=True)
class Result:
    """One measured value. `more` holds what helps to read it."""

    name: str
    value: float
    unit: str
    floor: Floor | None = None
    more: Mapping[str, float] = field(default_factory=dict)

    def line(self) -> str:
        """Return the JSON object; `ratio` is value by floor."""
        told = {
            "name": self.name,
            "value": significant(self.value),
            "unit": self.unit,
            "floor": self.floor and asdict(self.floor) | {"value": significant(self.floor.value)},
            "ratio": round(self.value / self.floor.value, 2) if self.floor and self.floor.value else None,
        }
        return json.dumps(told | {name: significant(value) for name, value in self.more.items()}, ensure_ascii=False)


def significant(value: float | str) -> float | str:
    """Round a number to three digits that mean something."""
    return float(f"{value:.3g}") if isinstance(value, float) and abs(value) < 1000 else _whole(value)


def _whole(value: float | str) -> float | str:
    return round(value) if isinstance(value, float) else value


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value below which `percent` of the values lie."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def median_of(runs: int, measure: Callable[[], float]) -> float:
    """Measure once to warm up, then `runs` times, and return the median."""
    measure()
    return statistics.median(measure() for _ in range(runs))

"""How much each benchmark does: enough for figures that hold still, or with `--quick` enough to see that it works."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effort:
    """Each figure is the median of `runs` runs after one that warms up; a run makes `requests` requests."""

    runs: int
    requests: int
    few_bookings: int
    many_bookings: int
    few_referrals: int
    many_referrals: int
    few_projects: int
    many_projects: int
    messages: int
    starts: int
    cold: bool


THOROUGH = Effort(
    runs=5,
    requests=200,
    few_bookings=1_000,
    many_bookings=1_000_000,
    few_referrals=1_000,
    many_referrals=100_000,
    few_projects=100,
    many_projects=5_000,
    messages=10_000,
    starts=3,
    cold=True,
)
QUICK = Effort(
    runs=3,
    requests=60,
    few_bookings=1_000,
    many_bookings=20_000,
    few_referrals=1_000,
    many_referrals=10_000,
    few_projects=100,
    many_projects=5_000,
    messages=1_000,
    starts=1,
    cold=False,
)

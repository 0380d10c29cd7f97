"""Run the benchmarks and print one JSON object a line.

    python -m tests.benchmarks [--quick] [NAME ...]

Each NAME chooses a part: booking, page, progress, threads, digests, outbox, import, growth, referrals, certificates,
projects, gallery, spc, stack.
Without one all of them run, in that order.
"""

import argparse
import sys
from collections.abc import Iterator
from importlib import import_module

from tests.benchmarks import spc, whole_stack
from tests.benchmarks.effort import QUICK, THOROUGH, Effort
from tests.benchmarks.result import Result
from tests.benchmarks.stack import Stack

# In this order: what comes later leaves more in the database. Each is loaded once the stack has Django set up.
ON_A_STACK = {
    "booking": "booking",
    "page": "pages",
    "progress": "progress",
    "threads": "threads",
    "digests": "digests",
    "outbox": "outbox",
    "import": "imports",
    "growth": "growth",
    "referrals": "referrals",
    "certificates": "certificates",
    "projects": "projects",
    "gallery": "gallery",
}
SPC = "spc"
STACK = "stack"


def main() -> None:
    """Run what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Speed and memory.")
    parser.add_argument("parts", nargs="*", metavar="NAME", help=f"of {', '.join([*ON_A_STACK, SPC, STACK])}")
    parser.add_argument("--quick", action="store_true", help="fewer runs on less data, without a fresh clone")
    options = parser.parse_args()
    chosen = options.parts or [*ON_A_STACK, SPC, STACK]
    if unknown := set(chosen) - {*ON_A_STACK, SPC, STACK}:
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}")
    effort = QUICK if options.quick else THOROUGH
    for result in run(chosen, effort):
        sys.stdout.write(f"{result.line()}\n")
        sys.stdout.flush()


def run(chosen: list[str], effort: Effort) -> Iterator[Result]:
    """Yield the results of the chosen parts."""
    modules = [module for name, module in ON_A_STACK.items() if name in chosen]
    if modules:
        with Stack() as stack:
            for module in modules:
                yield from import_module(f"tests.benchmarks.{module}").measure(stack, effort)
    if SPC in chosen:
        yield from spc.measure(effort)
    if STACK in chosen:
        yield from whole_stack.measure(effort)


if __name__ == "__main__":
    main()

"""What processes write is passed on whole while they start, run and stop, however much it is."""

import io
import os
import signal
import sys
from collections.abc import Iterator

import pytest

from portal.embedded.child import Child
from portal.embedded.console import Console, Relay

TALKS_AS_IT_STOPS = """
import signal, sys
def stop(*_):
    for number in range(20_000):
        print("stopping", number)
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("up", flush=True)
while True:
    signal.pause()
"""

HEARS_NOTHING = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("up", flush=True)
time.sleep(60)
"""


class Desk:
    """A console that is read, its relay, and what runs."""

    def __init__(self) -> None:
        self.screen = io.StringIO()
        self.relay = Relay(Console(self.screen))
        self.children: list[Child] = []

    def start(self, program: str, name: str = "web") -> Child:
        """Start a Python program whose output is relayed."""
        child = Child(name, [sys.executable, "-c", program], environment=os.environ)
        self.relay.add(child)
        self.children.append(child)
        return child

    def wait_for(self, text: str) -> None:
        """Attend until a text has been passed on."""
        for _ in range(500):
            if text in self.screen.getvalue():
                return
            self.relay.attend(0.02)
        raise AssertionError(self.screen.getvalue()[-500:])

    @property
    def lines(self) -> list[str]:
        """What has been passed on, without the names."""
        return [line.partition(" | ")[2] for line in self.screen.getvalue().splitlines()]


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    for child in desk.children:
        child.stop(within=0)
    desk.relay.finish()


def test_a_process_that_writes_more_than_a_pipe_holds_as_it_stops_ends_by_itself(desk: Desk) -> None:
    child = desk.start(TALKS_AS_IT_STOPS)
    desk.wait_for("up")
    child.stop(within=30)
    desk.relay.finish()
    assert child.process.returncode == 0
    assert desk.lines == ["up", *(f"stopping {number}" for number in range(20_000))]


def test_others_are_heard_while_one_stops(desk: Desk) -> None:
    talks = desk.start("import time\nwhile True:\n  print('x' * 1000, flush=True)\n  time.sleep(0.001)", "worker")
    slow = desk.start(HEARS_NOTHING)
    desk.wait_for("| up")
    before = len(desk.lines)
    slow.stop(within=0.5)
    assert slow.process.returncode == -signal.SIGKILL
    assert len(desk.lines) > before + 100
    assert talks.is_running()


def test_a_line_without_end_is_passed_on_in_parts(desk: Desk) -> None:
    child = desk.start("import sys\nsys.stdout.write('x' * 300_000)\nsys.stdout.write('é' + 'last')")
    desk.wait_for("last")
    assert "".join(desk.lines) == "x" * 300_000 + "élast"
    assert max(map(len, desk.lines)) <= 2 * Relay.LONGEST_LINE
    assert desk.relay.last_words(child).endswith("élast")


def test_a_process_that_closes_its_output_runs_on(desk: Desk) -> None:
    child = desk.start("import os, time\nprint('up', flush=True)\nos.close(1); os.close(2)\ntime.sleep(60)")
    desk.wait_for("up")
    desk.relay.attend(0.1)
    assert child.is_running()
    child.stop(within=10)
    assert child.process.returncode == -signal.SIGTERM
    desk.relay.finish()
    assert desk.lines == ["up"]

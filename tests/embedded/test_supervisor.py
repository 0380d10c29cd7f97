"""`make run`, started for real, and what can go wrong with it."""

import os
import signal
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from portal.accounts.demo_people import DEMO_PASSWORD, DEMO_PEOPLE
from tests.embedded.running import Run, all_gone, free_port

pytestmark = pytest.mark.faults

Start = Callable[..., Run]

ran_before = pytest.mark.usefixtures("_ran_before")


@ran_before
def test_it_comes_up_for_this_machine_alone_and_an_interrupt_leaves_nothing(start: Start, data: Path) -> None:
    run = start().wait_until_up()
    with urlopen(f"http://localhost:{run.port}/") as page:
        assert page.status == 200
    for person in DEMO_PEOPLE:
        assert person.email in run.output
    assert DEMO_PASSWORD in run.output
    listening = [
        connection.laddr.ip
        for process in run.family()
        for connection in process.net_connections()
        if connection.status == psutil.CONN_LISTEN
    ]
    assert set(listening) == {"127.0.0.1"}
    assert stat.S_IMODE((data / "secret-key").stat().st_mode) == 0o600

    family = run.family()
    assert run.end(signal.SIGINT) == 0
    assert all_gone(family)
    assert "Everything has stopped." in run.output


@ran_before
def test_data_is_kept_for_the_next_start(start: Start, data: Path) -> None:
    key = (data / "secret-key").read_text()
    again = start().wait_until_up()
    assert (data / "secret-key").read_text() == key
    assert "cut off" not in again.output
    assert again.end(signal.SIGTERM) == 0


@ran_before
def test_a_second_run_beside_the_first_is_refused(start: Start) -> None:
    first = start().wait_until_up()
    second = start()
    assert second.exit_code() == 1
    assert "already runs on the data in" in second.output
    assert f"(process {first.process.pid})" in second.output
    wipe = start("reset")
    assert wipe.exit_code() == 1
    assert "already runs on the data in" in wipe.output
    assert first.process.poll() is None


@ran_before
def test_a_killed_run_leaves_no_process_and_the_next_one_comes_up(start: Start) -> None:
    run = start().wait_until_up()
    family = run.family()
    # Of several threads, each that dies would send the children a signal, and not every server bears the second.
    assert psutil.Process(run.process.pid).num_threads() == 1
    run.end(signal.SIGKILL)
    again = start().wait_until_up()
    assert all_gone(family)
    assert again.end() == 0


# Of a first run, which has written most since PostgreSQL last put its data in order.
def test_after_a_kill_of_everything_the_next_run_recovers_and_says_so(start: Start, data: Path) -> None:
    run = start().wait_until_up()
    family = run.family()
    run.process.send_signal(signal.SIGSTOP)  # so that it cannot tidy up
    for process in family:
        if process.is_running():
            process.kill()
    run.end(signal.SIGKILL)
    assert all_gone(family)
    assert (data / "postgres" / "data" / "postmaster.pid").exists()
    again = start().wait_until_up()
    assert "The last run was cut off" in again.output
    assert again.end() == 0


@ran_before
def test_a_pid_file_whose_number_now_belongs_to_another_program_stops_nobody(start: Start, data: Path) -> None:
    mark = data / "postgres" / "data" / "postmaster.pid"
    mark.write_text(f"{os.getpid()}\n{data / 'postgres' / 'data'}\n0\n5432\n\n\n\nready\n")
    again = start().wait_until_up()
    assert "The last run was cut off" in again.output


@ran_before
@pytest.mark.parametrize("name", ["valkey-server", "postgres"])
def test_a_server_that_ends_takes_the_rest_down(start: Start, name: str) -> None:
    run = start().wait_until_up()
    family = run.family()
    run.member(name).kill()
    assert run.exit_code() == 1
    assert "was ended by SIGKILL, so the portal stops" in run.output
    assert all_gone(family)


def test_a_taken_port_is_named_before_anything_starts(start: Start, data: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        run = start(PORT=str(port))
        assert run.exit_code() == 1
    assert run.output == (
        f"Port {port} is taken by another program. Stop that, or choose another: PORT=8123 make run\n"
    )
    assert not (data / "postgres").exists()


@pytest.mark.parametrize("port", ["none", "0", "65536", "-1", "8000.0", "٨٠٠٠"])
def test_a_port_that_is_none_is_named(start: Start, port: str) -> None:
    run = start(PORT=port)
    assert run.exit_code() == 1
    assert run.output == f"PORT is {port!r}. It must be a number from 1 to 65535.\n"


def test_configured_servers_are_used_and_none_is_started(start: Start, data: Path) -> None:
    servers = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}
    run = start(**servers).wait_until_up()
    assert not {"postgres", "valkey-server"} & {process.name() for process in run.family()}
    assert not (data / "postgres").exists()
    assert run.end() == 0


@ran_before
def test_reset_takes_what_run_made_and_nothing_else(start: Start, data: Path) -> None:
    assert (data / "postgres").exists()
    (data / "mine.txt").write_text("kept")
    assert start("reset").exit_code() == 0
    assert sorted(path.name for path in data.iterdir()) == ["lock", "mine.txt"]


def test_reset_without_data_says_so(start: Start, data: Path) -> None:
    run = start("reset", PORT=str(free_port()))
    assert run.exit_code() == 0
    assert run.output == f"There is no data in {data}.\n"

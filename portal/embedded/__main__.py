"""What `make run` and `make reset` call.

    python -m portal.embedded run | reset

Data lies in `PORTAL_DATA_DIR` (`.local` beside the code), and the portal listens on `PORT` (8000), on loopback alone.
"""

import argparse
import errno
import logging
import os
import shutil
import sys
from pathlib import Path

from portal.embedded.console import Console
from portal.embedded.postgres import Postgres
from portal.embedded.refusals import disk_is_full
from portal.embedded.run_lock import run_lock
from portal.embedded.supervisor import Supervisor
from portal.embedded.trouble import Trouble

BESIDE_THE_CODE = Path(__file__).resolve().parents[2] / ".local"


def main() -> int:
    """Do what the command line asks; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m portal.embedded", description="Run the demonstration.")
    parser.add_argument("action", choices=["run", "reset"])
    action = parser.parse_args().action
    data = Path(os.environ.get("PORTAL_DATA_DIR") or BESIDE_THE_CODE).absolute()
    console = Console(sys.stdout)
    logger = logging.getLogger("portal.embedded")
    logger.addHandler(console)
    logger.setLevel(logging.INFO)
    try:
        if action == "run":
            Supervisor(data, port(), console).run()
        else:
            reset(data, console)
    except Trouble as trouble:
        sys.stderr.write(f"{trouble}\n")
        return 1
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        sys.stderr.write(f"{disk_is_full(data)}\n")
        return 1
    return 0


def port() -> int:
    """Return the port that the environment asks for. Raises Trouble when it is none."""
    asked = os.environ.get("PORT") or "8000"
    if not (asked.isascii() and asked.isdigit() and 0 < int(asked) < 65536):
        raise Trouble(f"PORT is {asked!r}. It must be a number from 1 to 65535.")
    return int(asked)


def reset(data: Path, console: Console) -> None:
    """Remove what `run` made in the data folder, and nothing else. Raises Trouble while the portal runs on it."""
    if not data.is_dir():
        console.say(f"There is no data in {data}.")
        return
    with run_lock(data, say=console.say):
        Postgres(data / "postgres").remove()
        for name in ("valkey", "mail"):
            shutil.rmtree(data / name, ignore_errors=True)
        for name in ("secret-key", "referral-roots"):
            (data / name).unlink(missing_ok=True)
    console.say(f"The data in {data} is gone. The next `make run` starts anew.")
    if os.environ.get("DATABASE_URL"):
        console.say("The database that DATABASE_URL names is your own, and is as it was.")


if __name__ == "__main__":
    sys.exit(main())

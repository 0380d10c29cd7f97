"""The system account that PostgreSQL runs as, on a machine that does not have it yet."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from portal.embedded.account import ACCOUNTS, NAME

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as another account"),
]

FIRST_USES = """
from concurrent.futures import ThreadPoolExecutor
from portal.embedded.account import database_account
with ThreadPoolExecutor(4) as runs:
    print(*(account.uid for account in runs.map(lambda _: database_account(), range(4))))
"""


@pytest.fixture
def etc(tmp_path: Path) -> Path:
    """This machine's /etc as it was before the account was made."""
    folder = tmp_path / "etc"
    shutil.copytree(ACCOUNTS.parent, folder, symlinks=True)
    for name in ("passwd", "shadow", "group", "gshadow"):
        file = folder / name
        lines = file.read_text().splitlines(keepends=True)
        file.write_text("".join(line for line in lines if not line.startswith(f"{NAME}:")))
    return folder


def test_runs_that_start_at_once_make_one_account(etc: Path) -> None:
    done = subprocess.run(
        [
            "unshare",
            "--mount",
            "sh",
            "-c",
            'mount --bind "$0" /etc && exec "$@"',
            etc,
            sys.executable,
            "-c",
            FIRST_USES,
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.stderr.startswith(("mount: ", "unshare: ")):
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
    made = [line.split(":") for line in (etc / "passwd").read_text().splitlines() if line.startswith(f"{NAME}:")]
    assert done.stdout.split() == [made[0][2]] * 4, done.stderr
    assert len(made) == 1

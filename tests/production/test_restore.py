"""Backup and restore, by the commands of docs/running.md."""

import subprocess
from pathlib import Path

from tests.production.conftest import is_ready
from tests.production.debian import wait_until
from tests.production.deployment import Deployment
from tests.production.running_md import do

FILL = """
from django.test import Client
session = factories.make_open_session()
factories.fill(session)
factories.make_waiting(factories.make_user(), session)
Client().force_login(factories.make_user())
member = factories.make_membership()
factories.make_booking(member.user, factories.make_session(cohort=member.cohort))
"""

LATER = "factories.make_user(email='after.the.dump@trust.example')"

COUNTS = """
SELECT format('SELECT %L, count(*) FROM %I.%I', tablename, schemaname, tablename)
FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_session' ORDER BY tablename
"""
SIGN_INS = "SELECT count(*) FROM django_session"
TRIGGERS = "SELECT tgname, tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1, 2"
CONSTRAINTS = "SELECT conname, convalidated FROM pg_constraint ORDER BY 1"
EXTENSIONS = "SELECT extname FROM pg_extension ORDER BY 1"


def test_restored_database_is_the_one_that_was_dumped(deployment: Deployment, tmp_path: Path) -> None:
    deployment.seed(FILL)
    do("backup", deployment, tmp_path)
    dumped = {what: asked(deployment, what, "portal") for what in (TRIGGERS, CONSTRAINTS, EXTENSIONS)}
    assert int(asked(deployment, SIGN_INS, "portal")) > 0
    counted = counts(deployment, "portal")
    deployment.seed(LATER)

    do("restore", deployment, tmp_path)
    wait_until(lambda: is_ready(deployment), "the portal is ready on the restored database")

    assert {what: asked(deployment, what, "portal") for what in dumped} == dumped
    assert "booking" in dumped[TRIGGERS]
    assert "btree_gist" in dumped[EXTENSIONS]
    restored = counts(deployment, "portal")
    assert restored == counted
    assert int(asked(deployment, SIGN_INS, "portal")) == 0
    assert deployment.ask("/").status == 200
    assert "after.the.dump" not in asked(deployment, "SELECT email FROM accounts_user", "portal")
    assert "after.the.dump" in asked(deployment, "SELECT email FROM accounts_user", "portal_before")


def test_restored_trail_still_refuses_change(deployment: Deployment, tmp_path: Path) -> None:
    refused = subprocess.run(
        ["psql", "--username", "portal", "--dbname", "portal", "--command", "DELETE FROM trail_entry"],
        env=deployment.postgres.environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert refused.returncode == 1


def counts(here: Deployment, database: str) -> list[str]:
    """Return how many rows each table has, but for open sign-ins: a dump leaves them out.

    Sorted here: PostgreSQL may count many tables side by side, and then answers in the order in which they are ready.
    """
    statements = asked(here, COUNTS, database)
    return sorted(asked(here, " UNION ALL ".join(statements.splitlines()), database).splitlines())


def asked(here: Deployment, statement: str, database: str) -> str:
    """Return what PostgreSQL answers."""
    psql = ["psql", "--username", "portal", "--no-align", "--tuples-only", "--dbname", database]
    done = subprocess.run(
        [*psql, "--command", statement],
        env=here.postgres.environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout

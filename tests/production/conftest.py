"""One deployment for all tests of production: making it is what takes time. It ends with them, as it is never idle."""

from collections.abc import Iterator

import pytest

from tests.production.debian import PostgreSQL, Redis, require_packages, wait_until
from tests.production.deployment import Deployment, Sink, service_named
from tests.production.image import Image, put_together
from tests.servers import new_folder


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    """Leave the test suite's own cache alone: nothing here uses it."""


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> Image:
    """Return what the Dockerfile's last stage holds."""
    return put_together(tmp_path_factory.mktemp("image"))


@pytest.fixture(scope="package")
def deployment(image: Image, pytestconfig: pytest.Config) -> Iterator[Deployment]:
    """Bring up the whole composition, in the order that it names, and take it down again."""
    require_packages(pytestconfig)
    # Not pytest's own folder: PostgreSQL's account cannot enter that.
    folder, _ = new_folder(pytestconfig)
    postgres = PostgreSQL(folder / "postgres", service_named("postgres"))
    redis = Redis(folder / "redis", service_named("valkey"))
    sink = Sink()
    here = Deployment(image, postgres, redis, sink, folder)
    try:
        postgres.start()
        redis.start()
        sink.start()
        migrated = here.finish("migrate")
        assert migrated.returncode == 0, migrated.stderr
        for name in ("web", "worker", "beat"):
            here.start(name)
        wait_until(lambda: is_ready(here), "the portal is ready")
        yield here
    finally:
        here.stop_all()
        for server in (sink, redis, postgres):
            server.stop()


def is_ready(here: Deployment) -> bool:
    """Say whether every part of the portal works."""
    try:
        return here.ask("/health/ready").status == 200
    except OSError:
        return False

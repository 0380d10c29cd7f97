"""Valkey goes away and comes back: people go on, and what was to be told is told."""

import json

from tests.production.conftest import is_ready
from tests.production.debian import wait_until
from tests.production.deployment import Deployment
from tests.production.visitor import Visitor

ADDRESS = "without.broker@trust.example"

SEED = f"""
factories.make_user(email={ADDRESS!r})
print(factories.make_open_session().pk)
"""


def test_booking_goes_on_and_is_told_afterwards(deployment: Deployment) -> None:
    session = deployment.seed(SEED)
    visitor = Visitor(deployment)
    visitor.sign_in(ADDRESS)
    mails = len(deployment.sink.to(ADDRESS))

    deployment.redis.stop()
    try:
        assert [visitor.get(path).status for path in ("/", "/programmes/", "/me/bookings/")] == [200, 200, 200]
        booking = visitor.send(f"/sessions/{session}/book/")
        assert visitor.get(booking).status == 200
        said = deployment.ask("/health/ready")
        assert said.status == 503
        parts = json.loads(said.body)["parts"]
        assert {name for name, part in parts.items() if not part["ok"]} == {"broker", "beat"}
        assert deployment.is_healthy("web")
        assert not deployment.is_healthy("beat")
    finally:
        deployment.redis.start()

    wait_until(lambda: is_ready(deployment), "the portal is ready again", within=120)
    wait_until(lambda: len(deployment.sink.to(ADDRESS)) > mails, "the booking's mail arrives")

"""Addresses filled in for many rows are those that `reverse` gives."""

from uuid import UUID, uuid4

import pytest
from django import urls

from portal import addresses
from portal.addresses import Addresses

UID = uuid4()


@pytest.mark.parametrize(
    ("route", "stand_ins", "arguments"),
    [
        ("me", (), ()),
        ("register", (0,), (12,)),
        ("component", (0, "slug"), (0, "me-0-slug_1")),
        ("booking", (UUID(int=0),), (UID,)),
        ("swap_to", (UUID(int=0), 1), (UID, 10_000_000_000)),
        ("series", ("a-slug", "another"), ("another", "another")),
    ],
)
def test_they_are_those_of_reverse(route: str, stand_ins: tuple[object, ...], arguments: tuple[object, ...]) -> None:
    assert Addresses(route, *stand_ins).of(*arguments) == urls.reverse(route, args=arguments)


def test_the_route_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    registers = Addresses("register", 0)
    registers.of(1)
    monkeypatch.setattr(addresses, "reverse", lambda *_, **__: pytest.fail("The route was looked up again."))
    assert registers.of(2).endswith("/2/register/")


def test_an_argument_too_few_is_no_address() -> None:
    with pytest.raises(IndexError):
        Addresses("component", 0, "slug").of(12)

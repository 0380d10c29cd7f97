"""A component's kind is changed at the moment at which it gets its first session."""

from functools import partial

import pytest
from django.db import IntegrityError, transaction

from cohorts.models import Component, Session
from tests.concurrency.at_once import at_once
from tests.factories import make_component, make_session

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8


@transaction.atomic
def change_kind(component: Component) -> None:
    Component.objects.filter(pk=component.pk).update(kind=Component.Kind.BOOK_CLUB)


@transaction.atomic
def add_session(component: Component) -> str:
    """Add one, and return of what kind it was then."""
    session = make_session(component)
    return Component.objects.values_list("kind", flat=True).get(sessions=session)


def test_a_session_is_of_the_kind_that_its_component_had_as_it_was_added() -> None:
    for _ in range(ROUNDS):
        component = make_component(kind=Component.Kind.TRAINING)
        changed, kind_then = at_once(partial(change_kind, component), partial(add_session, component))
        component.refresh_from_db()
        assert Session.objects.filter(component=component).count() == 1
        if isinstance(changed, IntegrityError):
            assert "stays of its kind" in str(changed)
            assert component.kind == Component.Kind.TRAINING
        else:
            assert changed is None
            assert component.kind == Component.Kind.BOOK_CLUB
        assert kind_then == component.kind

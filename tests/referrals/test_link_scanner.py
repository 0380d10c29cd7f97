"""A scanner that follows every link, in a mailbox or in a triager's browser: it changes nothing."""

import re
from collections import deque
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from portal.outbox.models import Message
from referrals import intake
from referrals.models import Unlock
from tests.referrals.conftest import Team, submit_to, unlock

pytestmark = pytest.mark.django_db

LINK = re.compile(r'href="(/(?:queue|referrals)/[^"#]*)')
MOST = 200


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Return all that stands in the database of referrals, and what would be mailed. An open queue notes its use."""
    models: list[type[Model]] = [*apps.get_app_config("referrals").get_models(), Message]
    return {
        model.__name__: sorted(model._default_manager.values_list(), key=repr)
        for model in models
        if model is not Unlock
    }


def follow_every_link(browser: Client, start: str) -> set[str]:
    """Ask for every page that can be reached by links alone; return their addresses."""
    seen, waiting = {start}, deque([start])
    while waiting:
        answer = browser.get(waiting.popleft())
        assert answer.status_code < 500
        html = "" if answer.streaming else answer.content.decode(errors="replace")
        new = {link.replace("&amp;", "&") for link in LINK.findall(html)} - seen
        seen |= new
        waiting += sorted(new)
        assert len(seen) < MOST, "The links do not come to an end."
    return seen


def test_in_the_pages_that_are_for_everybody(team: Team, client: Client) -> None:
    submit_to(team)
    before = everything()
    seen = follow_every_link(client, reverse("referral_new"))
    assert {reverse("referral_receipt"), reverse("referral_consent"), reverse("referral_groups")} <= seen
    assert everything() == before


def test_in_an_open_queue(team: Team) -> None:
    submit_to(team)
    intake.submit(team.offer, contact={"name": "Canary"}, story={"text": "Canary"}, submitter={"name": "Canary friend"})
    lead = unlock(team.lead)
    before = everything()
    seen = follow_every_link(lead, reverse("queue"))
    assert sum("/referrals/" in address for address in seen) > 20
    assert everything() == before

"""What tests of the form share: its addresses, what somebody answers, and how they fill it in."""

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from referrals.models import Offer

START, CHECK, SENT = reverse("referral_new"), reverse("referral_check"), reverse("referral_sent")
CODE = re.compile(r"\b([0-9A-Z]{5}(?:-[0-9A-Z]{5}){3})\b")

ANSWERS: dict[str, dict[str, Any]] = {
    "who": {"who": "myself"},
    "name": {"name": "Canary Name"},
    "contact": {"ways": ["phone"], "phone": "01632 960 001", "email": "forgotten@post.example", "voicemail": "no"},
    "language": {"language": "Yoruba", "interpreter": "yes"},
    "story": {"text": "One line.\r\nAnother."},
    "wishes": {"times": "Evenings", "gender": "A non-binary therapist"},
    "lead-first": {"lead_first": "no"},
}
ON_BEHALF = {
    **ANSWERS,
    "who": {"who": "somebody"},
    "consent-given": {"submitter": "A Friend", "relation": "friend", "how": "On the phone", "agreed": "on"},
}


def page(key: str) -> str:
    return reverse("referral_question", args=[key])


def fill_in(client: Client, offer: Offer, answers: dict[str, dict[str, Any]] = ANSWERS) -> None:
    client.post(START)
    client.post(page("offer"), {"offer": str(offer.pk)})
    for key, said in answers.items():
        answer = client.post(page(key), said)
        assert answer.status_code == 302, answer.content.decode()


def code_on(html: str) -> str:
    found = CODE.search(html)
    assert found, html
    return found.group(1)

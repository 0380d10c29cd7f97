"""The referral form as somebody without an account meets it."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from referrals import drafts, keyring, pace, receipts, sealing
from referrals.models import Offer, Referral
from tests.referrals.conftest import MakeTeam, Team, readable_sections
from tests.referrals.form import ANSWERS, CHECK, CODE, ON_BEHALF, SENT, START, code_on, fill_in, page

pytestmark = pytest.mark.django_db


def test_somebody_asks_for_support_and_gets_a_receipt(client: Client, team: Team) -> None:
    fill_in(client, team.offer)
    shown = client.get(CHECK).content.decode()
    for said in ("Canary Name", "01632 960 001", "Yoruba", "Another.", "A non-binary therapist", "By phone"):
        assert said in shown
    answer = client.post(CHECK)
    assert answer.headers["Location"] == SENT
    referral = receipts.find(code_on(client.get(SENT).content.decode()))
    assert referral
    unlocked = team.unlocked(team.triager)
    contact, story = [
        sealing.open_section(section, unlocked).content
        for section in readable_sections(referral.sections.all(), unlocked)
    ]
    assert contact["phone"] == "01632 960 001"
    assert contact["email"] == ""  # the way was not chosen, so the address is not kept
    assert story["text"] == "One line.\nAnother."
    assert story["offer"] == team.offer.name


def test_the_start_page_changes_nothing_and_says_what_to_know(client: Client, team: Team) -> None:
    answer = client.get(START)
    html = answer.content.decode()
    for said in ("within 1 week", "within 4 weeks", "mobile", "999", "116 123", "round the clock"):
        assert said in html
    assert drafts.COOKIE not in answer.cookies


def test_where_nobody_could_read_it_nothing_is_asked(client: Client, team: Team, settings: Any) -> None:
    settings.REFERRAL_ROOTS = {}
    html = client.get(START).content.decode()
    assert "open soon" in html
    assert "<form" not in html
    assert drafts.COOKIE not in client.post(START).cookies


def test_a_provider_that_closes_meanwhile_takes_nothing_and_the_answers_stay(
    client: Client, team: Team, settings: Any
) -> None:
    fill_in(client, team.offer)
    settings.REFERRAL_ROOTS = {}
    html = client.post(CHECK).content.decode()
    assert "nothing was sent" in " ".join(html.split())
    assert not Referral.objects.exists()
    settings.REFERRAL_ROOTS = {team.provider.slug: team.pin}
    client.post(CHECK)
    assert Referral.objects.count() == 1


def test_offers_are_those_of_providers_who_can_read(client: Client, make_team: MakeTeam, settings: Any) -> None:
    one, other = make_team("one"), make_team("other")
    settings.REFERRAL_ROOTS = {"one": one.pin}
    client.post(START)
    html = client.get(page("offer")).content.decode()
    assert one.offer.who_for[1:] in html
    assert other.provider.name not in html
    assert client.post(page("offer"), {"offer": str(other.offer.pk)}).status_code == 422


def test_if_none_fits_somebody_is_told_where_to_turn(client: Client, team: Team) -> None:
    client.post(START)
    answer = client.post(page("offer"), {"offer": "none"}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("referral_none_fits")
    assert "GP" in answer.content.decode()


def test_for_somebody_else_there_is_a_code_to_hand_over(client: Client, team: Team) -> None:
    fill_in(client, team.offer, ON_BEHALF)
    client.post(CHECK)
    html = client.get(SENT).content.decode()
    receipt, handover = CODE.findall(html)
    assert f"http://testserver{reverse('referral_consent')}" in html
    assert receipts.find(receipt) == receipts.find(handover, receipts.HANDOVER) == Referral.objects.get(on_behalf=True)


def test_whose_name_and_contact_it_is_is_asked_anew_when_it_is_for_somebody_else(client: Client, team: Team) -> None:
    fill_in(client, team.offer)
    client.post(page("who"), ON_BEHALF["who"])
    answer = client.post(page("consent-given"), ON_BEHALF["consent-given"])
    assert answer.headers["Location"] == page("name")
    assert "Canary Name" not in client.get(page("name")).content.decode()
    assert client.post(page("name"), {"name": "Their Name"}).headers["Location"] == page("contact")
    assert client.post(page("contact"), ANSWERS["contact"]).headers["Location"] == CHECK
    client.post(page("who"), ON_BEHALF["who"])
    assert "Their Name" in client.get(CHECK).content.decode()


def test_whoever_comes_back_can_carry_on(client: Client, team: Team) -> None:
    assert "Carry on" not in client.get(START).content.decode()
    client.post(START)
    client.post(page("offer"), {"offer": str(team.offer.pk)})
    begun = client.get(START).content.decode()
    assert "Carry on" in begun
    assert "Start anew" in begun
    assert client.get(CHECK).headers["Location"] == page("who")


def test_what_is_not_sent_yet_has_no_receipt(client: Client, team: Team) -> None:
    fill_in(client, team.offer)
    assert client.get(SENT).headers["Location"] == CHECK
    client.post(CHECK)
    assert client.get(SENT).status_code == 200
    assert "Carry on" not in client.get(START).content.decode()  # nor does the first page tell of a receipt


def test_without_their_consent_it_does_not_go_on(client: Client, team: Team) -> None:
    client.post(START)
    client.post(page("offer"), {"offer": str(team.offer.pk)})
    client.post(page("who"), {"who": "somebody"})
    answer = client.post(page("consent-given"), {"submitter": "A Friend", "how": "On the phone"})
    assert answer.status_code == 422
    assert "Confirm that they have agreed" in answer.content.decode()


@pytest.mark.parametrize(
    ("key", "said", "message"),
    [
        ("offer", {}, "Select the support"),
        ("offer", {"offer": "9" * 40}, "Select a valid choice"),
        ("who", {}, "Select who this is for"),
        ("name", {"name": "  "}, "Enter a name"),
        ("name", {"name": "A\0B"}, "Null characters are not allowed"),
        ("contact", {}, "at least one way"),
        ("contact", {"ways": ["phone"]}, "Enter a phone number"),
        ("contact", {"ways": ["email"], "email": "nonsense"}, "correct format"),
        ("contact", {"ways": ["post"], "address": "x" * 501}, "500 characters"),
        ("story", {"text": "x" * 20_001}, "20,000 characters"),
        ("lead-first", {}, "Select yes"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(
    client: Client, team: Team, key: str, said: dict[str, Any], message: str
) -> None:
    client.post(START)
    answer = client.post(page(key), said)
    html = answer.content.decode()
    assert answer.status_code == 422
    assert message in html
    assert "<title>\n" in html or "Error: " in html
    for text in said.values():
        if isinstance(text, str) and text.strip("9\0 "):
            assert text.replace("\0", "") in html or "\0" in text


def test_a_text_of_50_megabytes_is_refused_in_words(client: Client, team: Team) -> None:
    client.post(START)
    answer = client.post(page("story"), {"text": "x" * 50_000_000})
    assert answer.status_code == 413


def test_answers_can_be_changed_before_they_are_sent(client: Client, team: Team) -> None:
    fill_in(client, team.offer)
    assert 'value="Canary Name"' in client.get(page("name")).content.decode()
    answer = client.post(page("name"), {"name": "Another Name"})
    assert answer.headers["Location"] == CHECK
    assert "Another Name" in client.get(CHECK).content.decode()


def test_check_leads_back_to_what_was_not_asked_yet(client: Client, team: Team) -> None:
    client.post(START)
    assert client.get(CHECK).headers["Location"] == page("offer")
    assert client.post(CHECK).headers["Location"] == page("offer")


def test_two_clicks_send_one_referral_and_show_one_receipt(client: Client, team: Team) -> None:
    fill_in(client, team.offer)
    client.post(CHECK)
    code = code_on(client.get(SENT).content.decode())
    client.post(CHECK)
    assert code_on(client.get(SENT).content.decode()) == code
    assert Referral.objects.count() == 1


def test_the_click_that_comes_second_while_the_first_is_sending_sends_nothing(client: Client, team: Team) -> None:
    fill_in(client, team.offer)
    key = client.cookies[drafts.COOKIE].value
    assert drafts.Draft(key).begin_sending()
    answer = client.post(CHECK, follow=True)
    assert "Nothing is sent" in " ".join(answer.content.decode().split())
    assert not Referral.objects.exists()


def test_the_back_button_after_sending_shows_the_receipt_and_no_answer(client: Client, team: Team) -> None:
    fill_in(client, team.offer)
    client.post(CHECK)
    for address in (CHECK, page("story"), page("name")):
        assert client.get(address).headers["Location"] == SENT
    kept = drafts.of(client.get(SENT).wsgi_request)
    assert kept
    assert kept.answers == {}


def test_answers_that_expired_are_said_to_be_gone(client: Client, team: Team) -> None:
    fill_in(client, team.offer)
    cache.clear()
    for answer in (client.get(CHECK), client.post(CHECK), client.get(page("name")), client.get(SENT)):
        assert answer.status_code == 410
        assert "30 minutes" in answer.content.decode()


@pytest.mark.parametrize("cookie", ["", "x", "é\0", "A" * 44, "A" * 5000])
def test_a_cookie_that_is_none_of_ours_opens_nothing(client: Client, team: Team, cookie: str) -> None:
    client.cookies[drafts.COOKIE] = cookie
    assert client.get(CHECK).status_code == 410


def test_leaving_forgets_what_was_typed(client: Client, team: Team) -> None:
    fill_in(client, team.offer)
    key = client.cookies[drafts.COOKIE].value
    answer = client.get(reverse("referral_leave"))
    assert answer.headers["Location"] == "https://www.nhs.uk/"
    client.cookies[drafts.COOKIE] = key
    assert client.get(CHECK).status_code == 410


def test_nothing_typed_lies_in_the_cache_in_the_clear(client: Client, team: Team) -> None:
    fill_in(client, team.offer)
    store: Any = cache
    server = store._cache.get_client()
    kept = b"".join(server.get(key) or b"" for key in server.keys("*") if server.type(key) == b"string")
    assert kept
    for said in (b"Canary", b"01632", b"Yoruba", b"Another"):
        assert said not in kept


def test_who_goes_too_fast_is_asked_to_wait_and_loses_nothing(
    client: Client, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "SUBMITTING", pace.Pace("submitting", times=0, within=60))
    fill_in(client, team.offer)
    client.post(CHECK)  # one goes on all the same
    other = Client()
    fill_in(other, team.offer)
    answer = other.post(CHECK)
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "10"
    assert "Canary Name" in answer.content.decode()
    assert Referral.objects.count() == 1


def test_every_page_has_the_door(client: Client) -> None:
    assert f'href="{START}"' in client.get(reverse("home")).content.decode()


def test_the_form_costs_the_same_with_more_offers(client: Client, team: Team) -> None:
    client.post(START)

    def statements() -> int:
        with CaptureQueriesContext(connection) as found:
            client.get(page("offer"))
        return len(found)

    with_one = statements()
    for number in range(2):
        Offer.objects.create(
            provider=team.provider, commissioner=team.offer.commissioner, name=f"Other {number}", who_for="All"
        )
    assert statements() == with_one
    assert keyring.takes_referrals(team.provider)

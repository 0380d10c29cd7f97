"""What may be somebody else's words than it says: shown as such wherever it is shown, and answered for by a lead."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal.trail.models import Entry
from referrals import casework, intake, reading, sealing
from referrals.casework import CaseworkRefused
from referrals.models import Envelope, Referral, Section
from tests.referrals.conftest import Team, act_on, page_of, submit_to, unlock
from tests.referrals.forging import forge

pytestmark = pytest.mark.django_db

IN_DOUBT, CALLOUT = "In doubt", "Somebody may have changed this"
FORGED = {"name": "Canary Name", "ways": ["email"], "email": "elsewhere@evil.example"}
KINDS = (Section.Kind.CONTACT, Section.Kind.STORY, Section.Kind.NOTE)


def section_of(referral: Referral, kind: str) -> Section:
    return referral.sections.select_related("epoch").get(kind=kind)


def page(client: Client, address: str) -> str:
    return " ".join(client.get(address).content.decode().split())


def seen_on(html: str) -> str:
    """Return what a page says of itself that it showed."""
    found = re.search(r'name="seen" value="([^"]*)"', html)
    assert found
    return found[1]


class TestWhereItIsShown:
    """Beside each thing that is in doubt, and beside nothing else."""

    @pytest.fixture
    def referral(self, team: Team) -> Referral:
        referral = submit_to(team)
        casework.add_note(referral, "Canary note", unlocked=team.unlocked(team.triager))
        forge(section_of(referral, Section.Kind.CONTACT), FORGED)
        return referral

    def test_in_the_queue_and_where_somebody_is_sought(self, team: Team, desk: Client, referral: Referral) -> None:
        other = submit_to(team, "Other Person")
        for html in (
            page(desk, reverse("queue")),
            desk.post(reverse("queue_find"), {"name": "canary"}).content.decode(),
        ):
            assert html.count(IN_DOUBT) == 1
        intake.withdraw(referral)
        intake.withdraw(other)
        assert page(desk, reverse("queue")).count(IN_DOUBT) == 1

    def test_on_its_page_beside_what_is_in_doubt_alone(self, desk: Client, referral: Referral) -> None:
        html = page(desk, page_of(referral))
        assert CALLOUT in html
        assert html.count(f">{IN_DOUBT}<") == 1
        assert "In doubt: what comes next is for the leads alone" in html
        Section.objects.filter(kind=Section.Kind.NOTE).update(code=b"")
        assert page(desk, page_of(referral)).count(f">{IN_DOUBT}<") == 2

    @pytest.mark.parametrize("key", ["note", "letter", "contact", "close", "give"])
    def test_on_the_pages_of_acts(self, desk: Client, referral: Referral, key: str) -> None:
        Referral.objects.update(state=Referral.State.FIRST_HELD, triaged_on="2026-01-01", first_held_on="2026-01-02")
        address = reverse("queue_give_receipt", args=[referral.pk]) if key == "give" else act_on(referral, key)
        assert CALLOUT in page(desk, address)

    def test_in_what_is_exported(self, desk: Client, referral: Referral) -> None:
        address = reverse("queue_export", args=[referral.pk])
        assert CALLOUT in page(desk, address)
        exported = desk.post(address).content.decode()
        assert "HOW TO BE IN TOUCH (IN DOUBT)" in exported
        assert "WHAT WAS WRITTEN\n" in exported
        assert exported.count("(IN DOUBT)") == 1

    def test_nowhere_where_nothing_is(self, team: Team, desk: Client) -> None:
        referral = submit_to(team)
        addresses = (page_of(referral), act_on(referral, "note"), reverse("queue"))
        assert all(word not in page(desk, each) for each in addresses for word in (IN_DOUBT, CALLOUT))

    def test_a_day_that_somebody_changed(self, team: Team, desk: Client) -> None:
        referral = submit_to(team)
        Section.objects.filter(kind=Section.Kind.STORY).update(on="2020-01-01")
        assert CALLOUT in page(desk, page_of(referral))

    def test_how_to_be_in_touch_that_no_longer_opens_is_said_to_be_so(self, team: Team, desk: Client) -> None:
        referral = submit_to(team)
        Section.objects.filter(kind=Section.Kind.CONTACT).update(sealed=b"by hand")
        html = page(desk, page_of(referral))
        assert "This cannot be opened: somebody has changed it." in html
        assert "The whole team" not in html


class TestForms:
    """Whoever can seal to a public key can seal anything: it is shown as far as it can be, and breaks no page."""

    @pytest.mark.parametrize(
        "content",
        [
            {},
            [],
            "words",
            5,
            None,
            b"no JSON",
            b"\xff\xfe",
            b"",
            b"[" * 100_000,
            {"name": "\ud800", "text": "\udfff"},
            {"type": 5, "author": ["x"], "text": {"a": 1}, "state": [1], "how": {}, "at": 7},
            {"type": ["appointment"], "on": "no day", "begins": 7},
            {"type": "appointment", "on": "2026-01-01", "begins": "25:99", "therapist": 5},
            {"type": "appointment", "on": ["2026-01-01"]},
            {"type": "attempt"},
            {"type": {}, "from": ["person"]},
            {"name": ["x"], "ways": 5, "email": {"a": "b"}, "phone": [[]], "voicemail": {}, "submitter": "x"},
            {"name": None, "ways": [{}, None, ["x"]], "submitter": {"submitter": [1]}, "offer": {}, "taken_by": 1},
            {"name": "\0", "text": "\0 <script>", "submitter": []},
        ],
    )
    @pytest.mark.parametrize("kind", KINDS)
    def test_no_page_breaks(self, team: Team, leads_desk: Client, kind: str, content: object) -> None:
        referral = submit_to(team)
        casework.add_note(referral, "Canary note", unlocked=team.unlocked(team.lead))
        Referral.objects.update(state=Referral.State.APPOINTMENT_OFFERED, triaged_on="2026-01-01")
        forge(section_of(referral, kind), content)
        for address in (
            reverse("queue"),
            page_of(referral),
            reverse("queue_export", args=[referral.pk]),
            *(act_on(referral, key) for key in ("contact", "note", "vouch", "letter", "readers")),
        ):
            assert leads_desk.get(address).status_code in {200, 302}, address
        assert leads_desk.post(reverse("queue_find"), {"name": "canary"}).status_code == 200
        assert leads_desk.post(reverse("queue_export", args=[referral.pk])).status_code == 200


class TestChangingHowToBeInTouch:
    """Words that may be somebody else's are not written anew as ours."""

    def test_it_is_refused_and_what_was_typed_stays(self, team: Team, desk: Client) -> None:
        referral = submit_to(team)
        forge(section_of(referral, Section.Kind.CONTACT), FORGED)
        assert "elsewhere@evil.example" not in page(desk, act_on(referral, "contact"))
        said = {"name": "Typed Name", "ways": ["phone"], "phone": "01632 960 099", "voicemail": "no"}
        answer = desk.post(act_on(referral, "contact"), said)
        assert answer.status_code == 409
        assert "It is in doubt how to be in touch." in answer.content.decode()
        assert "Typed Name" in answer.content.decode()
        assert sealing.is_in_doubt(section_of(referral, Section.Kind.CONTACT))

    def test_a_lead_writes_all_of_it_anew_and_nothing_of_what_was_forged_becomes_ours(
        self, team: Team, desk: Client, leads_desk: Client
    ) -> None:
        referral = submit_to(team)
        forge(section_of(referral, Section.Kind.CONTACT), {**FORGED, "safe": "Ring at work", "language": "Forged"})
        said = {"name": "New Name", "ways": ["phone"], "phone": "01632 960 099", "voicemail": "no"}
        assert leads_desk.post(act_on(referral, "contact"), said).status_code == 302
        whole = reading.read(team.unlocked(team.lead), referral.pk)
        assert whole
        assert not whole.is_in_doubt
        assert whole.contact
        assert not {"elsewhere@evil.example", "Ring at work", "Forged"} & set(map(str, whole.contact.content.values()))
        assert whole.history[0].text == "What stood there before was in doubt."
        assert reading.named_readers(referral) == [team.lead]
        assert desk.get(page_of(referral)).status_code == 404  # until the lead decides who may see it

    def test_once_a_lead_has_answered_for_it_it_is_changed(self, team: Team, desk: Client, leads_desk: Client) -> None:
        referral = submit_to(team)
        Section.objects.filter(kind=Section.Kind.CONTACT).update(code=b"")
        answer = leads_desk.get(act_on(referral, "vouch")).content.decode()
        leads_desk.post(act_on(referral, "vouch"), {"sure": "on", "seen": seen_on(answer)})
        said = {"name": "New Name", "ways": ["phone"], "phone": "01632 960 099", "voicemail": "no"}
        assert desk.post(act_on(referral, "contact"), said).status_code == 302
        assert "New Name" in page(desk, page_of(referral))


class TestAnsweringForIt:
    """A deed of a lead, for what they were shown."""

    def test_the_lead_is_shown_it_and_answers_for_it(self, team: Team, desk: Client, leads_desk: Client) -> None:
        referral = submit_to(team)
        casework.add_note(referral, "Canary note", unlocked=team.unlocked(team.triager))
        Section.objects.exclude(kind=Section.Kind.NOTE).update(code=b"")
        assert "Answer for what is in doubt" in page(leads_desk, page_of(referral))
        html = page(leads_desk, act_on(referral, "vouch"))
        for words in ("canary@post.example", "Canary story"):
            assert words in html
        assert "Canary note" not in html
        unsure = leads_desk.post(act_on(referral, "vouch"), {"seen": seen_on(html)})
        assert unsure.status_code == 422
        assert "Confirm that you have asked" in unsure.content.decode()
        done = leads_desk.post(act_on(referral, "vouch"), {"seen": seen_on(html), "sure": "on"}, follow=True)
        assert "What you saw is no longer in doubt." in done.content.decode()
        assert CALLOUT not in page(desk, page_of(referral))
        assert "The whole team" in page(desk, page_of(referral))
        assert Entry.objects.get(verb="referral.vouched_for").details == {}

    def test_where_nothing_is_in_doubt_there_is_nothing_to_answer_for(self, team: Team, leads_desk: Client) -> None:
        referral = submit_to(team)
        assert "Answer for what is in doubt" not in page(leads_desk, page_of(referral))
        assert leads_desk.get(act_on(referral, "vouch")).status_code == 302

    def test_it_is_for_leads_alone(self, team: Team, desk: Client) -> None:
        referral = submit_to(team)
        Section.objects.update(code=b"")
        assert desk.get(act_on(referral, "vouch")).status_code == 302
        seen = " ".join(sealing.as_seen(section) for section in referral.sections.all())
        assert desk.post(act_on(referral, "vouch"), {"seen": seen, "sure": "on"}).status_code == 409
        assert CALLOUT in page(desk, page_of(referral))

    @pytest.mark.parametrize("seen", ["", "nonsense", "\0", "x:y z"])
    def test_what_no_page_showed_is_not_taken(self, team: Team, leads_desk: Client, seen: str) -> None:
        referral = submit_to(team)
        Section.objects.update(code=b"")
        assert leads_desk.post(act_on(referral, "vouch"), {"seen": seen, "sure": "on"}).status_code in {409, 422}
        assert CALLOUT in page(leads_desk, page_of(referral))

    def test_what_was_put_there_after_they_looked_is_not_what_they_answer_for(
        self, team: Team, leads_desk: Client
    ) -> None:
        referral = submit_to(team)
        Section.objects.update(code=b"")
        seen = seen_on(page(leads_desk, act_on(referral, "vouch")))
        forge(section_of(referral, Section.Kind.CONTACT), FORGED)
        answer = leads_desk.post(act_on(referral, "vouch"), {"seen": seen, "sure": "on"})
        assert answer.status_code == 409
        assert "Something here has changed since you looked." in answer.content.decode()
        assert CALLOUT in page(leads_desk, page_of(referral))

    def test_what_came_into_doubt_after_they_looked_stays_in_doubt(self, team: Team, leads_desk: Client) -> None:
        referral = submit_to(team)
        Section.objects.filter(kind=Section.Kind.CONTACT).update(code=b"")
        seen = seen_on(page(leads_desk, act_on(referral, "vouch")))
        forge(section_of(referral, Section.Kind.STORY), {"text": "Other words"})
        leads_desk.post(act_on(referral, "vouch"), {"seen": seen, "sure": "on"})
        whole = reading.read(team.unlocked(team.lead), referral.pk)
        assert whole
        assert [each.section.kind for each in whole.in_doubt] == [Section.Kind.STORY]

    def test_a_story_that_waits_for_consent_is_neither_shown_nor_answered_for(
        self, team: Team, leads_desk: Client
    ) -> None:
        referral = submit_to(team, submitter={"submitter": "A friend"})
        Section.objects.update(code=b"")
        html = page(leads_desk, act_on(referral, "vouch"))
        assert "Canary story" not in html
        story = section_of(referral, Section.Kind.STORY)
        with pytest.raises(CaseworkRefused):
            casework.vouch(referral, {sealing.as_seen(story)}, unlocked=team.unlocked(team.lead))
        leads_desk.post(act_on(referral, "vouch"), {"seen": seen_on(html), "sure": "on"})
        assert not sealing.is_in_doubt(section_of(referral, Section.Kind.CONTACT))
        assert sealing.is_in_doubt(section_of(referral, Section.Kind.STORY))

    def test_where_nobody_is_a_reader_by_an_envelope_of_ours_the_leads_alone_are(
        self, team: Team, desk: Client, leads_desk: Client
    ) -> None:
        referral = submit_to(team, lead_first=True)
        Envelope.objects.update(code=b"")
        html = page(leads_desk, act_on(referral, "vouch"))
        leads_desk.post(act_on(referral, "vouch"), {"seen": seen_on(html), "sure": "on"})
        assert desk.get(page_of(referral)).status_code == 404
        assert reading.named_readers(referral) == [team.lead]
        assert CALLOUT not in page(leads_desk, page_of(referral))
        leads_desk.post(act_on(referral, "readers"), {"who": "team"})
        assert CALLOUT not in page(desk, page_of(referral))

    def test_to_decide_who_may_see_it_answers_for_no_words(self, team: Team, leads_desk: Client) -> None:
        referral = submit_to(team)
        forge(section_of(referral, Section.Kind.CONTACT), FORGED)
        answer = leads_desk.post(act_on(referral, "readers"), {"who": "team"}, follow=True)
        assert "Who may see it is decided." in answer.content.decode()
        for client in (leads_desk, unlock(team.triager)):
            assert CALLOUT in page(client, page_of(referral))

    def test_what_has_ended_can_be_answered_for(self, team: Team, leads_desk: Client) -> None:
        referral = submit_to(team)
        intake.withdraw(referral)
        Section.objects.update(code=b"")
        html = page(leads_desk, act_on(referral, "vouch"))
        leads_desk.post(act_on(referral, "vouch"), {"seen": seen_on(html), "sure": "on"})
        assert CALLOUT not in page(leads_desk, page_of(referral))

    def test_looking_at_more_of_it_costs_the_same(self, team: Team, leads_desk: Client) -> None:
        referral = submit_to(team)
        asked = []
        for number in (1, 3):
            while referral.sections.filter(kind=Section.Kind.NOTE).count() < number:
                casework.add_note(referral, "Canary", unlocked=team.unlocked(team.lead))
            Section.objects.update(code=b"")
            with CaptureQueriesContext(connection) as captured:
                leads_desk.get(act_on(referral, "vouch"))
            asked.append(len(captured))
        assert asked[0] == asked[1]

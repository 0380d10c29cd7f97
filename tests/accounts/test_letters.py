"""Which letters somebody gets: the page of their account, and the page that a letter's own link leads to."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookclub import nudging
from portal import outbox
from portal.accounts import stopping
from portal.accounts.erasure import erase
from portal.accounts.models import Role, User
from portal.outbox import rules, stop_links
from portal.outbox.models import Stop
from portal.trail import SYSTEM
from tests.bookclub.making import make_listed, make_reader, make_reading_cohort
from tests.cohorts.pages import words
from tests.factories import make_admin, make_user
from tests.outbox.letters import KIND, compose, load

pytestmark = pytest.mark.django_db
PAGE = reverse("letters")
MEANT = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def reader() -> User:
    return make_user(email="reads-letters@demo.example")


def browser_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def link(person: User, kind: outbox.Optional = KIND) -> str:
    return reverse("stop_letters", args=[stop_links.token_of(person.pk, kind)])


def is_stopped(person: User, kind: outbox.Optional = KIND) -> bool:
    return Stop.objects.filter(person=person, kind=kind.name).exists()


class TestTheLinkOfALetter:
    """Whoever has the letter stops it: signed out, in one press, and without a page of ours."""

    def test_to_look_changes_nothing_and_tells_what_would_stop(self, reader: User) -> None:
        browser = Client()
        for _ in range(2):
            page = browser.get(link(reader))
            assert page.status_code == 200
            assert KIND.heading in words(page)
        assert browser.head(link(reader)).status_code == 200
        assert not is_stopped(reader)
        assert not browser.cookies
        assert reader.name not in words(page)
        assert reader.email not in words(page)
        assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert "no-store" in page.headers["Cache-Control"]

    @pytest.mark.parametrize("form", [{}, {"content_type": "application/x-www-form-urlencoded"}])
    def test_to_send_stops_them_without_cookie_token_or_redirect(self, reader: User, form: dict[str, Any]) -> None:
        provider = Client(enforce_csrf_checks=True)
        said = "List-Unsubscribe=One-Click" if form else MEANT
        for _ in range(2):
            answer = provider.post(link(reader), said, **form)
            assert answer.status_code == 200
        assert is_stopped(reader)
        assert not answer.cookies
        assert reader.name not in words(answer)

    def test_what_says_something_else_stops_nothing_and_is_shown_the_button(self, reader: User) -> None:
        for said in ({}, {"List-Unsubscribe": "no"}, {"list-unsubscribe": "One-Click"}):
            answer = Client().post(link(reader), said)
            assert answer.status_code == 422
            assert "Stop these letters" in words(answer)
        assert not is_stopped(reader)

    def test_nobody_has_them_again_by_the_link(self, reader: User) -> None:
        Client().post(link(reader), MEANT)
        stopped = Client().get(link(reader))
        assert "Stop these letters" in words(stopped)
        answer = words(Client().post(link(reader), MEANT))
        assert f'href="{PAGE}"' in answer
        assert "<form" not in answer.partition("<main")[2].partition("</main>")[0]
        assert Client().post(PAGE, {"wanted": KIND.name}).status_code == 403
        assert is_stopped(reader)

    def test_it_is_theirs_to_whom_it_was_sent_whoever_is_signed_in(self, reader: User) -> None:
        admin = make_user(Role.Kind.PROGRAMME_ADMIN)
        assert browser_of(admin).post(link(reader), MEANT).status_code == 200
        assert is_stopped(reader)
        assert not is_stopped(admin)

    @pytest.mark.parametrize("method", ["get", "post"])
    @pytest.mark.parametrize("token", ["x", "gAAAAAB", "é", "a" * 3000, "%00", "%ff%fe"])
    def test_one_that_is_wrong_says_what_to_do(self, method: str, token: str) -> None:
        address = link(make_user()).rpartition("/stop/")[0] + f"/stop/{token}/"
        answer = getattr(Client(), method)(address, MEANT)
        assert answer.status_code == 404
        assert "This link does not work" in words(answer)
        assert PAGE in words(answer)

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_so_does_one_of_somebody_who_is_erased_or_was_never_there(self, reader: User, method: str) -> None:
        erase(reader, by=SYSTEM)
        for person in (reader, User(pk=2**40)):
            answer = getattr(Client(), method)(link(person), MEANT)
            assert answer.status_code == 404
            assert "This link does not work" in words(answer)
        assert not Stop.objects.exists()

    def test_it_stops_what_goes_to_the_account_that_stays(self, reader: User) -> None:
        old = make_user()
        User.objects.filter(pk=old.pk).update(merged_into=reader, is_active=False)
        assert Client().post(link(old), MEANT).status_code == 200
        assert is_stopped(reader)
        assert not is_stopped(old)

    @pytest.mark.parametrize("method", ["get", "head", "post"])
    def test_whoever_guesses_too_often_in_a_minute_is_asked_to_wait(self, method: str, settings: Any) -> None:
        settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "stop_letters": "2/m/ip"}
        guess = getattr(Client(REMOTE_ADDR="192.0.2.7"), method)
        answers = [guess(reverse("stop_letters", args=[f"guess-{at}"])) for at in range(3)]
        assert [answer.status_code for answer in answers] == [404, 404, 429]
        assert answers[-1].headers["X-Robots-Tag"] == "noindex, nofollow"

    def test_nobody_waits_because_others_at_the_same_address_look_or_guess(self, reader: User, settings: Any) -> None:
        settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "stop_letters": "2/m/ip"}
        provider = Client(REMOTE_ADDR="192.0.2.8")
        scanned = [link(make_user()) for _ in range(2)] * 2
        assert {provider.get(address).status_code for address in scanned} == {200}
        guessed = [provider.get(reverse("stop_letters", args=["guess"])).status_code for _ in range(3)]
        assert guessed == [404, 404, 429]
        assert provider.post(link(reader), MEANT).status_code == 200
        assert is_stopped(reader)

    def test_it_asks_little_of_the_database(self, reader: User) -> None:
        with CaptureQueriesContext(connection) as looked:
            Client().get(link(reader))
        with CaptureQueriesContext(connection) as stopped:
            Client().post(link(reader), MEANT)
        assert len(looked) == 1
        assert len([each for each in stopped if "SAVEPOINT" not in each["sql"]]) == 4


class TestThePageOfLetters:
    """A person sees what they get, and what they can stop."""

    def test_it_asks_for_sign_in(self) -> None:
        assert Client().get(PAGE).headers["Location"].startswith(reverse("account_login"))

    def test_who_gets_none_that_can_be_stopped_reads_which_always_come(self) -> None:
        page = words(browser_of(make_user()).get(PAGE))
        assert "At the moment you get no letters that you can stop." in page
        assert "We always write to you about" in page
        assert KIND.heading not in page

    def test_it_is_linked_from_the_account(self, reader: User) -> None:
        assert f'href="{PAGE}"' in words(browser_of(reader).get(reverse("details")))

    def test_letters_are_stopped_and_had_again(self, reader: User) -> None:
        browser = browser_of(reader)
        page = words(browser.get(PAGE))
        assert KIND.heading in page
        assert KIND.says in page
        answer = browser.post(PAGE, {"were_on": KIND.name}, follow=True)
        assert "Your choice of letters is saved." in words(answer)
        assert is_stopped(reader)
        browser.post(PAGE, {"wanted": KIND.name})
        assert not is_stopped(reader)

    def test_the_same_again_changes_nothing(self, reader: User) -> None:
        answer = browser_of(reader).post(PAGE, {"wanted": KIND.name, "were_on": KIND.name}, follow=True)
        assert "Nothing had changed." in words(answer)
        assert not is_stopped(reader)

    def test_a_page_that_was_open_meanwhile_brings_nothing_back(self, reader: User) -> None:
        stopping.stop(reader.pk, KIND)
        browser_of(reader).post(PAGE, {"wanted": KIND.name, "were_on": KIND.name})
        assert is_stopped(reader)

    def test_what_somebody_stopped_stays_in_their_hands_when_it_concerns_them_no_more(self) -> None:
        person = make_user()
        stopping.stop(person.pk, KIND)
        browser = browser_of(person)
        assert KIND.heading in words(browser.get(PAGE))
        browser.post(PAGE, {"wanted": KIND.name})
        assert not is_stopped(person)

    def test_what_is_not_offered_is_not_taken(self, reader: User) -> None:
        answer = browser_of(reader).post(PAGE, {"wanted": [KIND.name, nudging.KIND.name], "were_on": KIND.name})
        assert answer.status_code == 422
        assert "Select among the letters that are shown" in words(answer)
        assert not Stop.objects.exists()

    @pytest.mark.parametrize("number", [1, 3])
    def test_its_statements_grow_with_nothing_but_what_each_kind_asks(
        self, reader: User, number: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(rules, "_rules", {})
        monkeypatch.setattr(rules, "_kinds", {})
        for at in range(number):
            kind = outbox.Optional(f"kind-{at}", f"Letters {at}", "Now and then.", KIND.concerns)
            outbox.register(outbox.Rule(f"rule.{at}", load, compose, optional=kind))
        browser = browser_of(reader)
        browser.get(PAGE)
        with CaptureQueriesContext(connection) as asked:
            page = words(browser.get(PAGE))
        assert page.count('type="checkbox"') == number
        assert len(asked) == 3  # the session, the person, what they have stopped; and what each kind asks

    def test_a_form_of_somebody_who_was_signed_out_is_kept_in_words(self, reader: User) -> None:
        browser = browser_of(reader)
        browser.get(PAGE)
        browser.cookies.pop("session")
        assert browser.post(PAGE, {"wanted": KIND.name, "were_on": KIND.name}).status_code == 403
        browser.force_login(reader)
        kept = words(browser.get(reverse("typed")))
        assert "Letters that you can stop" in kept
        assert KIND.heading in kept


class TestTheBookClub:
    """Its first user: the letter before a meeting."""

    def test_it_concerns_who_reads_in_a_cohort_that_goes_on(self) -> None:
        cohort = make_reading_cohort()
        make_listed(cohort)
        member = make_reader(cohort).user
        assert nudging.KIND.heading in words(browser_of(member).get(PAGE))
        assert not nudging.concerns(make_admin())
        assert not nudging.concerns(make_reader(make_reading_cohort()).user)

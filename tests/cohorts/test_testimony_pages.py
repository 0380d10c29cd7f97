"""The pages on which somebody offers a testimony and follows it, and those on which everybody reads it."""

import html
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cohorts import testifying
from cohorts.models import Programme, Session, Testimony
from cohorts.testifying import ANONYMOUS
from cohorts.testimony_forms import LONGEST
from portal.accounts.models import User
from tests.cohorts.evaluations import booked, hold, say, session_with_questions
from tests.cohorts.pages import words
from tests.factories import (
    make_admin,
    make_cohort,
    make_job_role,
    make_membership,
    make_programme,
    make_testimony,
    make_user,
)

pytestmark = pytest.mark.django_db
State, ShownAs = Testimony.State, Testimony.ShownAs
LIFTED = "These are words of your answer"
FEW = "Readers may be able to tell that it is you"


@pytest.fixture
def held() -> Session:
    """A session that was held, at which one person was, and said something."""
    session = session_with_questions()
    booked(session)
    held = hold(session)
    say(held.bookings.get().user, held, text="I will ask before I assume")
    return held


@pytest.fixture
def author(held: Session) -> User:
    person = held.bookings.get().user
    person.job_role = make_job_role(name="Consultant midwife")
    person.save()
    return person


@pytest.fixture
def programme(held: Session) -> Programme:
    return held.component.programme


@pytest.fixture
def browser(author: User) -> Client:
    client = Client()
    client.force_login(author)
    client.get(reverse("home"))
    return client


def page(programme: Programme) -> str:
    return reverse("testimony_write", args=[programme.slug])


def sent(step: str, **changes: str) -> dict[str, str]:
    """Return what the pages send."""
    given = {"text": "I speak up now.", "component": "", "shown_as": ShownAs.ANONYMOUS.value, "workplace": ""}
    return given | {"_step": step} | changes


def offered(seen: str = ANONYMOUS, **changes: str) -> dict[str, str]:
    return sent("offer", agreed="on", **changes) | {"_seen": seen}


class TestOffering:
    """From the first words to the offer."""

    def test_nothing_is_kept_before_somebody_has_seen_it_and_agreed(
        self, browser: Client, author: User, programme: Programme, held: Session
    ) -> None:
        assert page(programme) in words(browser.get(reverse("my_testimonies")))
        assert "I will ask before I assume" in words(browser.get(page(programme)))
        choice = {"component": str(held.component_id), "shown_as": ShownAs.BY_ROLE.value, "workplace": "NHS trust"}
        seen = words(browser.post(page(programme), sent("check", **choice)))
        assert "I speak up now." in seen
        assert "<bdi>Consultant midwife, NHS trust</bdi>, about Training day 1" in seen
        without_tick = browser.post(
            page(programme), {**sent("offer", **choice), "_seen": "Consultant midwife, NHS trust"}
        )
        assert without_tick.status_code == 422
        assert "Tick the box if you agree" in words(without_tick)
        assert not Testimony.objects.exists()
        done = words(browser.post(page(programme), offered("Consultant midwife, NHS trust", **choice), follow=True))
        assert "The programme team reads it" in done
        made = Testimony.objects.get()
        assert (made.author, made.byline, made.component) == (author, "Consultant midwife, NHS trust", held.component)
        again = browser.post(page(programme), offered("Consultant midwife, NHS trust", **choice), follow=True)
        assert again.redirect_chain[-1][0] == reverse("testimony", args=[made.pk])
        other = browser.post(page(programme), offered(text="Something <else>"))
        assert other.status_code == 409
        assert "Something &lt;else&gt;" in words(other)
        assert "Take it back to offer another" in words(other)
        assert browser.get(page(programme)).status_code == 302

    def test_an_answer_is_lifted_by_its_words_with_a_warning(
        self, browser: Client, programme: Programme, held: Session
    ) -> None:
        before = list(held.evaluations.values())
        lifted = words(browser.post(page(programme), {"_step": "lift", "text": "I will ask before I assume"}))
        assert LIFTED in lifted
        assert "I will ask before I assume</textarea>" in lifted
        seen = words(browser.post(page(programme), sent("check", text="Now I WILL ask  before I assume.")))
        assert LIFTED in seen
        browser.post(page(programme), offered(text="I will ask before I assume"))
        assert list(held.evaluations.values()) == before
        stored = str(Testimony.objects.values().get())
        assert not [row["pseudonym"] for row in before if row["pseudonym"] in stored]
        assert LIFTED not in words(browser.post(page(programme), sent("check")))

    def test_few_of_a_role_are_warned_and_may_go_on(self, browser: Client, author: User, programme: Programme) -> None:
        assert "Fewer than 10 people with this job role" in words(browser.get(page(programme)))
        by_role = sent("check", shown_as=ShownAs.BY_ROLE.value)
        assert FEW in words(browser.post(page(programme), by_role))
        assert FEW not in words(browser.post(page(programme), sent("check")))
        cohort = make_cohort(programme)
        for _ in range(10):
            make_membership(make_user(job_role=author.job_role), cohort)
        assert FEW not in words(browser.post(page(programme), by_role))
        assert (
            browser.post(page(programme), offered("Consultant midwife", shown_as=ShownAs.BY_ROLE.value)).status_code
            == 302
        )

    def test_who_has_no_job_role_is_not_asked_about_it(
        self, browser: Client, author: User, programme: Programme
    ) -> None:
        author.job_role = None
        author.save()
        assert "By my job role" not in words(browser.get(page(programme)))
        refused = browser.post(page(programme), sent("check", shown_as=ShownAs.BY_ROLE.value))
        assert refused.status_code == 422

    def test_a_byline_that_has_changed_is_looked_at_again(
        self, browser: Client, author: User, programme: Programme
    ) -> None:
        author.name = "Demo Another"
        author.save()
        named = offered("Demo Amina", shown_as=ShownAs.NAMED.value)
        again = browser.post(page(programme), named)
        assert again.status_code == 409
        assert 'value="Demo Another"' in words(again)
        assert not Testimony.objects.exists()

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ("", "Enter what you would like to say"),
            (" \n\t  ", "Enter what you would like to say"),
            ("\u3164\u200e", "Enter what you would like to say"),
            ("x" * 200_000, f"What you write must be {LONGEST:,} characters or fewer"),
        ],
    )
    def test_what_cannot_be_taken_is_said_and_nothing_is_lost(
        self, browser: Client, programme: Programme, text: str, said: str
    ) -> None:
        for step in ("check", "offer", "nonsense", ""):
            answer = browser.post(page(programme), sent(step, text=text))
            assert answer.status_code == 422
            assert said in words(answer)
            assert answer.context["form"]["text"].value() == text

    @pytest.mark.parametrize(
        "changes",
        [{"shown_as": ""}, {"shown_as": "x"}, {"component": "x"}, {"component": "999999"}, {"workplace": "My trust"}],
    )
    def test_what_is_no_choice_is_refused(self, browser: Client, programme: Programme, changes: dict[str, str]) -> None:
        assert browser.post(page(programme), offered(**changes)).status_code == 422
        assert not Testimony.objects.exists()

    def test_markup_and_control_characters_turn_nothing(self, browser: Client, programme: Programme) -> None:
        text = "I <script>x</script>\x00 speak\x07 up\u202e now.\r\n\r\n\r\n\r\nAlways."
        browser.post(page(programme), offered(text=text))
        made = Testimony.objects.get()
        assert made.text == "I <script>x</script> speak up now.\n\nAlways."
        testifying.publish(made, looked_at=made.sequence, by=make_admin())
        shown = words(Client().get(reverse("testimonies", args=[programme.slug])))
        assert html.escape("I <script>x</script> speak up now.") in shown

    def test_who_has_done_nothing_of_it_has_no_page(self, programme: Programme) -> None:
        client = Client()
        client.force_login(make_membership(cohort=make_cohort(programme)).user)
        assert client.get(page(programme)).status_code == 404
        assert "You can offer one once you have been" in words(client.get(reverse("my_testimonies")))


class TestFollowing:
    """An author's page of a testimony, and what they do there."""

    def test_how_it_is_shown_is_changed_once_it_was_seen(
        self, browser: Client, author: User, programme: Programme
    ) -> None:
        made = make_testimony(author, programme, editor=make_admin())
        change = reverse("testimony_change", args=[made.pk])
        named = {"shown_as": ShownAs.NAMED.value, "workplace": ""}
        assert browser.get(change).status_code == 200
        assert browser.post(change, {"shown_as": "x"}).status_code == 422
        assert f"<bdi>{author.name}</bdi>" in words(browser.post(change, {**named, "_step": "check"}))
        assert browser.post(change, {**named, "_step": "offer", "_seen": author.name}).status_code == 422
        assert Testimony.objects.get().byline == ANONYMOUS
        given = {**named, "_step": "offer", "_seen": author.name, "agreed": "on"}
        assert "It is on no page until the programme team" in words(browser.post(change, given, follow=True))
        assert Testimony.objects.get().byline == author.name

    def test_a_shorter_form_is_read_beside_ones_own_words(
        self, browser: Client, author: User, programme: Programme
    ) -> None:
        made = make_testimony(author, programme, text="I speak up now. I did not before.")
        answer = reverse("testimony_answer", args=[made.pk])
        assert browser.get(answer).status_code == 302
        assert browser.post(answer, {"_step": "agree"}).status_code == 409
        testifying.ask_about(made, "I speak up now.", by=make_admin())
        assert answer in words(browser.get(reverse("testimony", args=[made.pk])))
        seen = browser.get(answer)
        assert "I did not before." in words(seen)
        form = {"_step": "agree", "_seen": seen.context["form"].initial["_seen"]}
        assert browser.post(answer, form).status_code == 422
        testifying.ask_about(made, "I speak up.", by=make_admin())
        assert browser.post(answer, {**form, "agreed": "on"}).status_code == 409
        assert Testimony.objects.get().state == State.ASKED
        form["_seen"] = browser.get(answer).context["form"].initial["_seen"]
        assert "Thank you." in words(browser.post(answer, {**form, "agreed": "on"}, follow=True))
        assert Testimony.objects.get().words == "I speak up."
        testifying.ask_about(made, "I speak.", by=make_admin())
        assert "Your own words stand" in words(browser.post(answer, {"_step": "keep"}, follow=True))
        assert Testimony.objects.get().words == made.text

    def test_it_is_taken_back(self, browser: Client, author: User, programme: Programme) -> None:
        made = make_testimony(author, programme, editor=make_admin(), text="I speak up now.")
        back = reverse("testimony_take_back", args=[made.pk])
        assert "You need not say why" in words(browser.get(back))
        assert Testimony.objects.get().state == State.PUBLISHED
        for _ in range(2):
            done = words(browser.post(back, follow=True))
            assert "You took it back on" in done
            assert "I speak up now." not in done
        for name in ("testimony_change", "testimony_answer", "testimony_take_back"):
            assert browser.get(reverse(name, args=[made.pk])).status_code == 302
        assert "Taken back" in words(browser.get(reverse("my_testimonies")))
        assert browser.get(page(programme)).status_code == 200

    @pytest.mark.parametrize("state", [State.OFFERED, State.ASKED, State.PUBLISHED, State.NOT_USED])
    def test_each_state_is_said(self, browser: Client, author: User, programme: Programme, state: str) -> None:
        made = make_testimony(author, programme, editor=make_admin() if state == State.PUBLISHED else None)
        if state == State.ASKED:
            testifying.ask_about(made, "Shorter", by=make_admin())
        if state == State.NOT_USED:
            testifying.decline(made, by=make_admin())
        said = {
            State.OFFERED: "writes to you when it publishes it",
            State.ASKED: "Read the shorter form",
            State.PUBLISHED: programme.get_absolute_url(),
            State.NOT_USED: "does not show it at the moment",
        }
        assert said[State(state)] in words(browser.get(reverse("testimony", args=[made.pk])))
        programme.published = False
        programme.save()
        hidden = words(browser.get(reverse("testimony", args=[made.pk])))
        assert programme.get_absolute_url() not in hidden

    def test_that_of_somebody_else_is_not_there(self, browser: Client, programme: Programme) -> None:
        made = make_testimony(programme=programme)
        for name in ("testimony", "testimony_change", "testimony_answer", "testimony_take_back"):
            assert browser.post(reverse(name, args=[made.pk])).status_code in {404, 405}
            assert browser.get(reverse(name, args=[made.pk])).status_code == 404

    def test_whoever_answered_after_a_session_is_led_there(self, browser: Client, held: Session) -> None:
        assert reverse("my_testimonies") in words(browser.get(reverse("evaluate", args=[held.pk])))


class TestReading:
    """What everybody reads."""

    def test_a_programme_shows_three_the_newest_first(self, client: Client) -> None:
        programme, editor = make_programme(), make_admin()
        made = [make_testimony(programme=programme, editor=editor, text=f"Words {n} here") for n in range(4)]
        make_testimony(programme=programme, text="Only offered")
        make_testimony(editor=editor, text="Of another programme")
        shown = words(client.get(programme.get_absolute_url()))
        places = [shown.find(each.text) for each in reversed(made)]
        assert places[:3] == sorted(places[:3])
        assert places[0] > 0
        assert places[3] == -1
        every_one = reverse("testimonies", args=[programme.slug])
        assert every_one in shown
        listed = words(client.get(every_one))
        assert all(each.text in listed for each in made)
        for other in ("Only offered", "Of another programme"):
            assert other not in shown
            assert other not in listed

    def test_many_are_read_page_by_page(self, client: Client) -> None:
        programme, editor = make_programme(), make_admin()
        made = [make_testimony(programme=programme, editor=editor) for _ in range(45)]
        # Of the same moment, they are told apart by their keys.
        Testimony.objects.update(published_at=made[0].published_at)
        seen: list[int] = []
        query = ""
        for _ in range(3):
            quotes = client.get(reverse("testimonies", args=[programme.slug]) + query).context["quotes"]
            seen += [quote.pk for quote in quotes.rows]
            query = f"?before={quotes.next_before}"
        assert seen == [each.pk for each in reversed(made)]
        assert quotes.next_before == ""

    @pytest.mark.parametrize("before", ["x", "1-2-3", "99999999999999999-999999999999999999", "%00", "-1-1", "0-0"])
    def test_a_key_that_is_none_is_no_error(self, client: Client, before: str) -> None:
        programme = make_programme()
        assert client.get(reverse("testimonies", args=[programme.slug]), {"before": before}).status_code == 200

    def test_of_a_hidden_programme_there_is_no_page(self, client: Client) -> None:
        made = make_testimony(programme=make_programme(published=False), editor=make_admin())
        assert client.get(reverse("testimonies", args=[made.programme.slug])).status_code == 404


@pytest.mark.parametrize("number", [1, 3])
class TestCosts:
    """Every list costs the same, however long."""

    def test_of_the_public_list(self, client: Client, number: int, django_assert_num_queries: Any) -> None:
        programme, editor = make_programme(), make_admin()
        for _ in range(number):
            make_testimony(programme=programme, editor=editor)
        with django_assert_num_queries(2):  # the programme, its testimonies
            client.get(reverse("testimonies", args=[programme.slug]))

    def test_of_a_programme_page_that_is_built(
        self, client: Client, number: int, django_assert_num_queries: Any
    ) -> None:
        programme, editor = make_programme(), make_admin()
        for _ in range(number):
            make_testimony(programme=programme, editor=editor)
        with django_assert_num_queries(6):  # the programme, three things of it, its testimonies, its open cohorts
            client.get(programme.get_absolute_url())
        with django_assert_num_queries(0):
            client.get(programme.get_absolute_url())

    def test_of_ones_own(self, browser: Client, author: User, number: int, django_assert_num_queries: Any) -> None:
        for _ in range(number):
            make_testimony(author)
        with django_assert_num_queries(4):  # login session, person, theirs, what else they can say something of
            browser.get(reverse("my_testimonies"))

    def test_of_answers_to_lift(
        self, browser: Client, author: User, held: Session, number: int, django_assert_num_queries: Any
    ) -> None:
        question = held.component.programme.evaluation_questions.get(kind="text")
        evaluation = held.evaluations.get()
        evaluation.answers.filter(question=question).delete()
        for n in range(number):
            another = held.component.programme.evaluation_questions.create(text=f"And {n}?", kind="text")
            evaluation.answers.create(question=another, text=f"That {n}")
        with django_assert_num_queries(9):
            # Login session, person, job role, programme, an earlier one, how many of it, parts, sessions, answers
            assert len(browser.get(page(held.component.programme)).context["answers"]) == number

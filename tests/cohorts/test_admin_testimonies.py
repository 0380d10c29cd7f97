"""Testimonies in the admin pages: an editor publishes, asks about a shorter form or declines, and learns no name."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cohorts import testifying
from cohorts.admin import today
from cohorts.models import Programme, Testimony
from portal.accounts.models import User
from portal.outbox.models import Message
from portal.trail.models import Entry
from tests.cohorts.pages import words
from tests.cohorts.start_page import waits
from tests.factories import make_admin_of, make_programme, make_testimony, make_user

pytestmark = pytest.mark.django_db
State = Testimony.State
LIST = reverse("admin:cohorts_testimony_changelist")
TEXT = "I speak up now.\nI did not before."


@pytest.fixture
def programme() -> Programme:
    return make_programme(name="Perinatal programme")


@pytest.fixture
def author() -> User:
    return make_user(name="Demo Amina", email="amina@trust.example")


@pytest.fixture
def offered(author: User, programme: Programme) -> Testimony:
    return make_testimony(author, programme, text=TEXT)


def page(testimony: Testimony, act: str) -> str:
    return reverse(f"admin:cohorts_testimony_{act}", args=[testimony.pk])


def confirmed(testimony: Testimony) -> dict[str, str]:
    return {"confirmed": "yes", "looked_at": str(testimony.sequence)}


def state_of(testimony: Testimony) -> str:
    return Testimony.objects.get(pk=testimony.pk).state


def test_what_is_offered_stands_on_the_start_page_and_first_in_the_list(
    desk: Client, admin: User, offered: Testimony, programme: Programme
) -> None:
    need = waits(today.TESTIMONIES_TO_READ, admin)
    assert need is not None
    assert [task.href for task in need.tasks] == [page(offered, "change")]
    make_testimony(editor=admin, text="Published later")
    listed = words(desk.get(LIST))
    assert listed.index("I speak up now.") < listed.index("Published later")
    testifying.decline(offered, by=admin)
    assert waits(today.TESTIMONIES_TO_READ, admin) is None
    assert desk.get(f"{LIST}?state__exact=offered").status_code == 200


def test_it_is_published_once_it_was_looked_at(desk: Client, admin: User, offered: Testimony) -> None:
    assert page(offered, "publish") in words(desk.get(page(offered, "change")))
    asked = words(desk.get(page(offered, "publish")))
    assert "Everybody can read it" in asked
    assert "I speak up now." in asked
    desk.post(page(offered, "publish"))
    assert state_of(offered) == State.OFFERED
    done = words(desk.post(page(offered, "publish"), confirmed(offered), follow=True))
    assert "It stands on the page of Perinatal programme" in done
    published = Testimony.objects.get(pk=offered.pk)
    assert (published.state, published.editor) == (State.PUBLISHED, admin)
    assert Entry.objects.get(verb="testimony.published").actor == admin


@pytest.mark.parametrize("looked_at", ["", "x", "-1", "9" * 40, "7"])
def test_what_was_not_looked_at_is_not_published(desk: Client, offered: Testimony, looked_at: str) -> None:
    done = desk.post(page(offered, "publish"), {"confirmed": "yes", "looked_at": looked_at}, follow=True)
    assert "This has changed since you opened the page" in words(done)
    assert state_of(offered) == State.OFFERED


def test_its_author_is_asked_about_a_shorter_form(desk: Client, offered: Testimony, author: User) -> None:
    assert "I did not before." in words(desk.get(page(offered, "shorten")))
    for shorter, said in (
        ("", "Enter shorter form"),
        ("  ", "Enter shorter form"),
        (TEXT, "This is not shorter"),
        ("x" * 200_000, "characters or fewer"),
    ):
        refused = desk.post(page(offered, "shorten"), {"shorter": shorter})
        assert refused.status_code == 422
        assert said in words(refused) or "This field is required" in words(refused)
    done = words(desk.post(page(offered, "shorten"), {"shorter": "I speak up now."}, follow=True))
    assert "Its author is asked." in done
    assert state_of(offered) == State.ASKED
    assert Message.objects.get(rule="testimony.asked_about").person == author
    assert "This cannot be done as it stands now" in words(desk.get(page(offered, "publish")))


def test_it_is_declined_and_taken_off_the_page(desk: Client, admin: User, offered: Testimony) -> None:
    published = testifying.publish(offered, looked_at=offered.sequence, by=admin)
    assert "Take it off the page" in words(desk.get(page(offered, "change")))
    assert "thanked" in words(desk.get(page(offered, "decline")))
    done = words(desk.post(page(offered, "decline"), confirmed(published), follow=True))
    assert "with thanks" in done
    assert state_of(offered) == State.NOT_USED


def test_of_what_is_taken_back_nothing_can_be_done(desk: Client, offered: Testimony) -> None:
    looked = desk.get(page(offered, "publish"))
    testifying.take_back(offered)
    assert "I speak up now." in words(looked)
    for act, given in (
        ("publish", confirmed(offered)),
        ("decline", confirmed(offered)),
    ):
        assert "This has changed since you opened the page" in words(desk.post(page(offered, act), given, follow=True))
    for act in ("publish", "shorten", "decline"):
        assert "This cannot be done as it stands now: taken back." in words(desk.get(page(offered, act)))
    assert "I speak up now." not in words(desk.get(LIST)) + words(desk.get(page(offered, "change")))


def test_nowhere_does_an_editor_learn_who_wrote_it(
    sign_in: Any, offered: Testimony, programme: Programme, author: User
) -> None:
    editor = make_admin_of(programme)
    desk = sign_in(editor)
    testifying.ask_about(offered, "I speak up now.", by=editor)
    testifying.agree(offered, "I speak up now.")
    pages = [LIST, *(page(offered, act) for act in ("change", "history", "publish", "shorten", "decline"))]
    for address in (*pages, reverse("admin:index")):
        shown = words(desk.get(address))
        assert author.name not in shown
        assert author.email not in shown
    for query in (
        f"author={author.pk}",
        f"author__id__exact={author.pk}",
        "author__email__startswith=amina",
        "q=Amina",
    ):
        answer = desk.get(f"{LIST}?{query}", follow=True)
        assert answer.status_code in {200, 400}
        assert f"author={author.pk}" not in answer.request["QUERY_STRING"] or answer.status_code == 400


def test_in_the_ledger_of_messages_nobody_is_named(desk: Client, admin: User, offered: Testimony, author: User) -> None:
    testifying.decline(offered, by=admin)
    assert author.name not in words(desk.get(reverse("admin:outbox_message_changelist")))


def test_an_admin_of_another_programme_finds_none(sign_in: Any, offered: Testimony) -> None:
    elsewhere = make_admin_of(make_programme())
    assert "I speak up now." not in words(sign_in(elsewhere).get(LIST))
    assert waits(today.TESTIMONIES_TO_READ, elsewhere) is None


def test_the_list_costs_the_same_for_many(desk: Client) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            desk.get(LIST)
        return len(asked)

    make_testimony()
    statements()  # the first page of a process reads what the next ones know
    with_one = statements()
    for _ in range(2):
        make_testimony()
    assert statements() == with_one

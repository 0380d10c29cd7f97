"""Testimonies: nothing is shown but what its author agreed to, and nothing once they take it back."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from cohorts import testifying, testimonies, testimony_letters
from cohorts.evaluating import OwnAnswer
from cohorts.models import Programme, Testimony
from cohorts.testifying import ANONYMOUS, OfferedAlready, TestimonyChanged
from portal.accounts.erasure import erase
from portal.accounts.models import User
from portal.outbox import rules
from portal.outbox.models import Message
from portal.trail.models import Entry
from tests.cohorts.pages import words
from tests.factories import (
    make_admin,
    make_cohort,
    make_component,
    make_job_role,
    make_membership,
    make_programme,
    make_testimony,
    make_user,
)

pytestmark = pytest.mark.django_db
State, ShownAs = Testimony.State, Testimony.ShownAs
TEXT = "I speak up now.\nI did not before."


@pytest.fixture
def programme() -> Programme:
    return make_programme(name="Perinatal programme")


@pytest.fixture
def author() -> User:
    return make_user(name="Demo Amina", job_role=make_job_role(name="Consultant neonatologist"))


@pytest.fixture
def editor() -> User:
    return make_admin()


def is_public(testimony: Testimony) -> bool:
    """Say whether a visitor reads it, on the programme's page and on that of all testimonies."""
    visitor, slug = Client(), testimony.programme.slug
    pages = [words(visitor.get(reverse(name, args=[slug]))) for name in ("programme", "testimonies")]
    shown = {"It has changed how I listen" in page or "I speak up now" in page for page in pages}
    assert len(shown) == 1
    return shown.pop()


def letters() -> list[str]:
    return list(Message.objects.filter(rule__startswith="testimony.").order_by("pk").values_list("rule", flat=True))


class TestBylines:
    """What stands under the words."""

    @pytest.mark.parametrize(
        ("shown_as", "workplace", "said"),
        [
            (ShownAs.NAMED, "", "Demo Amina"),
            (ShownAs.NAMED, "NHS trust", "Demo Amina"),
            (ShownAs.BY_ROLE, "", "Consultant neonatologist"),
            (ShownAs.BY_ROLE, "NHS trust", "Consultant neonatologist, NHS trust"),
            (ShownAs.ANONYMOUS, "NHS trust", ANONYMOUS),
        ],
    )
    def test_it_says_what_was_chosen_and_no_more(self, author: User, shown_as: str, workplace: str, said: str) -> None:
        assert testifying.byline(author, shown_as, workplace) == said

    def test_it_stays_as_it_was_agreed_to(self, author: User, programme: Programme, editor: User) -> None:
        testimony = make_testimony(author, programme, editor=editor, shown_as=ShownAs.NAMED, byline=author.name)
        author.name = "Demo Another"
        author.save()
        assert testimonies.newest(programme, 1)[0].byline == "Demo Amina"
        assert is_public(testimony)

    @pytest.mark.parametrize(("people", "few"), [(9, True), (10, False)])
    def test_fewer_than_ten_of_a_role_are_few(
        self, author: User, programme: Programme, people: int, *, few: bool
    ) -> None:
        cohort = make_cohort(programme)
        make_membership(author, cohort)
        make_membership(make_user(job_role=author.job_role))  # of another programme
        make_membership(make_user(job_role=make_job_role()), cohort)
        for _ in range(people - 1):
            make_membership(make_user(job_role=author.job_role), cohort)
        assert testimonies.are_few(author, programme) is few
        assert testimonies.are_few(author, programme, make_component(programme))

    def test_words_of_an_answer_are_known_again_however_they_are_set(self) -> None:
        answers = [OwnAnswer("Day 1", "What next?", "I will  ask\nbefore I assume")]
        assert testimonies.repeats("Now: i will ask before I assume.", answers)
        assert testimonies.repeats("ask before", answers)
        assert not testimonies.repeats("I speak up now", answers)


class TestOffering:
    """From the author to the editor."""

    def test_it_is_offered_once(self, author: User, programme: Programme) -> None:
        first = make_testimony(author, programme, text=TEXT)
        assert make_testimony(author, programme, text=TEXT) == first  # the second of two clicks
        with pytest.raises(OfferedAlready):
            make_testimony(author, programme, text="Something else")
        assert (first.state, is_public(first)) == (State.OFFERED, False)
        assert make_testimony(author, make_programme(), text=TEXT) != first

    def test_the_trail_says_the_day_and_not_who(self, author: User, programme: Programme) -> None:
        testimony = make_testimony(author, programme)
        testifying.show_as(testimony, ShownAs.BY_ROLE, "Consultant neonatologist")
        testifying.take_back(testimony)
        entries = Entry.objects.filter(subject=f"testimony:{testimony.pk}")
        assert {entry.verb for entry in entries} == {
            "testimony.offered",
            "testimony.byline_changed",
            "testimony.taken_back",
        }
        assert not [entry for entry in entries if entry.actor or entry.details or entry.at.minute]

    @pytest.mark.parametrize(
        "row",
        [
            {"text": ""},
            {"byline": ""},
            {"state": State.ASKED},
            {"state": State.PUBLISHED},
            {"state": State.TAKEN_BACK},
        ],
    )
    def test_postgresql_refuses_what_makes_no_sense(
        self, author: User, programme: Programme, row: dict[str, Any]
    ) -> None:
        testimony = make_testimony(author, programme)
        with pytest.raises(IntegrityError), transaction.atomic():
            Testimony.objects.filter(pk=testimony.pk).update(**row)


class TestEditing:
    """What an editor does, and what it needs of the author."""

    def test_it_is_published_as_it_was_looked_at(self, author: User, programme: Programme, editor: User) -> None:
        testimony = make_testimony(author, programme, text=TEXT)
        published = testifying.publish(testimony, looked_at=testimony.sequence, by=editor)
        again = testifying.publish(testimony, looked_at=testimony.sequence, by=make_admin())
        assert (again.editor, again.published_at) == (editor, published.published_at)
        assert letters() == ["testimony.published"]

    def test_what_its_author_changed_meanwhile_is_not_published(
        self, author: User, programme: Programme, editor: User
    ) -> None:
        testimony = make_testimony(author, programme)
        testifying.show_as(testimony, ShownAs.NAMED, author.name)
        with pytest.raises(TestimonyChanged):
            testifying.publish(testimony, looked_at=testimony.sequence, by=editor)

    def test_a_shorter_form_waits_for_its_author(self, author: User, programme: Programme, editor: User) -> None:
        testimony = make_testimony(author, programme, text=TEXT)
        asked = testifying.ask_about(testimony, "I speak up now.", by=editor)
        assert testifying.ask_about(testimony, "I speak up now.", by=editor).sequence == asked.sequence
        assert asked.words == TEXT
        for looked_at in (testimony.sequence, asked.sequence):
            with pytest.raises(TestimonyChanged):
                testifying.publish(testimony, looked_at=looked_at, by=editor)
        with pytest.raises(TestimonyChanged):
            testifying.agree(testimony, "Another form")
        agreed = testifying.agree(testimony, "I speak up now.")
        assert (agreed.state, agreed.words, agreed.text) == (State.OFFERED, "I speak up now.", TEXT)
        testifying.publish(testimony, looked_at=agreed.sequence, by=editor)
        (quote,) = testimonies.newest(programme, 3)
        assert quote.words == "I speak up now."
        assert letters() == ["testimony.asked_about", "testimony.published"]

    def test_an_author_keeps_their_own_words(self, author: User, programme: Programme, editor: User) -> None:
        testimony = make_testimony(author, programme, text=TEXT)
        testifying.ask_about(testimony, "I speak up.", by=editor)
        kept = testifying.keep_own_words(testimony)
        assert (kept.state, kept.words, kept.shorter) == (State.OFFERED, TEXT, "")
        with pytest.raises(TestimonyChanged):
            testifying.keep_own_words(testimony)

    @pytest.mark.parametrize("state", [State.OFFERED, State.ASKED, State.PUBLISHED])
    def test_it_is_not_used_or_no_longer(self, author: User, programme: Programme, editor: User, state: str) -> None:
        testimony = make_testimony(author, programme, editor=editor if state == State.PUBLISHED else None)
        if state == State.ASKED:
            testifying.ask_about(testimony, "Shorter", by=editor)
        declined = testifying.decline(testimony, by=editor)
        testifying.decline(testimony, by=editor)
        assert not is_public(testimony)
        assert letters()[-1] == "testimony.declined"
        assert letters().count("testimony.declined") == 1
        testifying.publish(testimony, looked_at=declined.sequence, by=editor)
        assert testimonies.newest(programme, 1)

    def test_what_is_published_is_not_shortened_where_it_stands(
        self, author: User, programme: Programme, editor: User
    ) -> None:
        with pytest.raises(TestimonyChanged):
            testifying.ask_about(make_testimony(author, programme, editor=editor), "Shorter", by=editor)


class TestShowingItOtherwise:
    """An author changes what stands under their words."""

    def test_a_name_comes_off_at_once(self, author: User, programme: Programme, editor: User) -> None:
        testimony = make_testimony(author, programme, editor=editor, shown_as=ShownAs.NAMED, byline=author.name)
        testifying.show_as(testimony, ShownAs.ANONYMOUS, ANONYMOUS)
        assert is_public(testimony)
        assert testimonies.newest(programme, 1)[0].byline == ANONYMOUS

    def test_a_name_is_put_on_by_an_editor(self, author: User, programme: Programme, editor: User) -> None:
        testimony = make_testimony(author, programme, editor=editor)
        named = testifying.show_as(testimony, ShownAs.NAMED, author.name)
        assert (named.state, is_public(testimony)) == (State.OFFERED, False)


class TestTakingBack:
    """An author takes their words back, whatever became of them."""

    @pytest.mark.parametrize("state", [State.OFFERED, State.ASKED, State.PUBLISHED, State.NOT_USED])
    def test_it_is_on_no_page_and_its_words_are_gone(
        self, author: User, programme: Programme, editor: User, state: str
    ) -> None:
        testimony = make_testimony(author, programme, editor=editor if state == State.PUBLISHED else None)
        if state == State.ASKED:
            testifying.ask_about(testimony, "Shorter", by=editor)
        if state == State.NOT_USED:
            testifying.decline(testimony, by=editor)
        testifying.take_back(testimony)
        testifying.take_back(testimony)
        left = Testimony.objects.get(pk=testimony.pk)
        assert (left.state, left.text, left.shorter, left.byline) == (State.TAKEN_BACK, "", "", "")
        assert not is_public(testimony)
        for deed in (
            lambda: testifying.publish(testimony, looked_at=left.sequence, by=editor),
            lambda: testifying.ask_about(testimony, "Shorter", by=editor),
            lambda: testifying.decline(testimony, by=editor),
            lambda: testifying.show_as(testimony, ShownAs.NAMED, author.name),
            lambda: testifying.agree(testimony, "Shorter"),
        ):
            with pytest.raises(TestimonyChanged):
                deed()
        assert make_testimony(author, programme).state == State.OFFERED  # another one

    def test_who_is_erased_leaves_none(self, author: User, programme: Programme, editor: User) -> None:
        testimony = make_testimony(author, programme, editor=editor)
        erase(author, by=editor)
        assert not Testimony.objects.exists()
        assert not is_public(testimony)
        with pytest.raises(TestimonyChanged):
            testifying.take_back(testimony)


@pytest.mark.django_db(transaction=True)
def test_a_kept_page_is_dropped_with_what_is_taken_back() -> None:
    testimony = make_testimony(editor=make_admin())
    assert is_public(testimony)  # and kept from now on
    testifying.take_back(testimony)
    assert not is_public(testimony)


def test_letters_are_the_same_for_everybody_hold_no_words_and_are_overtaken(
    author: User, programme: Programme, editor: User
) -> None:
    testimony = make_testimony(author, programme, editor=editor, text=TEXT)
    (message,) = Message.objects.filter(rule="testimony.published")
    assert message.person == author
    about = testimony_letters.load([message.subject])[message.subject]
    mail = rules.named(message.rule).compose(about, author)
    assert mail is not None
    assert mail.subject == "Your testimony is published"
    assert "speak up" not in str(mail.context)
    assert {letter.rule for letter in testimony_letters.LETTERS} <= set(rules.private_names())
    testifying.take_back(testimony)
    about = testimony_letters.load([message.subject])[message.subject]
    assert rules.named(message.rule).compose(about, author) is None

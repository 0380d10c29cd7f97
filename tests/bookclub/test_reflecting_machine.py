"""A Hypothesis state machine over reflections: whatever a member does in whichever tab, a plain model agrees."""

from contextlib import suppress
from dataclasses import dataclass, field

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from bookclub import reflecting, sharing
from bookclub.models import Reflection
from bookclub.reflecting import Seen
from bookclub.reflections_file import chapters
from bookclub.refusals import BookClubRefused
from bookclub.sealed_words import draft_of, words_of
from bookclub.targets import Target
from cohorts.models import Membership
from tests.bookclub.making import make_reader, make_reading_cohort
from tests.bookclub.reflections import Audience, write

TABS = st.integers(0, 1)
TEXTS = st.sampled_from(["one", "two", "three"])


@dataclass
class Known:
    """What a plain model of one reflection has."""

    saved: str = "first"
    draft: str = ""
    audience: str = "nobody"
    is_read: bool = False
    tabs: list[Seen] = field(default_factory=list)


class Reflections(RuleBasedStateMachine):
    """One member, one reflection, and two tabs in which it is open."""

    @initialize()
    def begin(self) -> None:
        """Make it anew; all of it is rolled back at the end."""
        self.undo = transaction.atomic()
        self.undo.__enter__()
        self.member = make_reader(make_reading_cohort())
        self.about = Target(self.member.cohort)
        self.uid = write(self.member, "first").uid
        self.known = Known(tabs=[self.stands()] * 2)

    def row(self) -> Reflection:
        return Reflection.objects.get(uid=self.uid)

    def stands(self) -> Seen:
        return Seen(self.row().version, self.row().draft_turn)

    def takes_part(self) -> bool:
        return Membership.objects.enrolled().filter(pk=self.member.pk).exists()

    @rule(tab=TABS)
    def opens(self, tab: int) -> None:
        row = self.row()
        self.known.tabs[tab] = Seen(row.draft_of if row.has_draft else row.version, row.draft_turn)

    @rule(tab=TABS, text=TEXTS)
    def saves(self, tab: int, text: str) -> None:
        seen, before = self.known.tabs[tab], self.row()
        is_current = seen.version == before.version or text == self.known.saved
        try:
            reflecting.save(self.about, self.uid, text, seen=seen, by=self.member.user)
        except BookClubRefused:
            assert not (is_current and self.takes_part())
            return
        assert is_current
        assert self.takes_part()
        self.known.saved = text
        if seen.turn == before.draft_turn:
            self.known.draft = ""
        self.known.tabs[tab] = self.stands()

    @rule(tab=TABS, text=TEXTS)
    def types(self, tab: int, text: str) -> None:
        seen = self.known.tabs[tab]
        is_turn = seen.turn == self.row().draft_turn
        try:
            turn = reflecting.keep_draft(self.about, self.uid, text, seen=seen, by=self.member.user)
        except BookClubRefused:
            assert not (is_turn and self.takes_part())
            return
        assert is_turn
        assert self.takes_part()
        self.known.draft = "" if text == self.known.saved else text
        self.known.tabs[tab] = Seen(seen.version, turn)

    @rule(tab=TABS)
    def throws_the_draft_away(self, tab: int) -> None:
        is_turn = self.known.tabs[tab].turn == self.row().draft_turn
        try:
            reflecting.throw_draft_away(self.uid, seen=self.known.tabs[tab], by=self.member.user)
        except BookClubRefused:
            assert not is_turn
            return
        assert is_turn or not self.known.draft
        self.known.draft = ""

    @rule(tab=TABS, audience=st.sampled_from([Audience.COHORT, Audience.FACILITATORS]))
    def shares(self, tab: int, audience: Audience) -> None:
        with suppress(BookClubRefused):
            sharing.share(self.member.cohort, self.uid, audience, seen=self.known.tabs[tab], by=self.member.user)
            assert self.takes_part()
            self.known.audience, self.known.is_read = audience, True

    @rule()
    def takes_back(self) -> None:
        sharing.take_back(self.uid, by=self.member.user)
        self.known.audience, self.known.is_read = "nobody", False

    @rule(state=st.sampled_from([Membership.State.WITHDRAWN, Membership.State.ENROLLED]))
    def leaves_or_comes_back(self, state: Membership.State) -> None:
        members = Membership.objects.filter(pk=self.member.pk)
        if members.exclude(state=state).update(state=state, since=timezone.now()):
            self.known.is_read = False

    @invariant()
    def the_model_agrees(self) -> None:
        row = self.row()
        assert (words_of(row), draft_of(row), row.audience) == (
            self.known.saved,
            self.known.draft,
            self.known.audience,
        )

    @invariant()
    def others_read_what_is_shared_until_its_author_leaves(self) -> None:
        shown = [words_of(each) for each in Reflection.objects.shown().filter(author=self.member.user)]
        assert shown == ([self.known.saved] if self.known.is_read else [])

    @invariant()
    def its_author_takes_all_of_it_along(self) -> None:
        (chapter,) = chapters(self.member.user)
        said = [entry.words for section in chapter.sections for entry in section.entries]
        assert said == [self.known.saved, *([self.known.draft] if self.known.draft else [])]

    def teardown(self) -> None:
        """Undo all of it."""
        if hasattr(self, "undo"):
            transaction.set_rollback(True)
            self.undo.__exit__(None, None, None)


@pytest.mark.django_db
def test_whatever_they_do_in_whichever_tab_nothing_is_lost_or_shown_unseen() -> None:
    run_state_machine_as_test(
        Reflections,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )

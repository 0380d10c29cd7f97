"""What members write for themselves: saved, drafted, shared and taken back, and how it is kept."""

from datetime import timedelta
from uuid import uuid4

import pytest
from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.test import override_settings
from django.utils import timezone

from bookclub import choosing, planning, reflecting, rules, sealed_words, sharing
from bookclub.models import Reflection
from bookclub.reflecting import Seen
from bookclub.refusals import (
    ChangedInOtherTab,
    CohortOver,
    DraftedElsewhere,
    NoLongerReadable,
    NoMember,
    NothingToShare,
    ReflectionGone,
    TooManyReflections,
)
from bookclub.sealed_words import draft_of, words_of
from bookclub.targets import Target
from cohorts import enrolment
from cohorts.models import Cohort, Membership
from portal.accounts.erasure import erase
from portal.trail import SYSTEM
from portal.trail.models import Entry
from tests.bookclub.making import browser_of, make_book, make_listed, make_meeting, make_reader, make_reading_cohort
from tests.bookclub.reflections import Audience, draft, make_reflection, share, write
from tests.cohorts.pages import address, words
from tests.factories import make_admin, make_component, make_session

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Membership:
    return make_reader(make_reading_cohort())


def now(reflection: Reflection) -> Reflection:
    return Reflection.objects.get(pk=reflection.pk)


def leave(member: Membership) -> None:
    Membership.objects.filter(pk=member.pk).update(state=Membership.State.WITHDRAWN)


def end(cohort: Cohort) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    Cohort.objects.filter(pk=cohort.pk).update(starts_on=yesterday - timedelta(days=90), ends_on=yesterday)


class TestSaving:
    """What is saved is its author's, sealed, and in nobody's trail."""

    def test_it_is_private_and_sealed_and_the_trail_has_nothing_of_it(self, member: Membership) -> None:
        before = Entry.objects.count()
        row = write(member, "canary-text")
        draft(member, "canary-draft", row)
        row = now(row)
        assert (row.audience, row.shared_at, words_of(row), draft_of(row)) == (
            Audience.NOBODY,
            None,
            "canary-text",
            "canary-draft",
        )
        assert b"canary" not in bytes(row.sealed or b"") + bytes(row.draft_sealed or b"")
        assert Entry.objects.count() == before

    def test_a_book_that_was_swapped_keeps_what_was_written(self, member: Membership) -> None:
        listed = make_listed(member.cohort)
        write(member, "Of the first", listed=listed)
        choosing.swap(listed, make_book(), by=make_admin())
        write(member, "Of the first again", listed=listed)
        assert Reflection.objects.filter(listed=listed).count() == 2

    def test_pressed_twice_it_is_saved_once(self, member: Membership) -> None:
        uid = uuid4()
        for _ in range(2):
            reflecting.save(Target(member.cohort), uid, "Once", seen=Seen(), by=member.user)
        assert Reflection.objects.get().version == 1

    def test_of_two_tabs_the_second_is_told_and_nothing_is_lost(self, member: Membership) -> None:
        row = write(member, "First")
        seen = Seen(row.version, row.draft_turn)
        about = Target(member.cohort)
        reflecting.save(about, row.uid, "One tab", seen=seen, by=member.user)
        with pytest.raises(ChangedInOtherTab) as refused:
            reflecting.save(about, row.uid, "Other tab", seen=seen, by=member.user)
        assert words_of(refused.value.now) == words_of(now(row)) == "One tab"

    def test_what_was_shared_meanwhile_is_not_changed_unseen(self, member: Membership) -> None:
        row = write(member, "For me")
        share(row)
        with pytest.raises(ChangedInOtherTab):
            reflecting.save(Target(member.cohort), row.uid, "More for me", seen=Seen(1), by=member.user)
        assert words_of(now(row)) == "For me"

    def test_what_was_deleted_elsewhere_does_not_come_back(self, member: Membership) -> None:
        row = write(member)
        reflecting.delete(row.uid, seen=Seen(row.version), by=member.user)
        for verb in (reflecting.save, reflecting.keep_draft):
            with pytest.raises(ReflectionGone):
                verb(Target(member.cohort), row.uid, "Back", seen=Seen(1), by=member.user)
        assert not Reflection.objects.exists()

    def test_there_is_room_for_so_many(self, member: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reflecting, "MOST", 1)
        row = write(member)
        with pytest.raises(TooManyReflections):
            write(member)
        write(member, "Changed", uid=row.uid)

    def test_who_has_left_reads_and_deletes_and_writes_no_more(self, member: Membership) -> None:
        row = write(member, "Mine")
        leave(member)
        for verb in (reflecting.save, reflecting.keep_draft):
            with pytest.raises(NoMember):
                verb(Target(member.cohort), row.uid, "More", seen=Seen(1), by=member.user)
        diary = rules.diary(member.user, member.cohort_id)
        assert diary
        assert rules.own_reflection(diary, row.uid) == row
        reflecting.delete(row.uid, seen=Seen(1), by=member.user)
        assert rules.diary(member.user, member.cohort_id) is None

    def test_somebody_erased_writes_nothing_and_what_they_wrote_is_gone(self, member: Membership) -> None:
        share(write(member))
        draft(member, "A draft")
        erase(member.user, by=SYSTEM)
        assert not Reflection.objects.exists()
        Membership.objects.filter(pk=member.pk).update(state=Membership.State.ENROLLED)
        with pytest.raises(PermissionDenied):
            write(member)
        assert not Reflection.objects.exists()


class TestDrafts:
    """What is being written stands beside what is saved."""

    def test_it_changes_nothing_that_is_saved_or_shared(self, member: Membership) -> None:
        row = share(write(member, "Shared"))
        draft(member, "Something else", row)
        row = now(row)
        assert (words_of(row), draft_of(row), row.version) == ("Shared", "Something else", 2)

    def test_saving_takes_its_own_draft_along_and_leaves_another_tabs(self, member: Membership) -> None:
        row = write(member, "First")
        about = Target(member.cohort)
        opened = Seen(row.version, row.draft_turn)
        turn = reflecting.keep_draft(about, row.uid, "One tab", seen=opened, by=member.user)
        reflecting.save(about, row.uid, "Other tab", seen=opened, by=member.user)
        row = now(row)
        assert (words_of(row), draft_of(row), row.draft_of) == ("Other tab", "One tab", 1)
        # The first tab goes on; saving, it is shown both.
        turn = reflecting.keep_draft(about, row.uid, "One tab goes on", seen=Seen(1, turn), by=member.user)
        with pytest.raises(ChangedInOtherTab):
            reflecting.save(about, row.uid, "One tab goes on", seen=Seen(1, turn), by=member.user)
        reflecting.save(about, row.uid, "Both", seen=Seen(2, turn), by=member.user)
        assert not now(row).has_draft

    def test_a_tab_does_not_write_over_the_draft_of_another(self, member: Membership) -> None:
        row = write(member)
        about, opened = Target(member.cohort), Seen(row.version, row.draft_turn)
        reflecting.keep_draft(about, row.uid, "One tab", seen=opened, by=member.user)
        with pytest.raises(DraftedElsewhere):
            reflecting.keep_draft(about, row.uid, "Other tab", seen=opened, by=member.user)
        assert draft_of(now(row)) == "One tab"

    def test_one_that_comes_late_after_saving_is_refused(self, member: Membership) -> None:
        row = write(member)
        opened = Seen(row.version, row.draft_turn)
        reflecting.save(Target(member.cohort), row.uid, "All of it", seen=opened, by=member.user)
        with pytest.raises(DraftedElsewhere):
            reflecting.keep_draft(Target(member.cohort), row.uid, "All of", seen=opened, by=member.user)

    def test_there_is_one_for_each_target(self, member: Membership) -> None:
        listed = make_listed(member.cohort)
        draft(member, "Freely")
        draft(member, "Of a book", listed=listed)
        with pytest.raises(DraftedElsewhere):
            draft(member, "Another")
        with pytest.raises(DraftedElsewhere):
            draft(member, "Another", listed=listed)
        assert Reflection.objects.count() == 2

    def test_what_is_emptied_or_put_back_is_none(self, member: Membership) -> None:
        row = write(member, "First")
        for emptied in ("First", " \n"):
            draft(member, "Something", now(row))
            draft(member, emptied, now(row))
            assert not now(row).has_draft
        uid = draft(member, "New")
        unsaved = Reflection.objects.get(uid=uid)
        draft(member, "", unsaved)
        assert not Reflection.objects.filter(uid=uid).exists()
        draft(member, " ")
        assert Reflection.objects.get() == row

    def test_thrown_away_it_goes_alone(self, member: Membership) -> None:
        row = write(member, "First")
        draft(member, "Something", row)
        uid = draft(member, "New")
        for each in Reflection.objects.all():
            reflecting.throw_draft_away(each.uid, seen=Seen(turn=each.draft_turn), by=member.user)
        for gone in (uid, uuid4()):
            reflecting.throw_draft_away(gone, seen=Seen(), by=member.user)
        assert words_of(Reflection.objects.get()) == "First"

    def test_what_another_tab_has_kept_meanwhile_is_not_thrown_away(self, member: Membership) -> None:
        uid = draft(member, "Something")
        opened = Seen(turn=Reflection.objects.get().draft_turn)
        draft(member, "Something more", Reflection.objects.get())
        with pytest.raises(ChangedInOtherTab):
            reflecting.throw_draft_away(uid, seen=opened, by=member.user)
        assert draft_of(Reflection.objects.get()) == "Something more"


class TestSharing:
    """Others read what its author says, and for as long."""

    @pytest.mark.parametrize("audience", [Audience.COHORT, Audience.FACILITATORS])
    def test_it_is_shared_and_taken_back_and_the_trail_has_no_words(
        self, member: Membership, audience: Audience
    ) -> None:
        row = share(write(member, "canary-text"), audience)
        assert row.shared_at
        share(row, audience)
        sharing.take_back(row.uid, by=member.user)
        sharing.take_back(row.uid, by=member.user)
        row = now(row)
        assert (row.audience, row.shared_at) == (Audience.NOBODY, None)
        entries = Entry.objects.filter(verb__startswith="reflection.").order_by("pk")
        assert [entry.verb for entry in entries] == ["reflection.shared", "reflection.taken_back"]
        assert "canary" not in str([vars(entry) for entry in entries])

    def test_words_that_another_tab_saved_meanwhile_are_not_shared(self, member: Membership) -> None:
        row = write(member, "What I saw")
        write(member, "What I did not see", uid=row.uid)
        with pytest.raises(ChangedInOtherTab):
            sharing.share(member.cohort, row.uid, Audience.COHORT, seen=Seen(1), by=member.user)
        assert not now(row).is_shared

    def test_a_draft_is_never_shared(self, member: Membership) -> None:
        uid = draft(member, "Not yet")
        with pytest.raises(NothingToShare):
            sharing.share(member.cohort, uid, Audience.COHORT, seen=Seen(), by=member.user)

    def test_after_the_end_what_is_shared_stays_and_nothing_more_is(self, member: Membership) -> None:
        shared_one, private = share(write(member, "Shared")), write(member, "Private")
        end(member.cohort)
        with pytest.raises(CohortOver):
            share(private)
        write(member, "Written on", uid=private.uid)
        assert shared_one in Reflection.objects.shown()
        sharing.take_back(shared_one.uid, by=member.user)
        assert not Reflection.objects.shown().exists()

    def test_who_leaves_is_read_no_more_and_can_take_back(self, member: Membership) -> None:
        row = share(write(member))
        leave(member)
        assert not Reflection.objects.shown().exists()
        with pytest.raises(NoMember):
            share(row, Audience.FACILITATORS)
        sharing.take_back(row.uid, by=member.user)
        Membership.objects.filter(pk=member.pk).update(state=Membership.State.ENROLLED)
        assert not Reflection.objects.shown().exists()

    def test_who_leaves_and_comes_back_shares_it_anew_or_not(self, member: Membership) -> None:
        row = share(write(member))
        enrolment.withdraw(member, by=member.user)
        enrolment.enrol(member.user, member.cohort, organisation=None, job_role=None, by=make_admin(), again=True)
        assert not Reflection.objects.shown().exists()
        share(row)
        assert Reflection.objects.shown().get() == row

    def test_nobody_else_does_anything_with_it(self, member: Membership) -> None:
        row, other = share(write(member)), make_reader(member.cohort).user
        sharing.take_back(row.uid, by=other)
        reflecting.throw_draft_away(row.uid, seen=Seen(), by=other)
        with pytest.raises(ReflectionGone):
            reflecting.delete(row.uid, seen=Seen(row.version), by=other)
        assert now(row).is_shared


class TestWhatPostgresHolds:
    """Rows that no verb writes."""

    @pytest.mark.parametrize(
        "wrong",
        [
            {"audience": "cohort"},
            {"shared_at": timezone.now()},
            {"sealed": None, "saved_at": None},
            {"version": 0},
            {"draft_at": timezone.now()},
            {"audience": "everybody", "shared_at": timezone.now()},
        ],
        ids="-".join,
    )
    def test_a_row_that_contradicts_itself_is_refused(self, wrong: dict[str, object]) -> None:
        row = make_reflection()
        with pytest.raises(IntegrityError), transaction.atomic():
            Reflection.objects.filter(pk=row.pk).update(**wrong)

    def test_its_book_and_meeting_are_its_cohorts_and_it_has_one_of_them(self, member: Membership) -> None:
        row = write(member)
        elsewhere = make_listed()
        training = make_session(make_component(member.cohort.programme), member.cohort)
        own_book, own_meeting = make_listed(member.cohort), make_meeting(member.cohort)
        for wrong in ({"listed": elsewhere}, {"meeting": training}, {"listed": own_book, "meeting": own_meeting}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Reflection.objects.filter(pk=row.pk).update(**wrong)
        write(member, meeting=own_meeting)

    def test_its_prompt_is_of_its_meeting(self, member: Membership) -> None:
        meeting, other = make_meeting(member.cohort), make_meeting(member.cohort)
        prompt = planning.add_prompt(meeting, "Whose name was said wrongly?", by=make_admin())
        row = write(member, meeting=meeting, prompt=prompt)
        for wrong in ({"meeting": other}, {"meeting": None}):
            with pytest.raises(IntegrityError), transaction.atomic():
                Reflection.objects.filter(pk=row.pk).update(**wrong)

    def test_each_prompt_has_a_draft_of_its_own_beside_its_meetings(self, member: Membership) -> None:
        meeting = make_meeting(member.cohort)
        one, other = (planning.add_prompt(meeting, text, by=make_admin()) for text in ("Who?", "Why?"))
        for prompt in (None, one, other):
            draft(member, "I begin", meeting=meeting, prompt=prompt)
        assert Reflection.objects.filter(author=member.user).count() == 3
        with pytest.raises(DraftedElsewhere):
            draft(member, "In another tab", meeting=meeting, prompt=one)


class TestTheKey:
    """Sealed under SECRET_KEY, and sealed anew when it changes."""

    def test_without_the_key_nothing_is_told(self) -> None:
        row = make_reflection()
        with override_settings(SECRET_KEY="another" * 10):
            assert words_of(row) == sealed_words.TEXT.unreadable
            with pytest.raises(NoLongerReadable):
                reflecting.save(Target(row.cohort), row.uid, "Over it", seen=Seen(1, 1), by=row.author)
        assert words_of(now(row)) == "I listened."

    def test_without_the_key_nothing_is_put_in_the_place_of_a_draft(self, member: Membership) -> None:
        uid = draft(member, "What nobody else knows")
        row = Reflection.objects.get()
        opened = Seen(row.version, row.draft_turn)
        with override_settings(SECRET_KEY="another" * 10):
            for verb in (reflecting.save, reflecting.keep_draft):
                with pytest.raises(NoLongerReadable):
                    verb(Target(row.cohort), uid, "Over it", seen=opened, by=member.user)
            said = words(browser_of(member.user).get(address("reflection_edit", row.cohort_id, uid) + "?go-on=yes"))
            assert "cannot be read now" in said
            assert "<textarea" not in said
        assert draft_of(now(row)) == "What nobody else knows"

    def test_it_is_sealed_anew_when_the_key_changes(self, member: Membership) -> None:
        row = write(member, "First")
        draft(member, "Draft", row)
        draft(member, "Alone")
        earlier = settings.SECRET_KEY
        with override_settings(SECRET_KEY="another" * 10):
            with pytest.raises(InvalidToken):
                sealed_words.seal_anew()
            with override_settings(SECRET_KEY_FALLBACKS=[earlier]):
                call_command("seal_reflections")
            assert {(words_of(each), draft_of(each)) for each in Reflection.objects.all()} == {
                ("First", "Draft"),
                ("", "Alone"),
            }

"""Copies, loans and requests in the admin pages: who has what, what is due, and each act said before it is done."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bookclub import asking, lending
from bookclub.models import Copy, CopyRequest, LendingTerms, ListedBook, Loan
from cohorts.models import Membership
from tests.bookclub.lending import in_days, let_pass, make_copy, make_loan
from tests.bookclub.making import make_book, make_listed, make_reader, make_reading_cohort
from tests.cohorts.pages import address, words
from tests.factories import make_admin, make_admin_of, make_user
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db
COPIES, LOANS, REQUESTS, TERMS = (
    reverse(f"admin:bookclub_{model}_changelist") for model in ("copy", "loan", "copyrequest", "lendingterms")
)
START = reverse("admin:index")


@pytest.fixture
def listed() -> ListedBook:
    return make_listed(make_reading_cohort(), make_book(title="Names we carry"))


@pytest.fixture
def member(listed: ListedBook) -> Membership:
    return make_reader(listed.cohort, make_user(name="Demo Amina"))


@pytest.fixture
def desk(listed: ListedBook) -> Client:
    return desk_of(make_admin_of(listed.cohort.programme))


@pytest.fixture
def elsewhere() -> Client:
    return desk_of(make_admin_of(make_reading_cohort().programme))


class TestCopies:
    """What a programme lends."""

    def test_one_is_added_and_keeps_its_book(self, desk: Client, listed: ListedBook) -> None:
        given = {"programme": listed.cohort.programme_id, "book": listed.book_id, "label": "Names 1", "format": "print"}
        assert desk.post(address("admin:bookclub_copy_add"), given).status_code == 302
        copy = Copy.objects.get()
        again = desk.post(address("admin:bookclub_copy_add"), {**given, "label": "NAMES 1"})
        assert "Another copy of this programme has this label." in words(again)
        change = address("admin:bookclub_copy_change", copy.pk)
        seen = desk.get(change).context["seen"]
        desk.post(change, {"seen": seen, "label": "Names 2", "format": "audio", "book": make_book().pk})
        copy.refresh_from_db()
        assert (copy.label, copy.format, copy.book) == ("Names 2", "audio", listed.book)

    def test_the_list_says_who_has_which_and_finds_them_by_where_they_are(
        self, desk: Client, listed: ListedBook, member: Membership
    ) -> None:
        loan = make_loan(member, make_copy(listed.cohort, listed.book, label="Label-lent"))
        make_copy(listed.cohort, listed.book, label="Label-in")
        for label, give_up in (("Label-lost", lending.lose), ("Label-gone", lending.withdraw)):
            give_up(make_copy(listed.cohort, listed.book, label=label), by=make_admin())
        said = words(desk.get(COPIES))
        assert "On loan to Demo Amina" in said
        assert loan.due_on.strftime("%Y") in said
        for where, label in (("in", "-in"), ("lent", "-lent"), ("lost", "-lost"), ("withdrawn", "-gone")):
            found = words(desk.get(COPIES, {"where": where}))
            labels = {each for each in ("-in", "-lent", "-lost", "-gone") if f"Label{each}" in found}
            assert labels == {label}
        assert desk.get(COPIES, {"where": "x"}).status_code == 200

    def test_they_are_given_up_and_taken_up_again_once_it_is_said_what_that_does(
        self, desk: Client, listed: ListedBook, member: Membership
    ) -> None:
        lent, idle = make_loan(member, make_copy(listed.cohort)).copy, make_copy(listed.cohort)
        chosen = {"_selected_action": [str(lent.pk), str(idle.pk)]}

        def states() -> list[str]:
            return list(Copy.objects.order_by("pk").values_list("state", flat=True))

        asked = words(desk.post(COPIES, {**chosen, "action": "withdraw"}))
        assert "They are lent no more." in asked
        assert "Somebody has it." in asked
        desk.post(COPIES, {**chosen, "action": "withdraw", "confirmed": "yes"})
        assert states() == ["in_use", "withdrawn"]
        assert "Loans of them end." in words(desk.post(COPIES, {**chosen, "action": "lose"}))
        desk.post(COPIES, {**chosen, "action": "lose", "confirmed": "yes"})
        assert states() == ["lost", "withdrawn"]
        assert Loan.objects.get().outcome == "lost"
        desk.post(COPIES, {**chosen, "action": "take_up_again", "confirmed": "yes"})
        assert states() == ["in_use", "in_use"]

    def test_one_that_was_lent_is_not_deleted(self, desk: Client, member: Membership) -> None:
        lent, idle = make_loan(member).copy, make_copy(member.cohort)
        assert desk.post(address("admin:bookclub_copy_delete", lent.pk), {"post": "yes"}).status_code == 403
        assert desk.post(address("admin:bookclub_copy_delete", idle.pk), {"post": "yes"}).status_code == 302

    def test_a_programme_says_how_it_lends(self, desk: Client, listed: ListedBook) -> None:
        given = {"programme": listed.cohort.programme_id, "weeks": "0", "how_to_return": "Post it"}
        desk.post(address("admin:bookclub_lendingterms_add"), given)
        assert not LendingTerms.objects.exists()
        desk.post(address("admin:bookclub_lendingterms_add"), {**given, "weeks": "4"})
        assert LendingTerms.objects.get().weeks == 4


class TestLoans:
    """Who has what."""

    def lend(self, desk: Client, **given: Any) -> Any:
        return desk.post(address("admin:bookclub_loan_add"), given, follow=True)

    def test_a_copy_is_lent_kept_for_longer_and_given_back(self, desk: Client, member: Membership) -> None:
        copy = make_copy(member.cohort)
        assert "is lent until" in words(self.lend(desk, copy=copy.pk, borrower=member.user.email))
        loan = Loan.objects.get()
        assert (loan.borrower, loan.due_on) == (member.user, in_days(42))
        due = address("admin:bookclub_loan_due", loan.pk)
        assert "are reminded anew" in words(desk.get(due))
        assert desk.post(due, {"due_on": in_days(0).isoformat()}).status_code == 422
        desk.post(due, {"due_on": in_days(50).isoformat()})
        loan.refresh_from_db()
        assert loan.due_on == in_days(50)
        back = address("admin:bookclub_loan_back", loan.pk)
        assert "Demo Amina has given it back" in words(desk.get(back))
        assert Loan.objects.out().exists()
        desk.post(back, {"confirmed": "yes"})
        assert not Loan.objects.out().exists()
        again = desk.post(back, {"confirmed": "yes"}, follow=True)
        assert "was given back, or counted as lost, since you opened" in words(again)

    def test_what_cannot_be_lent_is_told_and_what_was_typed_stays(self, desk: Client, member: Membership) -> None:
        copy, outsider = make_copy(member.cohort), make_user(email="outsider@trust.example")
        refused = self.lend(desk, copy=copy.pk, borrower=outsider.email, due_on=in_days(9).isoformat())
        assert refused.status_code == 422
        assert "Copies are lent to people who take part" in words(refused)
        assert in_days(9).isoformat() in words(refused)
        make_loan(member, copy)
        lent = self.lend(desk, copy=copy.pk, borrower=member.user.email)
        assert lent.status_code == 422
        for wrong in ({}, {"copy": "x", "borrower": "y"}, {"copy": str(10**30), "borrower": "\0", "due_on": "never"}):
            assert self.lend(desk, **wrong).status_code in {400, 422}
        assert Loan.objects.count() == 1

    def test_one_is_counted_as_lost(self, desk: Client, member: Membership) -> None:
        loan = make_loan(member)
        lost = address("admin:bookclub_loan_lost", loan.pk)
        assert "is reminded of it no more" in words(desk.get(lost))
        desk.post(lost, {"confirmed": "yes"})
        loan.refresh_from_db()
        assert (loan.outcome, loan.copy.state) == ("lost", "lost")

    def test_several_are_back_at_once(self, desk: Client, member: Membership) -> None:
        loans = [make_loan(member) for _ in range(3)]
        lending.give_back(loans[0], by=make_admin())
        chosen = {"action": "give_back", "_selected_action": [str(loan.pk) for loan in loans]}
        asked = words(desk.post(LOANS, chosen))
        assert "It was given back, or counted as lost, before." in asked
        assert Loan.objects.out().count() == 2
        assert "2 copies are back." in words(desk.post(LOANS, {**chosen, "confirmed": "yes"}, follow=True))
        assert not Loan.objects.out().exists()

    def test_they_are_found_by_when_they_are_due_and_by_who_has_left(self, desk: Client, member: Membership) -> None:
        leaver = make_reader(member.cohort)
        loans = {
            "now": make_loan(member, make_copy(member.cohort, label="Label-now")),
            "week": make_loan(member, make_copy(member.cohort, label="Label-week"), days=7),
            "left": make_loan(leaver, make_copy(member.cohort, label="Label-left")),
        }
        let_pass(loans["now"], 42)
        Membership.objects.filter(pk=leaver.pk).update(state="withdrawn")
        for due in loans:
            found = words(desk.get(LOANS, {"due": due}))
            assert {each for each in loans if f"Label-{each}" in found} == {due}
        assert "Label-now" in words(desk.get(LOANS, {"q": "Amina"}))
        shown = words(desk.get(address("admin:bookclub_loan_change", loans["now"].pk)))
        for part in ("Demo Amina", "Say that it is back", "Change the day it is due", "Count it as lost"):
            assert part in shown


class TestRequests:
    """What members ask for."""

    def test_a_copy_is_lent_to_who_asks(self, desk: Client, listed: ListedBook, member: Membership) -> None:
        copy = make_copy(listed.cohort, listed.book, label="Names 3")
        LendingTerms.objects.create(programme=listed.cohort.programme, weeks=4, how_to_return="Post it")
        asked = asking.ask(listed, by=member.user)
        lend = address("admin:bookclub_copyrequest_lend", asked.pk)
        page = words(desk.get(lend))
        for part in ("Demo Amina", "Names 3 (print)", f"{in_days(28):%d/%m/%Y}"):
            assert part in page
        done = desk.post(lend, {"copy": copy.pk, "due_on": in_days(9).isoformat(), "answer": "Room 2"}, follow=True)
        assert "they are written to" in words(done)
        assert (Loan.objects.get().borrower, CopyRequest.objects.get().answer) == (member.user, "Room 2")
        late = desk.post(lend, {"copy": make_copy(listed.cohort, listed.book).pk, "due_on": in_days(9).isoformat()})
        assert late.status_code == 422
        assert "This request was answered, or taken back" in words(late)

    def test_a_copy_of_the_kind_that_was_asked_for_is_chosen_before_others(
        self, desk: Client, listed: ListedBook, member: Membership
    ) -> None:
        copies = {kind: make_copy(listed.cohort, listed.book, format=kind) for kind in ("print", "audio")}
        asked = asking.ask(listed, format="audio", by=member.user)
        page = words(desk.get(address("admin:bookclub_copyrequest_lend", asked.pk)))
        assert f'<option value="{copies["audio"].pk}" selected>' in page
        make_loan(make_reader(listed.cohort), copies["audio"])
        page = words(desk.get(address("admin:bookclub_copyrequest_lend", asked.pk)))
        assert "None of that kind is in. Lend another" in page
        assert f'<option value="{copies["print"].pk}" selected>' not in page

    def test_one_of_another_kind_is_lent_once_they_have_read_that_it_is(
        self, desk: Client, listed: ListedBook, member: Membership
    ) -> None:
        wrong = make_copy(listed.cohort, listed.book, label="Names 1")
        make_copy(listed.cohort, listed.book, label="Names 2", format="large_print")
        asked = asking.ask(listed, format="large_print", by=member.user)
        lend = address("admin:bookclub_copyrequest_lend", asked.pk)
        sent = {"copy": wrong.pk, "due_on": in_days(9).isoformat(), "answer": "Room 2"}
        warned = words(desk.post(lend, sent))
        for part in (
            "Demo Amina asked for this kind: large print. “Names 1” is of another: print.",
            "In, and of the kind they asked for: Names 2.",
            "Lend it all the same",
        ):
            assert part in warned
        assert not Loan.objects.exists()
        back = desk.post(lend, {**sent, "confirmed": "yes", "back_to_form": "1"})
        assert back.status_code == 200
        assert "Room 2" in words(back)
        assert not Loan.objects.exists()
        desk.post(lend, {**sent, "confirmed": "yes", "warned_of": str(asked.pk)})
        assert Loan.objects.get().copy == wrong

    def test_what_they_ask_for_in_another_cohort_is_read_too_also_where_it_was_asked_since(
        self, desk: Client, listed: ListedBook, member: Membership
    ) -> None:
        copy = make_copy(listed.cohort, listed.book)
        make_copy(listed.cohort, listed.book, format="large_print")
        elsewhere = make_listed(make_reading_cohort(programme=listed.cohort.programme), listed.book)
        make_reader(elsewhere.cohort, member.user)
        asked = asking.ask(listed, by=member.user)
        pages = {
            address("admin:bookclub_copyrequest_lend", asked.pk): {"due_on": in_days(9).isoformat()},
            address("admin:bookclub_loan_add"): {"borrower": member.user.email},
        }
        since = asking.ask(elsewhere, format="large_print", by=member.user)
        for page, given in pages.items():
            sent = {**given, "copy": copy.pk}
            for unread in (sent, {**sent, "confirmed": "yes"}, {**sent, "confirmed": "yes", "warned_of": "x"}):
                answer = desk.post(page, unread)
                assert "Demo Amina asked for this kind: large print." in words(answer)
                assert answer.context["question"].unseen == [("warned_of", str(since.pk))]
            assert not Loan.objects.exists()
        desk.post(page, {**sent, "confirmed": "yes", "warned_of": str(since.pk)})
        assert Loan.objects.get().copy == copy

    def test_the_list_says_how_many_are_in_and_how_many_of_the_kind(
        self, desk: Client, listed: ListedBook, member: Membership
    ) -> None:
        for kind in ("print", "print", "large_print"):
            make_copy(listed.cohort, listed.book, format=kind)
        asking.ask(listed, format="large_print", by=member.user)
        asking.ask(listed, by=make_reader(listed.cohort).user)
        said = words(desk.get(REQUESTS))
        for kind, number in (("Large print", "3 (1 large print)"), ("Any", "3")):
            assert f'<td class="field-kind">{kind}</td>' in said
            assert f'<td class="field-free">{number}</td>' in said

    @pytest.mark.parametrize(("kind", "is_lent"), [("large_print", False), ("print", True), ("", True)])
    def test_lending_by_hand_warns_of_it_too(
        self, desk: Client, listed: ListedBook, member: Membership, kind: str, *, is_lent: bool
    ) -> None:
        copy = make_copy(listed.cohort, listed.book)
        make_copy(listed.cohort, listed.book, format="large_print")
        asked = asking.ask(listed, format=kind, by=member.user)
        sent = {"copy": copy.pk, "borrower": member.user.email}
        answer = desk.post(address("admin:bookclub_loan_add"), sent, follow=True)
        assert Loan.objects.exists() is is_lent
        assert ("Demo Amina asked for this kind: large print." in words(answer)) is not is_lent
        desk.post(address("admin:bookclub_loan_add"), {**sent, "confirmed": "yes", "warned_of": str(asked.pk)})
        assert Loan.objects.get().copy == copy

    def test_what_is_missing_is_asked_for_in_words_that_say_what_to_do(
        self, desk: Client, listed: ListedBook, member: Membership
    ) -> None:
        copy = make_copy(listed.cohort, listed.book)
        asked = asking.ask(listed, by=member.user)
        pages = {
            address("admin:bookclub_copyrequest_lend", asked.pk): (
                "Choose a copy",
                "Enter the day on which it is due back",
            ),
            address("admin:bookclub_copyrequest_decline", asked.pk): ("Say why no copy is lent",),
            address("admin:bookclub_loan_add"): ("Choose a copy", "Choose who has it</li>"),
        }
        for page, said in pages.items():
            answer = words(desk.post(page, {}))
            assert "This field is required" not in answer
            for part in said:
                assert part in answer
        loan = make_loan(make_reader(listed.cohort), copy)
        due = address("admin:bookclub_loan_due", loan.pk)
        assert "Enter the day on which it is due back" in words(desk.post(due, {}))
        assert "Enter a day of the calendar, like 27/3/2027" in words(desk.post(due, {"due_on": "31/2/2027"}))
        gone = desk.post(address("admin:bookclub_copyrequest_lend", asked.pk), {"copy": copy.pk})
        assert "Somebody has this copy, or it is lost or withdrawn. Choose another one." in words(gone)

    def test_where_none_is_in_it_says_so(self, desk: Client, listed: ListedBook, member: Membership) -> None:
        copy = make_copy(listed.cohort, listed.book)
        asked = asking.ask(listed, by=member.user)
        make_loan(make_reader(listed.cohort), copy)
        lend = address("admin:bookclub_copyrequest_lend", asked.pk)
        assert "No copy of it is in." in words(desk.get(lend))
        answer = desk.post(lend, {"copy": copy.pk, "due_on": in_days(9).isoformat(), "answer": "Hello"})
        assert answer.status_code == 422
        assert "Hello" in words(answer)

    def test_no_needs_a_reason(self, desk: Client, listed: ListedBook, member: Membership) -> None:
        make_copy(listed.cohort, listed.book)
        asked = asking.ask(listed, by=member.user)
        decline = address("admin:bookclub_copyrequest_decline", asked.pk)
        assert "gets an email with what you write" in words(desk.get(decline))
        for wrong in ("", "   ", "x" * 501):
            assert desk.post(decline, {"answer": wrong}).status_code == 422
        desk.post(decline, {"answer": "All are out."})
        asked.refresh_from_db()
        assert (asked.state, asked.answer) == ("declined", "All are out.")


class TestWhoSees:
    """Programme admins of the programme; on their start page what waits."""

    def test_another_programmes_are_not_there(self, elsewhere: Client, listed: ListedBook, member: Membership) -> None:
        copy = make_copy(listed.cohort, listed.book, label="Names 3")
        asked, loan = asking.ask(listed, by=member.user), make_loan(make_reader(listed.cohort), copy)
        for page in (COPIES, LOANS, REQUESTS):
            assert "Names we carry" not in words(elsewhere.get(page))
        for page, pk in (("loan_back", loan.pk), ("loan_due", loan.pk), ("loan_lost", loan.pk)):
            assert elsewhere.post(address(f"admin:bookclub_{page}", pk), {"confirmed": "yes"}).status_code == 404
        for page in ("lend", "decline"):
            assert elsewhere.get(address(f"admin:bookclub_copyrequest_{page}", asked.pk)).status_code == 404
        free = make_copy(listed.cohort, listed.book)
        lent = elsewhere.post(address("admin:bookclub_loan_add"), {"copy": free.pk, "borrower": member.user.email})
        assert lent.status_code == 422
        added = {"programme": listed.cohort.programme_id, "book": listed.book_id, "label": "X", "format": "print"}
        elsewhere.post(address("admin:bookclub_copy_add"), added)
        assert Copy.objects.count() == 2

    def test_what_waits_stands_on_their_start_page(
        self, desk: Client, elsewhere: Client, listed: ListedBook, member: Membership
    ) -> None:
        make_copy(listed.cohort, listed.book)
        asked = asking.ask(listed, by=make_reader(listed.cohort).user)
        due, leaver = make_loan(member), make_reader(listed.cohort)
        let_pass(due, 44)
        let_pass(make_loan(leaver), 60)
        headings = (
            "Copies that members ask for",
            "Copies that were due back",
            "Copies that somebody has who has left",
        )

        def told(at: Client) -> list[bool]:
            said = words(at.get(START))
            return [heading in said for heading in headings]

        assert told(desk) == [True, True, False]
        lending.give_back(due, by=make_admin())
        Membership.objects.filter(pk=leaver.pk).update(state="withdrawn")
        assert told(desk) == [True, False, True]
        assert told(elsewhere) == [False, False, False]
        asking.take_back(asked, by=asked.asked_by)
        assert told(desk) == [False, False, True]

    @pytest.mark.parametrize("number", [1, 3])
    def test_lists_take_as_many_statements_for_one_row_as_for_three(
        self, desk: Client, listed: ListedBook, number: int
    ) -> None:
        LendingTerms.objects.create(programme=listed.cohort.programme, how_to_return="Post it")
        make_copy(listed.cohort, listed.book)
        for _ in range(number):
            make_loan(make_reader(listed.cohort))
            asking.ask(listed, by=make_reader(listed.cohort).user)
        counts = []
        for page in (COPIES, LOANS, REQUESTS, TERMS, START):
            desk.get(page)
            with CaptureQueriesContext(connection) as asked:
                assert desk.get(page).status_code == 200
            counts.append(len(asked))
        assert counts == [6, 5, 6, 4, 7]

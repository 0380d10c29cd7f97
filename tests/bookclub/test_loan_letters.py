"""Letters about copies: when they go, to whom, what they say, and what the sweep costs."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookclub import asking, lending, reminding
from bookclub.loan_letters import ANSWERED, DUE, SOON
from bookclub.models import Copy, CopyRequest, LendingTerms, Loan
from bookclub.tasks import remind_of_loans
from cohorts.models import Membership
from portal.outbox.composing import Composer, Letter
from portal.outbox.models import Message
from portal.outbox.rules import private_names
from tests.bookclub.lending import in_days, let_pass, make_copy, make_loan, make_request, morning
from tests.bookclub.making import make_book, make_listed, make_reader, make_reading_cohort
from tests.cohorts.pages import address
from tests.factories import make_admin

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Membership:
    return make_reader(make_reading_cohort())


@pytest.fixture
def loan(member: Membership) -> Loan:
    book = make_book(title="Names we carry")
    return make_loan(member, make_copy(member.cohort, book, label="Names 3"))


def sweep(days: int = 0) -> int:
    return reminding.write_due(now=morning(days))


def written() -> list[str]:
    return list(Message.objects.filter(rule__in=[SOON, DUE]).order_by("pk").values_list("rule", flat=True))


def letter(rule: str) -> Letter | Message.Skipped:
    """Return the latest letter of a rule as it goes over the wire, or why it does not."""
    message = Message.objects.filter(rule=rule).latest("pk")
    return Composer([message]).compose(message)


class TestWhen:
    """A week before the day, and on it, each once."""

    def test_a_week_before_and_on_the_day_each_once(self, loan: Loan) -> None:
        assert sweep() == 0
        let_pass(loan, 35)
        assert (sweep(), sweep(), written()) == (1, 0, [SOON])
        let_pass(loan, 7)
        assert (sweep(), sweep(), written()) == (1, 0, [SOON, DUE])
        let_pass(loan, 30)
        assert sweep() == 0

    def test_none_goes_at_night(self, loan: Loan) -> None:
        let_pass(loan, 35)
        assert reminding.write_due(now=morning().replace(hour=7, minute=59)) == 0
        assert reminding.write_due(now=morning().replace(hour=8, minute=0)) == 1

    def test_after_an_outage_one_goes_and_not_two(self, loan: Loan) -> None:
        let_pass(loan, 50)
        assert (sweep(), written()) == (1, [DUE])

    def test_who_has_it_for_a_week_is_not_reminded_as_they_take_it(self, member: Membership) -> None:
        loan = make_loan(member, days=7)
        assert sweep() == 0
        let_pass(loan, 7)
        assert (sweep(), written()) == (1, [DUE])

    def test_for_longer_they_are_reminded_anew_and_an_earlier_letter_is_stale(self, loan: Loan) -> None:
        let_pass(loan, 43)
        sweep()
        lending.set_due(loan, in_days(20), by=make_admin())
        assert letter(DUE) == Message.Skipped.GONE
        loan.refresh_from_db()
        let_pass(loan, 13)
        sweep()
        let_pass(loan, 7)
        sweep()
        assert written() == [DUE, SOON, DUE]

    def test_none_goes_about_what_is_back_or_lost(self, loan: Loan, member: Membership) -> None:
        let_pass(loan, 35)
        sweep()
        lending.give_back(loan, by=make_admin())
        assert letter(SOON) == Message.Skipped.GONE
        lost = make_loan(member)
        let_pass(lost, 50)
        lending.lose(lost.copy, by=make_admin())
        assert sweep() == 0

    def test_a_letter_that_waited_until_the_day_is_stale(self, loan: Loan) -> None:
        let_pass(loan, 35)
        sweep()
        Message.objects.update(subject=f"loan:{loan.pk}:{in_days(0):%Y%m%d}")
        Loan.objects.update(due_on=in_days(0))
        assert letter(SOON) == Message.Skipped.STALE

    def test_beat_asks_for_it(self, loan: Loan, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reminding, "MORNING", 0)
        let_pass(loan, 35)
        remind_of_loans()
        assert written() == [SOON]


class TestWhatTheySay:
    """Kind words, the day, and how a copy comes back."""

    @pytest.mark.parametrize(
        ("passed", "rule", "said"),
        [(36, SOON, "is due back on"), (42, DUE, "back today"), (44, DUE, "was due back on")],
    )
    def test_they_say_which_copy_and_how_it_comes_back_and_ask_for_no_reason(
        self, loan: Loan, passed: int, rule: str, said: str
    ) -> None:
        programme = loan.copy.programme
        LendingTerms.objects.create(programme=programme, weeks=6, how_to_return="Post it to Demo Trust's library.")
        let_pass(loan, passed)
        sweep()
        mail = letter(rule)
        assert isinstance(mail, Letter)
        html = " ".join(str(mail.alternatives[0][0]).split()).replace("&#x27;", "'")
        for part in (said, "Names we carry", "Names 3", "Post it to Demo Trust's library.", "no reason is needed"):
            assert part in mail.body
            assert part in html
        assert address("book_club", loan.cohort_id) in mail.body
        assert "Names" not in mail.subject

    def test_who_has_left_is_told_how_it_comes_back_and_led_nowhere_that_is_closed_to_them(
        self, loan: Loan, member: Membership
    ) -> None:
        Membership.objects.filter(pk=member.pk).update(state="withdrawn")
        let_pass(loan, 42)
        assert sweep() == 1
        mail = letter(DUE)
        assert isinstance(mail, Letter)
        assert "You no longer take part in" in mail.body
        assert "Bring it to one of your programme's sessions or meetings." in mail.body
        assert address("book_club", loan.cohort_id) not in mail.body

    def test_who_asked_is_told_that_it_is_lent_or_why_not(self, member: Membership) -> None:
        listed = make_listed(member.cohort, make_book(how_to_get="Ask your library."))
        copy = make_copy(member.cohort, listed.book)
        asking.decline(asking.ask(listed, by=member.user), "All are out until March.", by=make_admin())
        no = letter(ANSWERED)
        assert isinstance(no, Letter)
        assert "We cannot lend you a copy" in no.body
        assert "All are out until March." in no.body
        assert "Ask your library." in no.body
        asked = asking.ask(listed, by=member.user)
        loan = lending.lend_as_asked(asked, copy, due_on=in_days(9), answer="It is in room 2.", by=make_admin())
        yes = letter(ANSWERED)
        assert isinstance(yes, Letter)
        for part in ("is yours to read until", "It is in room 2.", copy.label, "Kind: print", "How to give it back"):
            assert part in yes.body
        assert "You asked for" not in yes.body
        lending.give_back(loan, by=make_admin())
        assert letter(ANSWERED) == Message.Skipped.STALE
        CopyRequest.objects.all().delete()
        assert letter(ANSWERED) == Message.Skipped.GONE

    def test_who_gets_another_kind_than_they_asked_for_is_told_so(self, member: Membership) -> None:
        listed = make_listed(member.cohort)
        copy = make_copy(member.cohort, listed.book)
        make_copy(member.cohort, listed.book, format="large_print")
        asked = asking.ask(listed, format="large_print", by=member.user)
        lending.lend_as_asked(asked, copy, due_on=in_days(9), by=make_admin())
        mail = letter(ANSWERED)
        assert isinstance(mail, Letter)
        for body in (mail.body, " ".join(str(mail.alternatives[0][0]).split())):
            assert "Kind: print. You asked for: large print." in body

    def test_whose_they_are_stays_out_of_the_admin_pages(self) -> None:
        assert {SOON, DUE, ANSWERED} <= {*private_names()}


class TestTheSweep:
    """What it costs."""

    def statements(self) -> list[str]:
        with CaptureQueriesContext(connection) as asked:
            sweep()
        return [each["sql"] for each in asked if "SAVEPOINT" not in each["sql"]]

    @pytest.mark.parametrize("number", [1, 3])
    def test_a_batch_costs_the_same_for_one_loan_as_for_three(self, member: Membership, number: int) -> None:
        for _ in range(number):
            let_pass(make_loan(member), 42)
        assert len(self.statements()) == 4
        messages = list(Message.objects.filter(rule=DUE))
        assert len(messages) == number
        with CaptureQueriesContext(connection) as asked:
            composer = Composer(messages)
            assert all(isinstance(composer.compose(each), Letter) for each in messages)
        assert len(asked) == 2

    def test_more_than_a_batch_is_written(self, member: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(reminding, "BATCH", 2)
        for _ in range(5):
            let_pass(make_loan(member), 42)
        assert sweep() == 5

    def test_what_is_due_is_read_off_indexes_of_what_nobody_was_written_to_about(self) -> None:
        soon, due = self.statements()
        with connection.cursor() as cursor:
            # Tables of tests are so small that PostgreSQL would read them whole.
            cursor.execute("SET LOCAL enable_seqscan = off")
            for statement, index in ((soon, "loans_due_soon"), (due, "loans_due_back")):
                cursor.execute(f"EXPLAIN {statement}")
                assert index in "\n".join(line for (line,) in cursor.fetchall())


def test_the_answers_of_a_batch_cost_the_same_for_one_as_for_three() -> None:
    def statements_for(number: int) -> int:
        Message.objects.all().delete()
        for _ in range(number):
            member = make_reader(make_reading_cohort())
            listed = make_listed(member.cohort)
            request = make_request(listed, member.user)
            copy = Copy.objects.get(book=listed.book)
            lending.lend_as_asked(request, copy, due_on=in_days(9), by=make_admin())
        messages = list(Message.objects.filter(rule=ANSWERED))
        with CaptureQueriesContext(connection) as asked:
            composer = Composer(messages)
            assert all(isinstance(composer.compose(each), Letter) for each in messages)
        return len(asked)

    assert statements_for(1) == statements_for(3)

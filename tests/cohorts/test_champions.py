"""Nominating, asking, confirming and ending champions."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from cohorts import champion_letters, champions, enrolment
from cohorts.champions import ChampionChanged, ChampionRefused, NominationsClosed
from cohorts.models import Champion, ChampionContact, ChampionNomination, Cohort, Membership
from portal.accounts.erasure import erase
from portal.accounts.models import Role, User
from portal.outbox.models import Message
from portal.trail.models import Entry
from tests.cohorts.champions import close_nominations, make_champion, make_member, make_nominating_cohort
from tests.factories import make_admin, make_cohort, make_organisation, make_user

pytestmark = pytest.mark.django_db

State = Champion.State
EACH = Cohort.ChampionFor.WORKPLACE


@pytest.fixture
def cohort() -> Cohort:
    return make_nominating_cohort()


@pytest.fixture
def admin() -> User:
    return make_admin()


def told(person: User) -> list[str]:
    return list(Message.objects.filter(person=person).order_by("pk").values_list("rule", flat=True))


class TestNominating:
    """A member nominates one, and nobody learns whom."""

    def test_one_is_nominated_and_changed_and_taken_back(self, cohort: Cohort) -> None:
        amina, bea = make_member(cohort, "Amina"), make_member(cohort, "Bea")
        champions.nominate(amina, bea)
        champions.nominate(amina, amina)
        assert ChampionNomination.objects.get().nominee == amina
        champions.take_nomination_back(amina)
        champions.take_nomination_back(amina)
        assert not ChampionNomination.objects.exists()

    def test_neither_the_trail_nor_a_mail_says_so(self, cohort: Cohort) -> None:
        champions.nominate(make_member(cohort), make_member(cohort))
        assert not Entry.objects.exists()
        assert not Message.objects.exists()

    def test_nobody_of_another_cohort_or_who_has_left(self, cohort: Cohort) -> None:
        amina = make_member(cohort)
        for other in (make_member(make_cohort()), make_member(cohort, state=Membership.State.WITHDRAWN)):
            with pytest.raises(ChampionChanged):
                champions.nominate(amina, other)
        with pytest.raises(NominationsClosed):
            champions.nominate(make_member(cohort, state=Membership.State.APPLIED), amina)
        with pytest.raises(IntegrityError), transaction.atomic():
            ChampionNomination.objects.create(cohort=cohort, by=amina, nominee=make_member(make_cohort()))

    def test_only_while_nominations_are_open_and_nobody_fills_the_place(self, cohort: Cohort) -> None:
        amina, bea = make_member(cohort), make_member(cohort)
        close_nominations(cohort)
        with pytest.raises(NominationsClosed):
            champions.nominate(amina, bea)
        make_champion(bea)
        Cohort.objects.filter(pk=cohort.pk).update(champion_closes_on=timezone.localdate())
        with pytest.raises(NominationsClosed):
            champions.nominate(amina, amina)

    def test_of_ones_own_workplace_where_each_has_a_champion(self) -> None:
        cohort, trust = make_nominating_cohort(champion_for=EACH), make_organisation()
        amina, bea = (make_member(cohort, organisation=trust) for _ in range(2))
        elsewhere, unknown = make_member(cohort, organisation=make_organisation()), make_member(cohort)
        assert list(champions.members_of_place(amina)) == [amina, bea]
        assert not champions.members_of_place(unknown).exists()
        with pytest.raises(ChampionChanged):
            champions.nominate(amina, elsewhere)
        with pytest.raises(NominationsClosed):
            champions.nominate(unknown, unknown)
        champions.nominate(amina, bea)

    def test_whoever_leaves_takes_their_nominations_along(self, cohort: Cohort, admin: User) -> None:
        amina, bea, cara = (make_member(cohort) for _ in range(3))
        for by, nominee in ((amina, bea), (bea, cara), (cara, cara)):
            champions.nominate(by, nominee)
        enrolment.withdraw(bea, by=admin)
        assert [(each.by, each.nominee) for each in ChampionNomination.objects.all()] == [(cara, cara)]

    def test_no_number_falls_as_somebody_leaves_once_they_are_closed(self, cohort: Cohort, admin: User) -> None:
        members = [make_member(cohort) for _ in range(7)]
        for member in members[1:]:
            champions.nominate(member, members[0])
        close_nominations(cohort)

        def number() -> int | None:
            (place,) = champions.places(cohort)
            return dict(place.members)[members[0]]

        assert number() == 6
        enrolment.withdraw(members[1], by=admin)
        erase(members[2].user, by=admin)
        assert number() == 6
        enrolment.withdraw(members[0], by=admin)
        assert not ChampionNomination.objects.exists()


class TestWhatTheTeamSees:
    """Who is nominated, once that is over, and by how many where that tells of nobody."""

    def test_nothing_while_nominations_are_open(self, cohort: Cohort) -> None:
        members = [make_member(cohort) for _ in range(6)]
        for member in members:
            champions.nominate(member, members[0])
        (place,) = champions.places(cohort)
        assert place.nominated == frozenset()
        assert {number for _, number in place.members} == {None}

    def test_numbers_from_five_nominations_on(self, cohort: Cohort) -> None:
        members = [make_member(cohort, name) for name in ("Ada", "Bea", "Cara", "Dora", "Eve")]
        for member in members[:4]:
            champions.nominate(member, members[4])
        close_nominations(cohort)
        (place,) = champions.places(cohort)
        assert place.members[0] == (members[4], None)
        assert place.nominated == {members[4].pk}

        Cohort.objects.filter(pk=cohort.pk).update(champion_closes_on=timezone.localdate())
        champions.nominate(members[4], members[1])
        close_nominations(cohort)
        (place,) = champions.places(cohort)
        assert [(each.user.name, number) for each, number in place.members] == [
            ("Eve", 4),
            ("Bea", 1),
            ("Ada", 0),
            ("Cara", 0),
            ("Dora", 0),
        ]

    def test_each_workplace_is_a_place(self, admin: User) -> None:
        cohort = make_cohort(champion_for=EACH)
        trusts = [make_organisation(name=f"Trust {letter}") for letter in "BA"]
        amina, bea = (make_member(cohort, organisation=trust) for trust in trusts)
        make_member(cohort)
        champion = champions.ask(amina, by=admin)
        assert [(str(place.organisation), place.champion) for place in champions.places(cohort)] == [
            ("Trust A", None),
            ("Trust B", champion),
        ]
        assert champions.places(cohort)[0].members == [(bea, None)]

    @pytest.mark.parametrize("number", [1, 3])
    def test_statements_do_not_grow(self, number: int, admin: User, django_assert_num_queries: Any) -> None:
        cohort = make_cohort(champion_for=EACH)
        for _ in range(number):
            champions.ask(make_member(cohort, organisation=make_organisation()), by=admin)
        with django_assert_num_queries(3):
            found = champions.places(cohort)
            assert [str(place.champion.membership.user) for place in found if place.champion]


class TestBecomingOne:
    """Asked by the team, yes or no for oneself, and confirmed."""

    def test_from_the_question_to_being_champion(self, cohort: Cohort, admin: User) -> None:
        amina, bea = make_member(cohort, "Amina"), make_member(cohort)
        champions.nominate(bea, amina)
        with pytest.raises(ChampionRefused, match="Nominations are open"):
            champions.ask(amina, by=admin)
        close_nominations(cohort)
        champion = champions.ask(amina, by=admin)
        assert champions.ask(amina, by=admin) == champion
        with pytest.raises(ChampionRefused, match="already"):
            champions.ask(bea, by=admin)
        with pytest.raises(ChampionChanged):
            champions.confirm(champion, by=admin)
        champions.agree(champion, name="Amina Y", role="Midwife")
        champions.confirm(champion, by=admin)
        champions.confirm(champion, by=admin)

        champion.refresh_from_db()
        assert (champion.state, champion.shown_name, champion.shown_role) == (State.CONFIRMED, "Amina Y", "Midwife")
        assert amina.user.role_kinds == {Role.Kind.CHAMPION}
        assert told(amina.user) == ["champion.asked", "champion.confirmed"]
        assert not ChampionNomination.objects.exists()
        verbs = Entry.objects.filter(verb__startswith="cohort.").order_by("pk").values_list("verb", "subject")
        assert list(verbs) == [
            (f"cohort.champion_{did}", f"cohort:{cohort.pk}") for did in ("asked", "agreed", "confirmed")
        ]

    def test_no_is_an_answer(self, admin: User) -> None:
        amina = make_member(make_cohort())
        champion = champions.ask(amina, by=admin)
        champions.decline(champion)
        champions.decline(champion)
        with pytest.raises(ChampionChanged):
            champions.agree(champion, name="Amina", role="")
        with pytest.raises(ChampionChanged):
            champions.confirm(champion, by=admin)
        assert champions.places(champion.cohort)[0].said_no == {amina.pk}
        assert champions.ask(make_member(champion.cohort), by=admin).state == State.ASKED

    def test_who_left_or_whose_workplace_is_not_known_is_not_asked(self, admin: User) -> None:
        cohort = make_cohort(champion_for=EACH)
        with pytest.raises(ChampionRefused, match="where they work"):
            champions.ask(make_member(cohort), by=admin)
        with pytest.raises(ChampionChanged):
            champions.ask(make_member(cohort, state=Membership.State.WITHDRAWN), by=admin)

    def test_postgresql_keeps_each_place_to_one_and_a_cohort_to_one_kind(self, admin: User) -> None:
        cohort, trust = make_cohort(champion_for=EACH), make_organisation()
        amina, bea = (make_member(cohort, organisation=trust) for _ in range(2))
        champion = make_champion(amina)
        for place in (trust, None):
            with pytest.raises(IntegrityError), transaction.atomic():
                Champion.objects.create(
                    cohort=cohort, membership=bea, organisation=place, state=State.CONFIRMED, shown_name="Bea"
                )
        with pytest.raises(IntegrityError), transaction.atomic():
            Champion.objects.create(cohort=make_cohort(), membership=bea)
        with pytest.raises(IntegrityError), transaction.atomic():
            Champion.objects.filter(pk=champion.pk).update(shown_name="")
        champions.end(champion, by=admin)
        assert champions.ask(bea, by=admin).organisation == trust


class TestEnding:
    """At any time, by either."""

    def test_a_champion_stands_down(self, admin: User) -> None:
        cohort = make_cohort()
        amina, bea = make_member(cohort), make_member(cohort)
        champion = make_champion(amina)
        champions.get_in_touch(champion, bea)
        champions.get_in_touch(champion, bea)
        champions.stand_down(champion)
        champions.stand_down(champion)
        champion.refresh_from_db()
        assert champion.state == State.ENDED
        assert not amina.user.roles.current().exists()
        assert not ChampionContact.objects.exists()
        assert "champion.ended" not in told(amina.user)
        with pytest.raises(ChampionChanged):
            champions.get_in_touch(champion, bea)

    def test_the_team_ends_it_and_they_are_told(self, admin: User) -> None:
        champion = make_champion(make_member(make_cohort()))
        champions.end(champion, by=admin)
        champions.end(champion, by=admin)
        assert told(champion.membership.user)[-1] == "champion.ended"
        assert Entry.objects.filter(verb="cohort.champion_ended").count() == 1

    def test_a_question_is_taken_back_and_they_are_told(self, admin: User) -> None:
        champion = champions.ask(make_member(make_cohort()), by=admin)
        champions.end(champion, by=admin)
        assert told(champion.membership.user) == ["champion.asked", "champion.taken_back"]

    def test_who_is_champion_elsewhere_keeps_the_role(self, admin: User) -> None:
        person = make_user()
        one, other = (make_champion(make_membership_of(person)) for _ in range(2))
        champions.end(one, by=admin)
        assert person.roles.current().filter(kind=Role.Kind.CHAMPION).exists()
        champions.stand_down(other)
        assert not person.roles.current().exists()

    def test_leaving_the_cohort_ends_it(self, admin: User) -> None:
        cohort = make_cohort()
        amina, bea = make_member(cohort), make_member(cohort)
        champion = make_champion(amina)
        champions.get_in_touch(champion, bea)
        enrolment.withdraw(bea, by=admin)
        assert not ChampionContact.objects.exists()
        enrolment.defer(amina, None, by=admin)
        champion.refresh_from_db()
        assert champion.state == State.ENDED

    def test_being_in_touch_is_for_those_whom_they_are_there_for(self) -> None:
        cohort = make_cohort(champion_for=EACH)
        champion = make_champion(make_member(cohort, organisation=make_organisation()))
        elsewhere = make_member(cohort, organisation=make_organisation())
        for member in (elsewhere, make_member(cohort), champion.membership, make_member(make_cohort())):
            with pytest.raises(ChampionChanged):
                champions.get_in_touch(champion, member)


class TestLetters:
    """What they say, and when they are not sent any more."""

    def test_a_letter_leads_to_the_answer_and_lapses_with_it(self, admin: User) -> None:
        champion = champions.ask(make_member(make_cohort(name="Perinatal cohort 4")), by=admin)
        letter = champion_letters.LETTERS[0]
        (found,) = champion_letters.load([f"champion:{champion.pk}", "champion:0"]).values()
        mail = champion_letters.compose(letter, found, champion.membership.user)
        assert mail
        assert mail.subject == "Would you be a champion? Perinatal cohort 4"
        assert mail.link
        assert mail.link.url == f"/champions/{champion.pk}/answer/"
        champions.decline(champion)
        (found,) = champion_letters.load([f"champion:{champion.pk}"]).values()
        assert champion_letters.compose(letter, found, champion.membership.user) is None


def make_membership_of(person: User) -> Membership:
    return Membership.objects.create(user=person, cohort=make_cohort())

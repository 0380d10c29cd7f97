"""Whether people are named under what is published: asked, answered by themselves, taken back, and forgotten."""

import pytest
from django.db import IntegrityError, transaction

from portal import subject_access
from portal.accounts import carried_names
from portal.accounts.erasure import erase
from portal.accounts.models import JobRole, Organisation, User
from portal.outbox.models import Message
from portal.trail.models import Entry
from qi_projects import life, naming, publishing, teams
from qi_projects.models import NamingConsent, Project, Publication
from qi_projects.models.teams import Role
from qi_projects.refusals import BylineChanged, PublicationMoved
from tests.factories import make_admin, make_job_role, make_organisation, make_user
from tests.merging.accounts import put_together
from tests.qi_projects.coaching import mail_to, told
from tests.qi_projects.making import approve, join, lead_of, make_active, place_of
from tests.qi_projects.publishing import agree, make_published, make_sent, make_written, write

pytestmark = pytest.mark.django_db
Answer = NamingConsent.Answer


def make_person(name: str = "Demo Amina") -> User:
    role = JobRole.objects.filter(name="Midwife").first() or make_job_role(name="Midwife")
    trust = Organisation.objects.filter(name="A trust").first() or make_organisation(name="A trust")
    return make_user(name=name, job_role=role, organisation=trust)


def make_team(*people: User) -> Publication:
    """Make what can be sent, of a project in whose team these people are."""
    project = make_active()
    for person in people:
        join(project, Role.MEMBER, person)
    approve(project)
    life.finish(project, "Done.", by=lead_of(project))
    return make_written(project)


def sent_by(written: Publication) -> Publication:
    """Send what can be sent, as its lead."""
    return publishing.send(written, by=lead_of(written.project))


class TestAsking:
    """Everybody who is or was in the team, once."""

    def test_who_is_in_the_team_and_who_left_after_working_on_it_is_asked(self) -> None:
        stays, left, viewer = make_user(), make_user(), make_user()
        project = make_active()
        for person, role in ((stays, Role.VIEWER), (left, Role.MEMBER), (viewer, Role.VIEWER)):
            join(project, role, person)
        for person in (left, viewer):
            teams.leave(place_of(project, person))
        assert set(naming.asked(project)) == {lead_of(project), stays, left}

    def test_who_agreed_to_other_words_than_those_that_are_sent_is_asked_again(self) -> None:
        amina, bryn = make_person(), make_person("Demo Bryn")
        written = make_team(amina, bryn)
        agree(written, amina)
        naming.answer(written, naming.NOT_NAMED, by=bryn)
        same = sent_by(written)
        assert len(naming.named(same)) == 1
        publishing.withdraw(same, by=lead_of(same.project))
        changed = sent_by(write(same, what_came_of_it="Nobody listened to us, least of all the midwives."))
        assert naming.named(changed) == []
        assert naming.answer_of(changed, bryn) is not None
        # Once on behalf of these words.
        assert Message.objects.filter(rule=naming.ASKED, person=amina).count() == 1
        agree(changed, amina)
        assert len(naming.named(changed)) == 1

    def test_sending_asks_whoever_has_not_answered_and_nobody_twice(self) -> None:
        one, two = make_user(), make_user()
        written = make_team(one, two)
        agree(written, one)
        lead = lead_of(written.project)
        publishing.send(written, by=lead)
        assert told("publication.asked") == {lead, two}
        before = Entry.objects.count()
        written.project.refresh_from_db()
        assert naming.ask_the_team(written, by=lead) == 0
        project, last = Project.objects.get(), written.project.last_activity_at
        assert (Entry.objects.count(), project.last_activity_at) == (before, last)
        mail = mail_to("publication.asked", two)
        assert mail.subject == "A question about a project of yours"
        agree(written, two)
        assert mail_to("publication.asked", two) == Message.Skipped.STALE


class TestAnswering:
    """For oneself, and as one reads it."""

    def test_each_choice_is_what_would_stand_there(self) -> None:
        assert naming.bylines(make_person()) == [
            "Demo Amina, Midwife, A trust",
            "Demo Amina, Midwife",
            "Demo Amina, A trust",
            "Demo Amina",
        ]
        assert naming.bylines(make_user(name="Demo Bola", organisation=None, job_role=None)) == ["Demo Bola"]

    def test_who_does_not_answer_or_says_no_is_not_named(self) -> None:
        one, two, three = make_person("Demo One"), make_person("Demo Two"), make_person("Demo Three")
        written = make_team(one, two, three)
        agree(written, one, 3)
        naming.answer(written, naming.NOT_NAMED, by=two)
        assert naming.named(written) == ["Demo One"]
        assert written.consents.get(person=two).answer == Answer.NOT_NAMED

    def test_it_is_kept_as_it_was_agreed_to_and_they_are_led_to_it(self) -> None:
        person = make_person()
        written = make_team(person)
        agree(written, person)
        assert not carried_names.earlier_names(person)
        person.name = "Demo Amina Okoro"
        person.save()
        assert naming.named(written) == ["Demo Amina, Midwife, A trust"]
        assert "as you were called before" in str(carried_names.earlier_names(person))

    def test_nobody_agrees_to_what_they_did_not_read(self) -> None:
        person = make_person()
        written = make_team(person)
        with pytest.raises(BylineChanged):
            naming.answer(written, "Demo Director, Somewhere", by=person)
        assert not written.consents.exists()

    def test_the_same_said_twice_is_said_once(self) -> None:
        person = make_person()
        written = make_team(person)
        agree(written, person)
        before = Entry.objects.count()
        agree(written, person)
        assert Entry.objects.count() == before

    def test_the_trail_has_that_they_answered_and_not_what(self) -> None:
        person = make_person()
        written = make_team(person)
        agree(written, person)
        entry = Entry.objects.latest("id")
        assert (entry.verb, entry.details) == ("naming.answered", {"publication": written.pk})

    def test_postgresql_holds_a_name_to_an_agreement(self) -> None:
        person = make_person()
        written = make_team(person)
        agree(written, person)
        for values in ({"answer": Answer.NOT_NAMED}, {"byline": ""}):
            with pytest.raises(IntegrityError), transaction.atomic():
                written.consents.update(**values)
        with pytest.raises(IntegrityError), transaction.atomic():
            NamingConsent.objects.create(publication=written, person=person, answer=Answer.NOT_NAMED)

    def test_postgresql_names_nobody_who_never_was_in_the_team(self) -> None:
        written = make_team()
        with pytest.raises(IntegrityError, match="never was in the team"), transaction.atomic():
            NamingConsent.objects.create(
                publication=written, person=make_user(), answer=Answer.NAMED, byline="Demo Director"
            )


class TestTakingBack:
    """At once, at any time, and told without blame."""

    def test_after_publication_the_name_is_gone_at_once_and_the_words_with_it(self) -> None:
        person = make_person()
        sent = sent_by(make_team(person))
        agree(sent, person)
        publishing.publish(sent, read=sent.version, by=make_admin())
        assert naming.named(sent)
        naming.answer(sent, naming.NOT_NAMED, by=person)
        assert naming.named(sent) == []
        said = sent.consents.get()
        assert (said.answer, said.byline) == (Answer.TAKEN_BACK, "")
        lead = lead_of(sent.project)
        assert told("publication.name_gone") == {lead}
        mail = mail_to("publication.name_gone", lead)
        assert mail.subject == "About a name in your publication"
        assert "Demo Amina" not in mail.body
        assert "you need do nothing" in " ".join(mail.body.split())

    def test_of_what_was_never_a_name_nobody_is_told(self) -> None:
        person = make_person()
        naming.answer(make_team(person), naming.NOT_NAMED, by=person)
        assert not told("publication.name_gone")

    def test_they_can_agree_again_and_no_letter_goes_out_then(self) -> None:
        person = make_person()
        written = make_team(person)
        agree(written, person)
        naming.answer(written, naming.NOT_NAMED, by=person)
        agree(written, person, 3)
        assert naming.named(written) == ["Demo Amina"]
        lead = lead_of(written.project)
        assert mail_to("publication.name_gone", lead) == Message.Skipped.STALE

    def test_a_name_taken_back_twice_is_told_twice(self) -> None:
        person = make_person()
        written = make_team(person)
        for _ in range(2):
            agree(written, person)
            naming.answer(written, naming.NOT_NAMED, by=person)
        letters = Message.objects.filter(rule="publication.name_gone", person=lead_of(written.project))
        assert letters.count() == 2

    def test_names_go_with_what_is_taken_out_of_the_gallery(self) -> None:
        amina = make_person()
        for take in (
            lambda whole: publishing.take_back(whole, by=lead_of(whole.project)),
            lambda whole: publishing.take_down(whole, "Not now", by=make_admin()),
        ):
            written = make_team(amina)
            agree(written, amina)
            whole = sent_by(written)
            publishing.publish(whole, read=whole.version, by=make_admin())
            take(whole)
            assert not NamingConsent.objects.filter(publication=whole).exclude(byline="").exists()

    def test_about_what_was_taken_back_nobody_is_asked_any_more(self) -> None:
        whole = make_published()
        lead = lead_of(whole.project)
        publishing.take_back(whole, by=lead)
        with pytest.raises(PublicationMoved):
            agree(whole, lead)


class TestForgetting:
    """Erasure takes the name away; what is held is told."""

    def test_who_is_erased_is_named_no_more(self) -> None:
        person = make_person()
        sent = sent_by(make_team(person))
        agree(sent, person)
        publishing.publish(sent, read=sent.version, by=make_admin())
        erase(person, by=make_admin())
        assert naming.named(sent) == []
        assert not NamingConsent.objects.exists()
        assert person not in naming.asked(sent.project)

    def test_what_an_erased_editor_wrote_goes(self) -> None:
        editor = make_admin()
        sent = make_sent()
        publishing.send_back(sent, "Canary words.", read=sent.version, by=editor)
        erase(editor, by=make_admin())
        assert "Canary" not in Publication.objects.get().reasons

    def test_what_they_answered_and_decided_is_told_to_them(self) -> None:
        editor, person = make_admin(), make_person()
        sent = sent_by(make_team(person))
        agree(sent, person)
        publishing.send_back(sent, "Say how many.", read=sent.version, by=editor)
        answered = subject_access.about(person)["Being named under published projects"]
        assert [row["as"] for row in answered] == ["Demo Amina, Midwife, A trust"]
        decided = subject_access.about(editor)["Publications of projects"]
        assert [row["what you wrote as editor"] for row in decided] == ["Say how many."]

    def test_put_together_with_another_account_the_answer_goes_along(self) -> None:
        old, new = make_person("Demo Old"), make_person("Demo New")
        written, other = make_team(old), make_team(old, new)
        for publication in (written, other):
            agree(publication, old, 3)
        naming.answer(other, naming.NOT_NAMED, by=new)
        becomes = put_together(old, new, make_admin())
        assert becomes["Being named", f"Publication {other.pk}"] == "Both have answered: the later answer stays"
        assert naming.named(written) == ["Demo Old"]
        assert naming.named(other) == []
        assert set(NamingConsent.objects.values_list("person", flat=True)) == {new.pk}

    @pytest.mark.parametrize("says_no_last", ["leaving", "staying"])
    def test_put_together_a_no_that_came_last_stays_and_the_leads_are_told(self, says_no_last: str) -> None:
        old, new = make_person("Demo Old"), make_person("Demo New")
        written = make_team(old, new)
        first, last = (new, old) if says_no_last == "leaving" else (old, new)
        agree(written, first)
        naming.answer(written, naming.NOT_NAMED, by=last)
        put_together(old, new, make_admin())
        said = NamingConsent.objects.get()
        assert (said.person, said.answer) == (new, Answer.NOT_NAMED)
        assert told("publication.name_gone") == {lead_of(written.project)}

    def test_put_together_a_yes_that_came_last_stays(self) -> None:
        old, new = make_person("Demo Old"), make_person("Demo New")
        written = make_team(old, new)
        naming.answer(written, naming.NOT_NAMED, by=new)
        agree(written, old, 3)
        put_together(old, new, make_admin())
        assert naming.named(written) == ["Demo Old"]
        assert not told("publication.name_gone")

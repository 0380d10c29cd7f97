"""An organisation becomes a part of another: its people go there, and what happened before stays as it was."""

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cohorts import writing
from cohorts.imports import ENROLMENTS
from cohorts.models import Application, CohortMessage, Membership
from portal.accounts.invitations import invite
from portal.accounts.models import Organisation, Role, User
from portal.accounts.moving import HasChanged, MergeRefused
from portal.accounts.organisations import foresee, handled, merge
from portal.accounts.people import add_person
from portal.spreadsheets import Row
from portal.trail.models import Entry
from tests import factories as make
from tests.cohorts.pages import words
from tests.signed_in import desk_of
from tests.whole_database import everything_in_the_database

pytestmark = pytest.mark.django_db

State = Membership.State


@pytest.fixture
def old() -> Organisation:
    return make.make_organisation(name="Demo Trust Old", ods_code="ROLD", email_domains=["old.example"])


@pytest.fixture
def new() -> Organisation:
    return make.make_organisation(name="Demo Trust New", ods_code="RNEW", email_domains=["new.example"])


@pytest.fixture
def desk(admin: User) -> Client:
    return desk_of(admin)


def merged(old: Organisation, new: Organisation, by: User, *, with_leads: bool = False) -> dict[str, tuple[str, str]]:
    """Do it as the page does; return what was said of each kind of thing beforehand."""
    before = everything_in_the_database()
    plan = foresee(old, new, by=by, with_leads=with_leads)
    assert everything_in_the_database() == before
    merge(old, new, by=by, with_leads=with_leads, seen=plan.seen)
    return {line.what: (line.about, line.becomes) for line in plan.lines}


def test_every_field_that_names_an_organisation_is_thought_of() -> None:
    """A new model that points at organisations fails this test until its app says what becomes of its rows."""
    naming = {
        f"{model._meta.label_lower}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if field.related_model is Organisation and not field.auto_created
    }
    assert naming == handled()


def test_its_people_go_there_and_places_stay_as_they_were(old: Organisation, new: Organisation, admin: User) -> None:
    person = make.make_user(organisation=old)
    enrolled = make.make_membership(person, organisation=old)
    nominated = make.make_membership(organisation=old, state=State.NOMINATED)
    begun = Application.objects.create(user=person, cohort=make.make_open_cohort(), organisation=old)
    cohort = make.make_cohort()
    draft = CohortMessage.objects.create(cohort=cohort, organisation=old, subject="A", body="A", written_by=admin)
    invitation = invite("invited@else.example", "Demo Invited", [], old, admin)

    said = merged(old, new, admin)

    assert said["People"] == ("1 who work there", "Work for Demo Trust New from now on")
    assert said["Nominations and applications"][0] == "1 that are not settled"
    assert said["Places in cohorts"][0] == "1"
    assert said["Email domains"] == ("old.example", "Open accounts for Demo Trust New")
    for row in (person, enrolled, nominated, begun, draft, invitation, old, new):
        row.refresh_from_db()
    assert {each.organisation for each in (person, nominated, begun, invitation)} == {new}
    assert {each.organisation for each in (enrolled, draft)} == {old}
    assert (old.merged_into, old.email_domains, new.email_domains) == (new, [], ["new.example", "old.example"])
    assert Organisation.objects.of_address("somebody@old.example") == new
    entries = {entry.subject: entry.details for entry in Entry.objects.filter(verb="organisation.merged")}
    assert entries[f"organisation:{old.pk}"]["into"] == new.pk
    assert entries[f"organisation:{new.pk}"]["from"] == old.pk


@pytest.mark.parametrize("with_leads", [True, False])
def test_leads_lead_the_other_only_if_that_is_confirmed(
    old: Organisation, new: Organisation, admin: User, *, with_leads: bool
) -> None:
    lead = make.make_user(Role.Kind.ORGANISATION_LEAD, name="Demo Lead", organisation=old)
    both = make.make_user(Role.Kind.BOARD_SPONSOR, organisation=old)
    Role.objects.create(user=both, kind=Role.Kind.BOARD_SPONSOR, organisation=new)
    said = merged(old, new, admin, with_leads=with_leads)
    becomes = "Is about Demo Trust New from now on" if with_leads else "Ends"
    assert said["Organisation lead"] == ("Demo Lead", becomes)
    assert not Role.objects.current().filter(organisation=old).exists()
    assert Role.objects.current().filter(user=lead, organisation=new).exists() is with_leads
    assert Role.objects.current().filter(user=both, organisation=new).count() == 1


def test_a_superusers_role_is_for_superusers(old: Organisation, new: Organisation, admin: User) -> None:
    make.make_user(Role.Kind.ORGANISATION_LEAD, organisation=old, is_superuser=True)
    with pytest.raises(MergeRefused, match="Ask a superuser"):
        foresee(old, new, by=admin, with_leads=False)


def test_one_after_the_other_all_lead_to_the_last(old: Organisation, new: Organisation, admin: User) -> None:
    last = make.make_organisation()
    merged(old, new, admin)
    merged(new, last, admin)
    assert Organisation.objects.by_code(["ROLD", "RNEW", "RXYZ"]) == {"ROLD": last, "RNEW": last}
    for leaving, staying in ((old, last), (last, new), (last, last)):
        with pytest.raises(MergeRefused):
            foresee(leaving, staying, by=admin, with_leads=False)


def test_whoever_is_put_there_by_an_old_form_works_for_the_other(
    old: Organisation, new: Organisation, admin: User
) -> None:
    somebody = make.make_user()
    merged(old, new, admin)
    person = add_person("late@old.example", "Demo Late", added_by=admin, organisation=old)
    User.objects.filter(pk=somebody.pk).update(organisation=old)
    for each in (person, somebody):
        each.refresh_from_db()
        assert each.organisation == new


def test_a_file_with_the_old_code_finds_the_other_and_says_so(
    old: Organisation, new: Organisation, admin: User, desk: Client
) -> None:
    merged(old, new, admin)
    cohort = make.make_cohort()
    cells = {"name": "Demo Cem", "email": "cem@old.example", "organisation": "rold", "job_role": ""}
    (line,) = ENROLMENTS.plan([Row(2, cells)], cohort, by=admin).lines
    assert (line.organisation, line.notes, line.problems) == (new, (f"ROLD is part of {new} now.",), ())
    (line,) = ENROLMENTS.plan([Row(2, {**cells, "organisation": "RNEW"})], cohort, by=admin).lines
    assert (line.organisation, line.notes) == (new, ())
    person = make.make_user(organisation=new)
    unknown = {"name": person.name, "email": person.email, "organisation": "RXYZ", "job_role": ""}
    (line,) = ENROLMENTS.plan([Row(2, unknown)], cohort, by=admin).lines
    assert (line.organisation, line.notes) == (new, ())
    file = SimpleUploadedFile("people.csv", b"Name,Email,Organisation,Job role\nDemo Cem,cem@old.example,ROLD,\n")
    page = desk.post(reverse("admin:cohorts_cohort_enrol", args=[cohort.pk]), {"file": file})
    assert f"ROLD is part of {new} now." in words(page)


def test_a_letter_still_goes_to_those_who_came_from_there(
    old: Organisation, new: Organisation, admin: User, desk: Client
) -> None:
    cohort = make.make_cohort()
    came = make.make_membership(make.make_user(organisation=old), cohort, organisation=old)
    make.make_membership(make.make_user(organisation=new), cohort, organisation=new)
    merged(old, new, admin)
    sent = {"cohort": cohort.pk, "part": "everybody", "organisation": old.pk, "subject": "Hello", "body": "Hello"}
    desk.post(reverse("admin:cohorts_cohortmessage_add"), sent)
    draft = CohortMessage.objects.get()
    assert list(writing.recipients(draft)) == [came]


def test_it_is_chosen_nowhere_any_more(old: Organisation, new: Organisation, admin: User, desk: Client) -> None:
    make.make_membership(organisation=old)
    merged(old, new, admin)
    person = make.make_user()
    client = Client()
    client.force_login(person)
    assert "Demo Trust Old" not in words(client.get(reverse("details")))
    answer = client.post(reverse("details"), {"name": person.name, "organisation": old.pk, "job_role": ""})
    assert answer.status_code == 422
    asks = {"app_label": "accounts", "model_name": "user", "field_name": "organisation", "term": "Demo Trust"}
    found = desk.get(reverse("admin:autocomplete"), asks).json()["results"]
    assert [each["text"] for each in found] == ["Demo Trust New"]
    page = words(desk.get(reverse("admin:accounts_organisation_change", args=[old.pk])))
    assert "It is part of" in page
    assert "Merge into another" not in page


def test_an_admin_looks_at_it_and_does_it(old: Organisation, new: Organisation, desk: Client) -> None:
    make.make_user(organisation=old)
    page = reverse("admin:accounts_organisation_merge", args=[old.pk])
    assert "Demo Trust New" in words(desk.get(page))
    empty = desk.post(page, {})
    assert empty.status_code == 422
    assert "Choose the organisation that it becomes a part of" in words(empty)
    asked = desk.post(page, {"into": new.pk})
    assert "1 who work there" in words(asked)
    assert not Organisation.objects.filter(merged_into__isnull=False).exists()
    seen = asked.context["question"].unseen[0][1]
    make.make_user(organisation=old)
    changed = desk.post(page, {"into": new.pk, "seen": seen, "confirmed": "yes"})
    assert changed.status_code == 409
    assert "2 who work there" in words(changed)
    seen = changed.context["question"].unseen[0][1]
    done = desk.post(page, {"into": new.pk, "seen": seen, "confirmed": "yes"}, follow=True)
    assert "Demo Trust Old is part of Demo Trust New now." in words(done)
    assert new.people.count() == 2
    assert desk.get(page).status_code == 403
    listed = reverse("admin:accounts_organisation_changelist")
    assert "Demo Trust Old" in words(desk.get(listed))


def test_what_has_changed_is_not_done(old: Organisation, new: Organisation, admin: User) -> None:
    plan = foresee(old, new, by=admin, with_leads=False)
    with pytest.raises(HasChanged):
        merge(old, new, by=admin, with_leads=False, seen=plan.seen + "x")
    old.refresh_from_db()
    assert old.merged_into is None


def test_statements_do_not_grow_with_what_has_merged(desk: Client, admin: User) -> None:
    page = reverse("admin:accounts_organisation_changelist")

    def statements() -> int:
        merged(make.make_organisation(), make.make_organisation(), admin)
        with CaptureQueriesContext(connection) as asked:
            desk.get(page)
        return len(asked)

    statements()
    few = statements()
    for _ in range(2):
        merged(make.make_organisation(), make.make_organisation(), admin)
    assert statements() == few


def test_statements_of_the_preview_do_not_grow_with_people(old: Organisation, new: Organisation, admin: User) -> None:
    def statements() -> int:
        make.make_membership(make.make_user(organisation=old), organisation=old)
        with CaptureQueriesContext(connection) as asked:
            foresee(old, new, by=admin, with_leads=False)
        return len(asked)

    statements()
    few = statements()
    for _ in range(2):
        make.make_membership(make.make_user(organisation=old), organisation=old)
    assert statements() == few

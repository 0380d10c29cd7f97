"""What editors do in the admin with what teams send to be published."""

import pytest
from django.test import Client
from django.urls import reverse

from qi_projects import (
    publishing,
)
from qi_projects.models import Publication, Theme
from tests.cohorts.pages import address
from tests.factories import make_admin, make_admin_of, make_programme
from tests.qi_projects.coaching import text_of
from tests.qi_projects.making import lead_of
from tests.qi_projects.publishing import (
    STORY,
    again,
    at,
    lead_browser,
    make_published,
    make_sent,
    make_written,
    write,
)
from tests.qi_projects.test_pages import statements
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db
State = Publication.State
CHANGE, PAGE = "admin:qi_projects_publication_change", "admin:qi_projects_publication_{}"


class TestTheEditor:
    """In the admin: what waits, reading it, publishing, returning, taking down."""

    def test_what_waits_is_on_the_start_page_and_leads_to_it(self) -> None:
        sent = make_sent()
        page = desk_of(make_admin()).get(reverse("admin:index"))
        assert "Projects to publish" in text_of(page)
        assert f'href="{address(CHANGE, sent.pk)}"' in page.content.decode()

    def test_an_editor_returns_it_and_then_publishes_it(self) -> None:
        sent = make_sent()
        desk = desk_of(make_admin())
        page = desk.get(address(CHANGE, sent.pk))
        assert at(sent, "publication_preview") in page.content.decode()
        assert desk.get(at(sent, "publication_preview")).status_code == 200
        returning = address(PAGE.format("return"), sent.pk)
        empty = desk.post(returning, {"words": "", "read": sent.version})
        assert empty.status_code == 422
        assert "Write what you would like to see first" in text_of(empty)
        assert desk.post(returning, {"words": "Say how many.", "read": sent.version}).status_code == 302
        team = text_of(lead_browser(sent).get(at(sent, "project_publication")))
        assert "Say how many." in team
        assert "This cannot be done as it stands now" in text_of(desk.get(address(PAGE.format("publish"), sent.pk)))
        publishing.send(again(sent), by=lead_of(sent.project))
        publish = address(PAGE.format("publish"), sent.pk)
        asked = desk.post(publish)
        assert again(sent).state == State.SENT
        assert "Look once more for names" in text_of(asked)
        confirmed = {"confirmed": "yes", "read": again(sent).version}
        assert "It is in the gallery" in text_of(desk.post(publish, confirmed, follow=True))
        assert Client().get(sent.get_absolute_url()).status_code == 200

    def test_what_the_team_changed_meanwhile_is_read_first_and_the_editors_words_are_shown(self) -> None:
        sent = make_sent()
        publishing.withdraw(sent, by=lead_of(sent.project))
        publishing.send(write(sent, aim="Another"), by=lead_of(sent.project))
        desk = desk_of(make_admin())
        returned = desk.post(
            address(PAGE.format("return"), sent.pk), {"words": "My long words", "read": sent.version}, follow=True
        )
        assert "the team has changed this" in text_of(returned)
        assert "My long words" in text_of(returned)
        published = {"confirmed": "yes", "read": sent.version}
        refused = desk.post(address(PAGE.format("publish"), sent.pk), published, follow=True)
        assert "the team has changed this" in text_of(refused)
        assert again(sent).state == State.SENT

    def test_an_editor_takes_it_down_with_why_and_the_team_reads_it(self) -> None:
        whole = make_published()
        desk = desk_of(make_admin())
        down = address(PAGE.format("take_down"), whole.pk)
        assert desk.post(down, {"words": "", "read": whole.version}).status_code == 422
        assert desk.post(down, {"words": "It names a colleague.", "read": whole.version}).status_code == 302
        assert Client().get(whole.get_absolute_url()).status_code == 404
        assert "It names a colleague." in text_of(lead_browser(whole).get(at(whole, "project_publication")))

    def test_what_looks_like_patients_in_an_editors_words_is_asked_about_first(self) -> None:
        sent = make_sent()
        desk, returning = desk_of(make_admin()), address(PAGE.format("return"), sent.pk)
        words = {"words": "Take out 943 476 5919.", "read": sent.version}
        asked = desk.post(returning, words)
        assert asked.status_code == 422
        assert "Take out what is about patients" in text_of(asked)
        mark = asked.context["form"].fields["_not_about_patients"].choices[0][0]
        assert desk.post(returning, {**words, "_not_about_patients": mark}).status_code == 302
        assert again(sent).state == State.RETURNED

    def test_who_keeps_another_programme_sees_nothing_of_it(self) -> None:
        sent = make_sent()
        desk = desk_of(make_admin_of(make_programme()))
        assert STORY["title"] not in text_of(desk.get(reverse("admin:qi_projects_publication_changelist")))
        assert desk.get(address(PAGE.format("publish"), sent.pk)).status_code == 404
        assert "Projects to publish" not in text_of(desk.get(reverse("admin:index")))

    def test_what_the_team_took_back_to_write_on_is_not_read(self) -> None:
        sent = make_sent()
        publishing.withdraw(sent, by=lead_of(sent.project))
        desk = desk_of(make_admin())
        page = text_of(desk.get(reverse("admin:qi_projects_publication_changelist")))
        assert STORY["title"] not in page
        assert "Being written" not in page
        assert desk.get(address(CHANGE, sent.pk)).status_code in {302, 404}

    def test_what_was_taken_out_leads_nowhere(self) -> None:
        whole = make_published(theme=Theme.objects.create(name="Waiting"))
        make_published()
        publishing.take_back(whole, by=lead_of(whole.project))
        desk = desk_of(make_admin())
        page = desk.get(address(CHANGE, whole.pk))
        assert at(whole, "publication_preview") not in page.content.decode()
        assert "it was taken back" in text_of(page)
        assert "No theme" in text_of(desk.get(reverse("admin:qi_projects_publication_changelist")))

    def test_what_was_never_sent_is_not_there(self) -> None:
        written = make_written()
        desk = desk_of(make_admin())
        assert STORY["title"] not in text_of(desk.get(reverse("admin:qi_projects_publication_changelist")))
        assert desk.get(address(PAGE.format("return"), written.pk)).status_code == 404

    def test_the_list_takes_as_many_statements_for_three_as_for_one(self) -> None:
        desk, page = desk_of(make_admin()), reverse("admin:qi_projects_publication_changelist")
        make_sent()
        desk.get(page)
        one = statements(desk, page)
        make_sent()
        make_published()
        assert statements(desk, page) == one

    @pytest.mark.parametrize("read", [{}, *({"read": read} for read in ("", "x", "-1", "9" * 30))])
    @pytest.mark.parametrize(
        ("deed", "sent"), [("return", {"words": "My long words"}), ("publish", {"confirmed": "yes"})]
    )
    def test_a_version_that_is_none_decides_nothing(
        self, deed: str, sent: dict[str, str], read: dict[str, str]
    ) -> None:
        waiting = make_sent()
        desk, page = desk_of(make_admin()), address(PAGE.format(deed), waiting.pk)
        answer = desk.post(page, {**sent, **read})
        assert again(waiting).state == State.SENT
        assert f'name="read" value="{waiting.version}"' in answer.content.decode()
        assert sent.get("words", "Look once more for names") in text_of(answer)
        assert desk.post(page, {**sent, "read": waiting.version}).status_code == 302

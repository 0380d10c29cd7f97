"""Files among materials: uploaded by the programme team, downloaded by whoever sees the material."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from cohorts import booking as verbs
from cohorts.models import Booking, Material, Session
from portal.accounts.models import User
from portal.attachments import attaching, receiving
from portal.attachments.models import Attachment
from portal.trail.models import Entry
from portal.uploads import MOST_OF_A_REQUEST
from tests import factories as make
from tests.attachments import made
from tests.attachments.scanner import running_clamd
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db

BEFORE, AFTER = Material.Shown.BEFORE, Material.Shown.AFTER
ADD = reverse("admin:cohorts_material_add")


def attached(content: bytes = b"Words", name: str = "Notes.txt", **fields: Any) -> Material:
    """Make a material with a file."""
    material = Material(**{"title": "The notes", **fields})
    attaching.attach(made.upload(content, name), to=material, by=make.make_admin())
    return material


@pytest.fixture
def session() -> Session:
    return make.make_open_session()


@pytest.fixture
def booked(session: Session) -> Booking:
    booking: Booking = make.make_booking(make.make_user(), session)
    return booking


def end(session: Session) -> None:
    ended = timezone.now() - timedelta(hours=1)
    Session.objects.filter(pk=session.pk).update(starts_at=ended - timedelta(hours=2), ends_at=ended)


def address(material: Material, page: str = "material_file") -> str:
    assert material.file
    return reverse(page, args=[material.file.uid])


def status(material: Material, person: User | None, page: str = "material_file") -> int:
    client = Client()
    if person:
        client.force_login(person)
    return client.get(address(material, page)).status_code


def text(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


class TestWhoDownloads:
    """The same people who see the material."""

    @pytest.mark.parametrize("of", ["session", "component"])
    def test_who_has_booked_does(self, session: Session, booked: Booking, of: str) -> None:
        material = attached(**{of: getattr(session, of)} if of == "component" else {"session": session})
        client = Client()
        client.force_login(booked.user)
        page = text(client.get(session.get_absolute_url()))
        assert f'<a href="{address(material)}"> The notes (plain text, 5 bytes)</a>' in page
        answer: Any = client.get(address(material))
        assert b"".join(answer.streaming_content) == b"Words"
        assert answer["Content-Disposition"] == 'attachment; filename="Notes.txt"'
        assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "private, no-store"
        assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
        assert client.head(address(material)).status_code == 200
        assert client.post(address(material)).status_code == 405

    @pytest.mark.parametrize("who", ["no place", "who waits", "who cancelled", "who booked another component"])
    def test_nobody_else_learns_that_it_is_there(self, session: Session, booked: Booking, who: str) -> None:
        material = attached(session=session)
        person = make.make_user()
        if who == "who waits":
            Session.objects.filter(pk=session.pk).update(places=1)
            make.make_waiting(person, session)
        elif who == "who cancelled":
            person = verbs.cancel(booked, by=booked.user).user
        elif who == "who booked another component":
            make.make_booking(person, make.make_open_session(days=30))
        assert status(material, person) == 404
        assert status(material, None) == 302

    def test_what_is_for_afterwards_is_there_once_it_is_over(self, session: Session, booked: Booking) -> None:
        of_session, of_component = (
            attached(session=session, shown=AFTER),
            attached(component=session.component, shown=AFTER),
        )
        assert {status(each, booked.user) for each in (of_session, of_component)} == {404}
        end(session)
        assert {status(each, booked.user) for each in (of_session, of_component)} == {200}

    def test_who_booked_one_date_gets_nothing_of_another_alone(self, session: Session, booked: Booking) -> None:
        other = make.make_session(session.component, days=30)
        assert status(attached(session=other), booked.user) == 404
        assert status(attached(component=session.component), booked.user) == 200

    def test_who_leads_it_or_keeps_its_programme_gets_all(self, session: Session) -> None:
        leader, other = make.make_facilitator(make.make_user()), make.make_facilitator(make.make_user())
        session.facilitators.add(leader)
        keeper, stranger = make.make_admin_of(session.component.programme), make.make_admin_of(make.make_programme())
        for material in (attached(session=session, shown=AFTER), attached(component=session.component, shown=AFTER)):
            for person, answer in (
                (leader.user, 200),
                (keeper, 200),
                (make.make_admin(), 200),
                (other.user, 404),
                (stranger, 404),
            ):
                assert desk_of(person).get(address(material)).status_code == answer

    def test_who_led_it_once_and_does_so_no_more_does_not(self, session: Session) -> None:
        leader = make.make_facilitator(make.make_user())
        session.facilitators.add(leader)
        leader.user.roles.update(until=timezone.now())
        assert status(attached(session=session), leader.user) == 404

    def test_a_picture_is_shown_and_other_files_never_are(self, session: Session, booked: Booking) -> None:
        picture, notes = attached(made.picture("PNG"), "Poster.png", session=session), attached(session=session)
        client = Client()
        client.force_login(booked.user)
        page = text(client.get(session.get_absolute_url()))
        assert f'src="{address(picture, "material_picture")}" alt="The notes"' in page
        assert address(notes, "material_picture") not in page
        shown = client.get(address(picture, "material_picture"))
        assert (shown["Content-Type"], shown["Content-Disposition"]) == ("image/png", 'inline; filename="Poster.png"')
        assert status(notes, booked.user, "material_picture") == 404
        assert status(picture, make.make_user(), "material_picture") == 404

    @pytest.mark.parametrize("rows", [1, 3])
    def test_a_page_costs_the_same_however_many_there_are(
        self, session: Session, booked: Booking, rows: int, django_assert_num_queries: Any
    ) -> None:
        for _ in range(rows):
            attached(session=session)
        client = Client()
        client.force_login(booked.user)
        client.get(reverse("home"))
        with django_assert_num_queries(7):  # as without files
            client.get(session.get_absolute_url())


class TestUpload:
    """The admin page on which one is uploaded."""

    @pytest.fixture
    def facts(self) -> dict[str, Any]:
        return {"title": "The slides", "shown": "before", "position": 1, "component": make.make_component().pk}

    def test_a_file_alone_is_a_material(self, desk: Client, facts: dict[str, Any], admin: User) -> None:
        answer = desk.post(ADD, {**facts, "upload": made.upload(made.office("pptx"), "../canary-Slides.pptx")})
        assert answer.status_code == 302
        material = Material.objects.get()
        assert material.file
        assert (material.file.name, material.file.uploaded_by) == ("canary-Slides.pptx", admin)
        page = text(desk.get(reverse("admin:cohorts_material_change", args=[material.pk])))
        assert f'<a href="{address(material)}"><bdi>canary-Slides.pptx</bdi></a>' in page
        assert "PDF, Word, Excel, PowerPoint, JPEG, PNG, WebP, CSV or plain text, up to 10 MB." in page
        told = str(list(Entry.objects.values_list("verb", "details")))
        assert "material.file_attached" in told
        assert "canary" not in told

    def test_a_file_that_is_not_taken_is_said_beside_its_field_and_nothing_typed_is_lost(
        self, desk: Client, facts: dict[str, Any]
    ) -> None:
        for content, says in (
            (b"<svg onload=alert(1)>", "web page or a drawing in code"),
            (b"", "The file is empty"),
            (b"a" * 10_000_001, "must be 10 MB or smaller"),
            (made.archive({"x": "x"}), "archive of several files"),
        ):
            answer = desk.post(ADD, {**facts, "text": "What I typed", "upload": made.upload(content, "x.png")})
            assert says in text(answer)
            assert "What I typed" in text(answer)
        assert not Material.objects.exists()
        assert not Attachment.objects.exists()

    def test_one_is_replaced_and_deleted(self, desk: Client, facts: dict[str, Any]) -> None:
        desk.post(ADD, {**facts, "upload": made.upload(b"First", "First.txt")})
        material = Material.objects.get()
        page = reverse("admin:cohorts_material_change", args=[material.pk])
        desk.post(page, {**facts, "upload": made.upload(b"Second", "Second.txt")})
        material.refresh_from_db()
        assert material.file
        assert (material.file.name, Attachment.objects.count()) == ("Second.txt", 1)
        nothing_left = desk.post(page, {**facts, "remove_file": "on"})
        assert "Enter a link or a text, or choose a file." in text(nothing_left)
        assert desk.post(page, {**facts, "text": "Read it.", "remove_file": "on"}).status_code == 302
        material.refresh_from_db()
        assert material.text == "Read it."
        assert not Attachment.objects.exists()

    def test_what_is_saved_without_touching_the_file_keeps_it(self, desk: Client, facts: dict[str, Any]) -> None:
        desk.post(ADD, {**facts, "upload": made.upload(b"First", "First.txt")})
        page = reverse("admin:cohorts_material_change", args=[Material.objects.get().pk])
        assert desk.post(page, {**facts, "title": "Other"}).status_code == 302
        assert (Material.objects.get().title, Attachment.objects.get().name) == ("Other", "First.txt")

    def test_who_comes_second_is_told_of_another_file(self, desk: Client, facts: dict[str, Any]) -> None:
        desk.post(ADD, {**facts, "upload": made.upload(b"First", "First.txt")})
        page = reverse("admin:cohorts_material_change", args=[Material.objects.get().pk])
        seen = desk.get(page).context["seen"]
        desk.post(page, {**facts, "upload": made.upload(b"Second", "Second.txt")})
        answer = desk.post(page, {**facts, "_seen": seen, "upload": made.upload(b"Third", "Third.txt")})
        assert "They changed: File (now: Second.txt)." in text(answer)
        assert Attachment.objects.get().name == "Second.txt"

    def test_files_of_one_component_have_a_limit_also_for_one_that_moves_there(
        self, desk: Client, facts: dict[str, Any], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Material, "most_bytes", 8)
        desk.post(ADD, {**facts, "upload": made.upload(b"First", "First.txt")})
        elsewhere = {**facts, "component": make.make_component().pk}
        desk.post(ADD, {**elsewhere, "upload": made.upload(b"Other", "Other.txt")})
        for page, sent in (
            (ADD, {**facts, "upload": made.upload(b"Second", "Second.txt")}),
            (reverse("admin:cohorts_material_change", args=[Material.objects.latest("pk").pk]), facts),
        ):
            answer = desk.post(page, sent)
            assert "All files here may have" in text(answer)
        assert Material.objects.filter(component=facts["component"]).count() == 1

    def test_a_virus_is_said_and_stands_in_the_trail(self, desk: Client, facts: dict[str, Any], settings: Any) -> None:
        with running_clamd() as (settings.VIRUS_SCANNER, _):
            answer = desk.post(ADD, {**facts, "upload": made.upload(made.EICAR.encode(), "x.txt")})
        assert receiving.HARMFUL in text(answer)
        assert Entry.objects.filter(verb="upload.virus_found").exists()
        assert not Material.objects.exists()

    def test_nothing_of_a_large_file_is_written_to_a_folder(
        self, desk: Client, facts: dict[str, Any], settings: Any
    ) -> None:
        settings.FILE_UPLOAD_TEMP_DIR = "/nowhere/at/all"
        assert desk.post(ADD, {**facts, "upload": made.upload(b"a" * 5_000_000, "a.txt")}).status_code == 302

    def test_a_request_that_is_larger_than_any_form_is_answered_before_it_is_read(
        self, desk: Client, facts: dict[str, Any]
    ) -> None:
        answer = desk.post(ADD, {**facts, "upload": made.upload(b"a" * MOST_OF_A_REQUEST, "a.txt")})
        assert answer.status_code == 413
        assert "A file can have up to 10 MB." in text(answer)

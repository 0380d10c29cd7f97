"""Files of projects: who adds and downloads them, what is asked first and refused, what stays when people go."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal import subject_access, together
from portal.accounts.erasure import erase
from portal.accounts.models import User
from portal.attachments import receiving
from portal.attachments.kinds import CannotAttach
from portal.attachments.models import Attachment, AttachmentContent
from portal.trail.models import Entry
from qi_projects import filing, life
from qi_projects.file_forms import AGAIN
from qi_projects.models import Project, ProjectFile
from qi_projects.models.teams import Role
from qi_projects.refusals import FileGone, FileReplaced, ProjectOver
from qi_projects.watchful_forms import ANSWER
from tests.attachments import made
from tests.attachments.scanner import running_clamd
from tests.cohorts.pages import address, words
from tests.factories import make_admin_of, make_user
from tests.qi_projects.making import (
    browser_of,
    join,
    lead_of,
    make_active,
    make_draft,
    member_of_a_programme_with_a_project,
)
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db

PATIENTS = b"name,date of birth\nJane Smith,01/02/1990\nMary Jones,03/04/1991\nAnn Other,05/06/1992\n"


def received(content: bytes = b"Words", name: str = "canary-Notes.txt", by: User | None = None) -> receiving.Received:
    return receiving.receive(made.upload(content, name), by=by or make_user())


def make_file(project: Project, content: bytes = b"Words", **fields: Any) -> ProjectFile:
    by = fields.pop("by", None) or lead_of(project)
    said = {"title": "The card with six requests", "about": "For each bed", **fields}
    return filing.add(project, received(content, by=by), **said, by=by)


def sent(content: bytes = b"Words", name: str = "Notes.txt", **fields: Any) -> dict[str, Any]:
    """Return what the form sends."""
    ticked = {"title": "The card", "about": "For each bed", "no_patient_data": "on"}
    return {**ticked, "upload": made.upload(content, name), **fields}


def new(project: Project) -> str:
    return address("project_file_new", project.pk)


def of(row: ProjectFile, name: str = "project_file") -> str:
    return address(name, row.project_id, row.pk)


def which(row: ProjectFile) -> str:
    row.refresh_from_db()
    return together.seen(row, filing.WHICH)


@pytest.fixture
def project() -> Project:
    return make_active()


@pytest.fixture
def browser(project: Project) -> Client:
    return browser_of(lead_of(project))


class TestAdding:
    def test_a_member_adds_one_and_everybody_of_the_team_downloads_it(self, project: Project) -> None:
        member, viewer = join(project).user, join(project, Role.VIEWER).user
        page = browser_of(member)
        assert "No files" in words(page.get(project.get_absolute_url()))
        answer = page.post(new(project), sent(name="../canary-The card.txt"), follow=True)
        assert "The file is added." in words(answer)
        row = ProjectFile.objects.get()
        assert (row.title, row.about, row.file.uploaded_by) == ("The card", "For each bed", member)
        listed = words(browser_of(viewer).get(address("project_files", project.pk)))
        assert "<bdi>The card</bdi> (plain text, 5 bytes)" in listed
        assert member.name in listed
        assert "Remove it" not in listed
        assert "1 file" in words(page.get(project.get_absolute_url()))
        download: Any = browser_of(viewer).get(of(row))
        assert b"".join(download.streaming_content) == b"Words"

    def test_it_is_given_as_a_download_that_runs_nowhere(self, project: Project, browser: Client) -> None:
        browser.post(new(project), sent(name="../../etc/canary-The card.html"))
        answer = browser.get(of(ProjectFile.objects.get()))
        assert answer["Content-Disposition"] == 'attachment; filename="canary-The card.txt"'
        assert answer["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'; sandbox"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Cache-Control"] == "private, no-store"

    def test_the_trail_says_that_it_was_added_and_not_what_it_is_called(
        self, project: Project, browser: Client
    ) -> None:
        browser.post(new(project), sent(name="canary.txt", title="canary", about="canary"))
        row = ProjectFile.objects.get()
        browser.post(of(row, "project_file_change"), {"title": "canary 2", "about": ""})
        browser.post(of(row, "project_file_replace"), {**sent(b"canary", "canary.txt"), "_seen": which(row)})
        browser.post(of(row, "project_file_remove"), {"_seen": which(row)})
        entries = Entry.objects.order_by("pk").values_list("verb", "details")
        verbs = [verb for verb, _ in entries if ".file_" in verb]
        assert [verb for verb in verbs if verb.startswith("project.")] == [
            f"project.file_{deed}" for deed in ("added", "changed", "replaced", "removed")
        ]
        assert "canary" not in str(list(entries))
        assert not Attachment.objects.exists()

    @pytest.mark.parametrize("missing", ["upload", "title", "no_patient_data"])
    def test_nothing_is_kept_while_something_is_missing_and_nothing_typed_is_lost(
        self, project: Project, browser: Client, missing: str
    ) -> None:
        answer = browser.post(new(project), {key: value for key, value in sent().items() if key != missing})
        assert answer.status_code == 422
        assert "For each bed" in words(answer)
        assert (AGAIN in words(answer)) == (missing != "upload")
        assert not ProjectFile.objects.exists()
        assert not Attachment.objects.exists()

    def test_no_more_than_there_is_room_for(
        self, project: Project, browser: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ProjectFile, "most_files", 1)
        assert browser.post(new(project), sent()).status_code == 302
        answer = browser.post(new(project), sent())
        assert answer.status_code == 422
        assert "There are 1 files here already." in words(answer)
        monkeypatch.setattr(ProjectFile, "most_files", 2)
        monkeypatch.setattr(ProjectFile, "most_bytes", 9)
        with pytest.raises(CannotAttach, match="All files here may have"):
            make_file(project)
        assert ProjectFile.objects.count() == 1


class TestPatients:
    def test_a_table_that_looks_like_patients_is_asked_about_before_it_is_kept(
        self, project: Project, browser: Client
    ) -> None:
        answer = browser.post(new(project), sent(PATIENTS, "List.csv"))
        assert answer.status_code == 422
        page = words(answer)
        assert "3 dates of birth" in page
        assert "under “File”" in page
        assert AGAIN in page
        assert not Attachment.objects.exists()
        assert "Smith" not in page

        (choice,) = answer.context["form"].fields[ANSWER].choices
        answered = {ANSWER: choice[0]}
        # What was said holds for just that text.
        another = browser.post(new(project), sent(PATIENTS + b"x", "List.csv", **answered))
        assert another.status_code == 422
        assert browser.post(new(project), sent(PATIENTS, "List.csv", **answered)).status_code == 302
        assert Entry.objects.get(verb="project.file_added").details["said_not_about_patients"] is True

    def test_what_a_file_is_called_and_about_is_looked_at_as_all_that_people_type(
        self, project: Project, browser: Client
    ) -> None:
        answer = browser.post(new(project), sent(about="Jane Smith 01/02/1990"))
        assert answer.status_code == 422
        assert "1 date of birth" in words(answer)
        row = make_file(project)
        answer = browser.post(of(row, "project_file_change"), {"title": "NHS number 943 476 5919", "about": ""})
        assert answer.status_code == 422
        replaced = sent(PATIENTS, "List.csv", _seen=which(row))
        assert browser.post(of(row, "project_file_replace"), replaced).status_code == 422

    def test_of_what_the_portal_cannot_look_into_the_page_reminds(self, project: Project, browser: Client) -> None:
        page = words(browser.get(new(project)))
        assert "It cannot see what stands in documents and pictures" in page
        assert "Nothing in it identifies a patient" in page


class TestAttacks:
    """That this page stands on the ground that looks into files, which has tests of its own."""

    @pytest.mark.parametrize(
        ("content", "name", "says"),
        [
            (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "Aim.png", "drawing in code"),
            (b"GIF89a/*<script>alert(1)</script>*/", "Poster.jpg", "GIF pictures are not taken"),
            (b"MZ" + b"\0" * 40, "Poster.pdf", "The file is a program"),
            (made.archive({"zeros.txt": b"\0" * 9_000_000}), "Report.docx", "archive of several files"),
            (made.office("docx", {"word/media/zeros.png": b"\0" * 400_000_000}), "Report.docx", ""),
            (made.huge_png(50_000), "Poster.png", "million pixels"),
            (made.pdf(b"<< /S /JavaScript /JS (app.alert(1)) >>"), "Report.pdf", ""),
            (b"", "Empty.txt", "The file is empty"),
            (b"a" * 10_000_001, "Long.txt", "must be 10 MB or smaller"),
        ],
        ids=["svg", "gif polyglot", "program", "zip", "zip bomb", "pixel bomb", "acting pdf", "empty", "too large"],
    )
    def test_what_could_harm_whoever_opens_it_is_refused_beside_its_field(
        self, project: Project, browser: Client, content: bytes, name: str, says: str
    ) -> None:
        answer = browser.post(new(project), sent(content, name))
        assert answer.status_code == 422
        assert says in words(answer)
        assert answer.context["form"].errors.keys() == {"upload"}
        assert "For each bed" in words(answer)
        assert not Attachment.objects.exists()

    def test_a_picture_forgets_where_it_was_taken_and_what_hangs_on_it(self, project: Project, browser: Client) -> None:
        polyglot = made.photograph() + b"<script>alert('canary')</script>"
        assert browser.post(new(project), sent(polyglot, "Board.jpg")).status_code == 302
        kept = bytes(AttachmentContent.objects.get().content)
        assert kept.startswith(b"\xff\xd8")
        assert b"canary" not in kept
        assert b"GPS" not in kept

    def test_a_virus_is_said_and_stands_in_the_trail(self, project: Project, browser: Client, settings: Any) -> None:
        with running_clamd() as (settings.VIRUS_SCANNER, _):
            answer = browser.post(new(project), sent(made.EICAR.encode(), "x.txt"))
        assert receiving.HARMFUL in words(answer)
        assert Entry.objects.filter(verb="upload.virus_found").exists()


class TestChanging:
    def test_it_is_called_something_else_beside_what_another_wrote(self, project: Project, browser: Client) -> None:
        row = make_file(project)
        page = browser.get(of(row, "project_file_change"))
        seen = page.context["form"].initial["_seen"]
        other = {"about": "For each bed, in nine languages"}
        filing.change(project, row.pk, other, seen=together.seen(row, other), by=lead_of(project))
        mine = {"title": "The card", "about": "For each bed", "_seen": seen}
        assert browser.post(of(row, "project_file_change"), mine).status_code == 302
        row.refresh_from_db()
        assert (row.title, row.about) == ("The card", "For each bed, in nine languages")
        clash = browser.post(of(row, "project_file_change"), {**mine, "about": "For nobody"})
        assert clash.status_code == 409
        assert "in nine languages" in words(clash)

    def test_another_is_put_in_its_place_and_the_first_is_gone(self, project: Project, browser: Client) -> None:
        row = make_file(project)
        at = of(row, "project_file_replace")
        page = browser.get(at)
        answer = browser.post(at, sent(made.picture("PNG"), "Board.png", _seen=page.context["seen"]))
        assert answer.status_code == 302
        row.refresh_from_db()
        assert (row.title, row.file.kind, Attachment.objects.count()) == ("The card with six requests", "png", 1)

    @pytest.mark.parametrize("deed", ["replace", "remove"])
    def test_given_somebody_was_quicker_then_theirs_stays_and_the_second_is_told(
        self, project: Project, browser: Client, deed: str
    ) -> None:
        row = make_file(project)
        seen = which(row)
        filing.replace(project, row.pk, received(b"Theirs"), seen=seen, by=lead_of(project))
        answer = browser.post(of(row, f"project_file_{deed}"), sent(b"Mine", _seen=seen))
        assert answer.status_code == 409
        assert "somebody else has put another file" in words(answer)
        assert bytes(AttachmentContent.objects.get().content) == b"Theirs"

    def test_a_refused_replacement_keeps_what_the_page_carried(self, project: Project, browser: Client) -> None:
        row = make_file(project)
        at, seen = of(row, "project_file_replace"), which(row)
        answer = browser.post(at, sent(b"<svg onload=x>", "x.svg", _seen=seen))
        assert answer.status_code == 422
        assert answer.context["seen"] == seen

    @pytest.mark.parametrize("page", ["project_file_change", "project_file_replace", "project_file_remove"])
    def test_one_that_was_removed_meanwhile_or_is_of_another_project_is_said(
        self, project: Project, browser: Client, page: str
    ) -> None:
        row, elsewhere = make_file(project), make_file(make_active())
        filing.remove(project, row.pk, seen=which(row), by=lead_of(project))
        for key in (row.pk, elsewhere.pk):
            answer = browser.post(address(page, project.pk, key), sent())
            assert answer.status_code == 409
            assert "removed this file" in words(answer)
            assert browser.get(address("project_file", project.pk, key)).status_code == 404
        with pytest.raises(FileGone):
            filing.remove(project, elsewhere.pk, seen=which(elsewhere), by=lead_of(project))
        assert ProjectFile.objects.get() == elsewhere


class TestWho:
    @pytest.mark.parametrize("role", [Role.SPONSOR, Role.COACH, Role.VIEWER])
    def test_who_reads_alone_changes_no_file(self, project: Project, role: Role) -> None:
        row, reader = make_file(project), browser_of(join(project, role).user)
        assert reader.get(of(row)).status_code == 200
        for page in (new(project), *(of(row, f"project_file_{deed}") for deed in ("change", "replace", "remove"))):
            assert reader.get(page).status_code == 403
            assert reader.post(page, sent(_seen=which(row))).status_code == 403

    def test_a_draft_shows_nobody_else_that_there_is_one_and_an_active_one_its_admins(self) -> None:
        membership = member_of_a_programme_with_a_project()
        draft = make_draft(membership.user, membership=membership)
        row = make_file(draft)
        keeper, stranger = desk_of(make_admin_of(membership.cohort.programme)), browser_of(make_user())
        assert keeper.get(of(row)).status_code == stranger.get(of(row)).status_code == 404
        active = make_active(membership.user, membership=membership)
        row = make_file(active)
        assert keeper.get(of(row)).status_code == 200
        assert keeper.post(new(active), sent()).status_code == 403
        assert stranger.get(of(row)).status_code == 404

    def test_who_has_left_downloads_no_more(self, project: Project) -> None:
        place, row = join(project), make_file(project)
        place.left_at = place.joined_at
        place.save()
        assert browser_of(place.user).get(of(row)).status_code == 404

    def test_one_that_has_ended_is_read_alone(self, project: Project, browser: Client) -> None:
        row = make_file(project)
        life.finish(project, "It worked.", by=lead_of(project))
        assert browser.get(of(row)).status_code == 200
        assert browser.post(new(project), sent()).status_code == 409
        with pytest.raises(ProjectOver):
            filing.remove(project, row.pk, seen=which(row), by=lead_of(project))

    @pytest.mark.parametrize("rows", [1, 3])
    def test_the_list_takes_as_many_statements_for_three_as_for_one(
        self, project: Project, browser: Client, rows: int
    ) -> None:
        for _ in range(rows):
            make_file(project, by=join(project).user)
        browser.get(project.get_absolute_url())
        with CaptureQueriesContext(connection) as asked:
            browser.get(address("project_files", project.pk))
        assert len(asked) == 5


class TestWhatStays:
    def test_who_is_erased_leaves_the_file_without_its_name_or_theirs(self, project: Project) -> None:
        member = join(project, person=make_user(name="Canary Member")).user
        row = make_file(project, by=member)
        erase(member, by=make_user())
        row.refresh_from_db()
        assert row.file.name == "file.txt"
        listed = words(browser_of(lead_of(project)).get(address("project_files", project.pk)))
        assert "Canary" not in listed
        assert "The card with six requests" in listed

    def test_a_draft_goes_with_its_files(self) -> None:
        draft = make_draft()
        make_file(draft)
        life.discard(draft, by=lead_of(draft))
        assert not Attachment.objects.exists()
        assert not AttachmentContent.objects.exists()

    def test_what_somebody_added_is_told_to_them(self, project: Project) -> None:
        row = make_file(project)
        assert row.file.name in str(subject_access.about(lead_of(project)))

    def test_a_row_is_nothing_without_its_file_and_its_title(self, project: Project) -> None:
        row = make_file(project)
        for change in ({"title": ""}, {"file": None}):
            with pytest.raises(IntegrityError), transaction.atomic():
                ProjectFile.objects.filter(pk=row.pk).update(**change)

    def test_a_page_that_carried_nothing_replaces_nothing(self, project: Project) -> None:
        row = make_file(project)
        with pytest.raises(FileReplaced):
            filing.replace(project, row.pk, received(), seen="", by=lead_of(project))

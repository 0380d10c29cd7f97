"""Files with the rows that hold them: attached, replaced, removed, counted, and never left behind."""

import hashlib
import json
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.models import ProtectedError

from cohorts.models import Component, Material, Session
from portal.accounts.erasure import erase
from portal.accounts.models import User
from portal.attachments import attaching
from portal.attachments.kinds import MOST_BYTES, PICTURES, CannotAttach
from portal.attachments.models import Attachment, AttachmentContent
from portal.attachments.receiving import receive
from portal.subject_access import about
from portal.trail.models import Entry
from tests.attachments import made
from tests.factories import make_admin, make_component, make_session, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def by() -> User:
    return make_user()


@pytest.fixture
def component() -> Component:
    return make_component()


def attached(to: Material, by: User, content: bytes = b"text", name: str = "Notes.txt") -> Attachment:
    return attaching.attach(made.upload(content, name), to=to, by=by)


def new(component: Component, **fields: Any) -> Material:
    return Material(component=component, **{"title": "A file", **fields})


def nothing_is_left_behind() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    held = Material.objects.exclude(file=None).count()
    return held == Attachment.objects.count() == AttachmentContent.objects.count()


def test_a_file_is_kept_with_its_row(component: Component, by: User) -> None:
    file = attached(new(component), by, made.photograph(), "../../Amina's picture.html")
    material = Material.objects.get()
    assert material.file == file
    assert (file.name, file.kind, file.uploaded_by, file.scanned_at) == ("Amina's picture.jpg", "jpeg", by, None)
    content = bytes(file.held_content.content)
    assert (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert b"canary" not in content
    assert nothing_is_left_behind()


def test_what_was_done_stands_in_the_trail_and_what_it_was_called_does_not(component: Component, by: User) -> None:
    material = new(component)
    attached(material, by, name="canary-name.txt")
    attached(material, by, name="canary-name.txt")
    material.text = "Text"
    attaching.remove(material, by=by)
    entries = Entry.objects.filter(subject=f"material:{material.pk}", actor=by).order_by("pk")
    assert [entry.verb for entry in entries] == [
        f"material.file_{deed}" for deed in ("attached", "replaced", "removed")
    ]
    assert entries[0].details == {"kind": "txt", "bytes": 4}
    assert "canary" not in json.dumps([entry.details for entry in entries])


def test_another_file_takes_the_place_of_the_first(component: Component, by: User) -> None:
    material = new(component)
    first = attached(material, by)
    second = attached(Material.objects.get(), by, b"other")
    assert not Attachment.objects.filter(pk=first.pk).exists()
    assert Material.objects.get().file == second
    assert nothing_is_left_behind()


@pytest.mark.parametrize("way", ["row", "component", "programme", "session", "statement"])
def test_it_goes_with_its_row_whoever_deletes_that(component: Component, by: User, way: str) -> None:
    session = make_session(component)
    material = Material(session=session, title="A file") if way == "session" else new(component)
    attached(material, by)
    if way == "statement":
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM cohorts_material")
    else:
        gone: dict[str, models.Model] = {
            "row": material,
            "component": component,
            "programme": component.programme,
            "session": session,
        }
        Session.objects.exclude(pk__in=[session.pk] if way in {"row", "session"} else []).delete()
        gone[way].delete()
    assert not Material.objects.exists()
    assert not Attachment.objects.exists()
    assert nothing_is_left_behind()


def test_one_that_a_row_holds_is_not_deleted_from_under_it(component: Component, by: User) -> None:
    file = attached(new(component), by)
    with pytest.raises(ProtectedError):
        file.delete()


def test_postgresql_lets_no_file_be_without_a_row_or_content(by: User) -> None:
    facts = {"name": "a.txt", "kind": "txt", "size": 1, "sha256": hashlib.sha256(b"a").hexdigest(), "uploaded_by": by}
    for content in (None, b"a"):
        file = Attachment.objects.create(**facts)
        if content:
            AttachmentContent.objects.create(attachment=file, content=content)
        with pytest.raises(IntegrityError, match="no row holds it"), transaction.atomic():
            nothing_is_left_behind()
        file.delete()
    for wrong in ({"size": 2}, {"sha256": "0" * 64}):
        with pytest.raises(IntegrityError, match="not what is said of it"), transaction.atomic():
            AttachmentContent.objects.create(attachment=Attachment.objects.create(**facts | wrong), content=b"a")
    for wrong in ({"kind": "svg"}, {"size": 0}, {"size": MOST_BYTES + 1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Attachment.objects.create(**facts | wrong)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "The file is empty"),
        (b"a" * (MOST_BYTES + 1), "must be 10 MB or smaller"),
        (b"<svg onload=alert(1)>", "web page or a drawing in code"),
    ],
)
def test_a_refused_file_leaves_nothing(component: Component, by: User, content: bytes, says: str) -> None:
    with pytest.raises(CannotAttach, match=says):
        attached(new(component), by, content)
    assert not Material.objects.exists()
    assert not Attachment.objects.exists()
    assert not Entry.objects.exists()


def test_what_fails_on_the_way_leaves_nothing(component: Component, by: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        attached(new(component, session=make_session(component)), by)
    assert not Attachment.objects.exists()


def test_where_only_some_kinds_are_taken_the_others_are_named(component: Component, by: User) -> None:
    with pytest.raises(CannotAttach, match="Choose JPEG, PNG or WebP"):
        attaching.attach(made.upload(made.pdf()), to=new(component), by=by, kinds=PICTURES)


def test_all_files_of_one_thing_have_a_limit_together(
    component: Component, by: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Material, "most_bytes", 10)
    attached(new(component), by, b"123456")
    with pytest.raises(CannotAttach, match="may have 0 MB together"):
        attached(new(component), by, b"12345")
    attached(new(component), by, b"1234")
    attached(new(make_component()), by, b"12345")
    # In the place of the first there is room for as much.
    attached(Material.objects.earliest("pk"), by, b"abcdef")
    monkeypatch.setattr(Material, "most_files", 2)
    with pytest.raises(CannotAttach, match="There are 2 files here already"):
        attached(new(component), by, b"1")


def test_a_file_for_what_was_deleted_meanwhile_is_refused(component: Component, by: User) -> None:
    material = new(Component.objects.get(pk=component.pk))
    component.delete()
    with pytest.raises(CannotAttach, match="Somebody has deleted this"):
        attached(material, by)


def test_a_person_is_told_what_they_uploaded(component: Component, by: User) -> None:
    attached(new(component), by)
    attached(new(component), make_user())
    [told] = about(by)["Files that you uploaded"]
    assert (told["name"], told["kind"], told["bytes"]) == ("Notes.txt", "plain text", 4)


def test_of_whoever_is_erased_files_stay_under_names_that_name_nobody(component: Component, by: User) -> None:
    attached(new(component), by, name="Canary-Name, notes.txt")
    attached(new(component), by, made.pdf(), name="canary.pdf")
    theirs = attached(new(component), make_user(), name="Theirs.txt")
    erase(by, by=make_admin())
    assert set(Attachment.objects.filter(uploaded_by=by).values_list("name", flat=True)) == {"file.txt", "file.pdf"}
    theirs.refresh_from_db()
    assert theirs.name == "Theirs.txt"
    # What comes a moment later names nobody either.
    assert attached(new(component), by, name="canary.txt").name == "file.txt"


def test_what_is_kept_is_what_was_received(component: Component, by: User) -> None:
    received = receive(made.upload(b"text", "a.txt"), by=by)
    assert attaching.keep(received, to=new(component), by=by).sha256 == received.sha256

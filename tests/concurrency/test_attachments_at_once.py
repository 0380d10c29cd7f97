"""Files that are attached at the same moment: within the limit together, and none left behind."""

from functools import partial

import pytest

from cohorts.models import Component, Material
from portal.accounts.erasure import erase
from portal.attachments import attaching
from portal.attachments.kinds import CannotAttach
from portal.attachments.models import Attachment, AttachmentContent
from tests.attachments import made
from tests.concurrency.at_once import at_once
from tests.factories import make_admin, make_component, make_user

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 5


def attach(component: Component, content: bytes, material: int | None = None, name: str = "a.txt") -> Attachment:
    to = Material.objects.get(pk=material) if material else Material(component=component, title="A file")
    return attaching.attach(made.upload(content, name), to=to, by=make_user())


def nothing_is_left_behind() -> bool:
    held = Material.objects.exclude(file=None).count()
    return held == Attachment.objects.count() == AttachmentContent.objects.count()


def test_at_the_limit_as_many_are_taken_as_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Material, "most_bytes", 10)
    for _ in range(ROUNDS):
        component = make_component()
        done = at_once(*(partial(attach, component, b"1234") for _ in range(4)))
        assert [isinstance(each, CannotAttach) for each in done].count(True) == 2, done
        assert component.materials.count() == 2
        assert nothing_is_left_behind()


def test_of_two_that_replace_one_file_one_stays() -> None:
    for _ in range(ROUNDS):
        component = make_component()
        attach(component, b"first")
        material = Material.objects.latest("pk")
        done = at_once(*(partial(attach, component, content, material.pk) for content in (b"second", b"third")))
        assert all(isinstance(each, Attachment) for each in done), done
        material.refresh_from_db()
        assert material.file in done
        assert nothing_is_left_behind()


def test_what_is_deleted_while_a_file_comes_leaves_none() -> None:
    for _ in range(ROUNDS):
        component = make_component()
        done = at_once(partial(attach, component, b"text"), component.delete)
        assert not isinstance(done[1], Exception) or component.materials.exists(), done
        assert nothing_is_left_behind()


def test_who_is_erased_while_theirs_is_kept_is_named_by_none() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        person, material = make_user(), Material(component=make_component(), title="A file")
        at_once(
            partial(attaching.attach, made.upload(b"text", "canary-name.txt"), to=material, by=person),
            partial(erase, person, by=admin),
        )
        assert not Attachment.objects.filter(name__contains="canary").exists()

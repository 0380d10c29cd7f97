"""Files are given out so that nothing in them runs, whatever they hold."""

from typing import Any

import pytest
from django.http import Http404

from cohorts.models import Material
from portal.attachments import attaching, serving
from portal.attachments.kinds import ALL
from portal.attachments.models import Attachment
from tests.attachments import made
from tests.factories import make_component, make_user

pytestmark = pytest.mark.django_db


def attached(content: bytes, name: str = "file") -> Attachment:
    material = Material(component=make_component(), title="A file")
    return attaching.attach(made.upload(content, name), to=material, by=make_user())


def content_of(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def test_a_download_is_one_and_nothing_else() -> None:
    response = serving.download(attached(made.pdf(), "Über “die” Geburt.pdf"))
    assert dict(response.items()) == {
        "Content-Type": "application/pdf",
        "Content-Length": str(len(made.pdf())),
        "Content-Disposition": "attachment; filename*=utf-8''%C3%9Cber%20%E2%80%9Cdie%E2%80%9D%20Geburt.pdf",
        "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
        "X-Content-Type-Options": "nosniff",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cache-Control": "private, no-store",
    }
    assert content_of(response) == made.pdf()


def test_a_plain_name_is_written_plainly() -> None:
    assert serving.download(attached(b"text", "Notes.txt"))["Content-Disposition"] == 'attachment; filename="Notes.txt"'


def test_the_type_is_that_of_the_kind_whatever_the_browser_said() -> None:
    upload = made.upload(b"a;b", "list.csv", "text/html")
    file = attaching.attach(upload, to=Material(component=make_component(), title="A list"), by=make_user())
    assert serving.download(file)["Content-Type"] == "text/csv; charset=utf-8"
    assert not any("html" in kind.content_type or "svg" in kind.content_type for kind in ALL)


def test_a_large_one_is_read_slice_by_slice(django_assert_num_queries: Any) -> None:
    content = bytes(range(32, 127)) * 20_000
    file = attached(content)
    slices = -(-len(content) // serving.SLICE)
    with django_assert_num_queries(slices):
        assert content_of(serving.download(file)) == content


def test_a_picture_is_shown_with_the_same_care_and_nothing_else_is() -> None:
    shown = serving.picture(attached(made.picture("PNG"), "A & B.png"))
    assert shown["Content-Type"] == "image/png"
    assert shown["Content-Disposition"] == 'inline; filename="A & B.png"'
    assert {name: shown[name] for name in serving.HEADERS} == serving.HEADERS
    for content in (made.pdf(), b"text", made.office()):
        with pytest.raises(Http404):
            serving.picture(attached(content))


def test_what_is_deleted_while_it_is_read_ends_there() -> None:
    file = attached(b"a" * (serving.SLICE + 10))
    coming = iter(serving.download(file).streaming_content)  # type: ignore[arg-type]  # it is no async one
    assert len(next(coming)) == serving.SLICE
    Material.objects.all().delete()
    assert list(coming) == []

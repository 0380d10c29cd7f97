"""Files that a form brings are received in memory, whole or as much as shows that they are too large."""

from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile, SimpleUploadedFile
from django.http import HttpRequest
from django.test import RequestFactory

from portal.uploads import MOST_KEPT


def request(*sizes: int) -> HttpRequest:
    """Return a request that brings files of these sizes, and something that was typed."""
    files: dict[str, Any] = {
        f"file{number}": SimpleUploadedFile("a.txt", b"a" * size) for number, size in enumerate(sizes)
    }
    sent: HttpRequest = RequestFactory().post("/", {"typed": "Words", **files})
    return sent


def received(sent: HttpRequest, name: str) -> InMemoryUploadedFile:
    file = sent.FILES[name]
    assert isinstance(file, InMemoryUploadedFile)
    return file


def test_files_are_kept_in_memory_whole(settings: Any) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = "/nowhere/at/all"
    sent = request(3, 9_000_000)
    assert sent.POST["typed"] == "Words"
    for name, size in (("file0", 3), ("file1", 9_000_000)):
        file = received(sent, name)
        assert (file.size, file.read()) == (size, b"a" * size)


def test_of_one_that_is_too_large_the_size_is_known_and_the_rest_of_the_form() -> None:
    sent = request(MOST_KEPT + 1_000_000)
    file = received(sent, "file0")
    assert file.size == MOST_KEPT + 1_000_000
    assert len(file.read()) == MOST_KEPT
    assert sent.POST["typed"] == "Words"

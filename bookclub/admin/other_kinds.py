"""What an admin reads before they lend a copy of another kind than somebody asked for."""

from collections.abc import Iterable, Sequence

from bookclub.models import Copy, CopyRequest

ALL_THE_SAME = "Lend it all the same"
"""The button that lends it."""


def doubts(requests: Iterable[CopyRequest], copy: Copy) -> Sequence[str]:
    """Say of requests that a loan would settle which ask for another kind, and whether one of that kind is in."""
    return [sentence for request in requests if not request.is_met_by(copy) for sentence in _doubts(request, copy)]


def _doubts(request: CopyRequest, copy: Copy) -> Sequence[str]:
    others = Copy.objects.at_hand().filter(book=copy.book_id, programme=copy.programme_id, format=request.format)
    labels = ", ".join(others.order_by("label").values_list("label", flat=True)[:3])
    kind = request.format_in_words.lower()
    return [
        f"{request.asked_by} asked for this kind: {kind}. “{copy.label}” is of another: {copy.format_in_words}.",
        f"In, and of the kind they asked for: {labels}." if labels else "None of the kind they asked for is in.",
        "It may be one that they cannot read or hear. Their request is answered by it.",
    ]

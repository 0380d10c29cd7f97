"""What an admin reads before they lend a copy of another kind than somebody asked for."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from django.http import HttpRequest

from bookclub.models import Copy, CopyRequest
from portal.accounts.models import User
from portal.questions import Question, is_confirmed

ALL_THE_SAME: Final = "Lend it all the same"
"""The button that lends it."""
WARNED_OF: Final = "warned_of"
"""Goes along with the answer: the requests about which it was asked."""


def doubt(request: HttpRequest, question: Question, copy: Copy, borrower: User) -> Question | None:
    """Return the question in doubt: for each request that the loan would settle by another kind than it asks for.

    None where there is no such request, or where whoever confirms has read of each: also of one that was made since.
    """
    settled = CopyRequest.objects.settled_by(copy, borrower).select_related("asked_by").order_by("pk")
    unmet = [each for each in settled if not each.is_met_by(copy)]
    warned_of = request.POST.getlist(WARNED_OF) if is_confirmed(request) else []
    if {str(each.pk) for each in unmet} <= {*warned_of}:
        return None
    return replace(
        question,
        says=[
            *(sentence for each in unmet for sentence in _says(each, copy)),
            "It may be one that they cannot read or hear. What they asked for is answered by it.",
        ],
        button=ALL_THE_SAME,
        unseen=[(WARNED_OF, str(each.pk)) for each in unmet],
    )


def _says(request: CopyRequest, copy: Copy) -> Sequence[str]:
    """Say which kind somebody asked for, and whether one of that kind is in."""
    others = Copy.objects.at_hand().filter(book=copy.book_id, programme=copy.programme_id, format=request.format)
    labels = ", ".join(others.order_by("label").values_list("label", flat=True)[:3])
    kind = request.format_in_words
    return [
        f"{request.asked_by} asked for this kind: {kind}. “{copy.label}” is of another: {copy.format_in_words}.",
        f"In, and of the kind they asked for: {labels}." if labels else "None of the kind they asked for is in.",
    ]

"""What the demonstration's people say of a programme in public, and what waits for an editor."""

from collections.abc import Sequence
from typing import Final

from cohorts import testifying
from cohorts.models import Programme, Testimony
from portal.accounts.models import User

ShownAs = Testimony.ShownAs

WORDS: Final = (
    (ShownAs.BY_ROLE, "I thought that I treated everybody the same. Now I ask each woman what she needs, and listen."),
    (
        ShownAs.ANONYMOUS,
        "For the first time at work I did not have to explain why it matters. We began with what we would do.",
    ),
    (ShownAs.NAMED, "Our team looks at its own figures every month now. It began with the project of this programme."),
    (ShownAs.BY_ROLE, "Colleagues of other trusts had met the same silence, and we found words for it together."),
)
WAITS: Final = "It was hard to hear, and it was time. I would tell every new colleague to come."


def testify(programme: Programme, people: Sequence[User], *, editor: User) -> None:
    """Let some of these people say something, of which all but the last is published; once for a programme."""
    if not people or Testimony.objects.filter(programme=programme).exists():
        return
    *published, last = people[: len(WORDS) + 1]
    for person, (shown_as, words) in zip(published, WORDS, strict=False):
        offered = _offer(person, programme, words, shown_as)
        testifying.publish(offered, looked_at=offered.sequence, by=editor)
    _offer(last, programme, WAITS, ShownAs.BY_ROLE)


def _offer(person: User, programme: Programme, words: str, shown_as: str) -> Testimony:
    line = testifying.byline(person, shown_as)
    return testifying.offer(person, programme, words, component=None, shown_as=shown_as, byline=line)

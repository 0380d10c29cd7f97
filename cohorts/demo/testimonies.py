"""What the demonstration's people say of a programme in public, and what waits for an editor or for an author."""

from collections.abc import Sequence
from typing import Final

from cohorts import testifying
from cohorts.models import Programme, Testimony
from portal.accounts.models import User

ShownAs = Testimony.ShownAs

LONGER: Final = (
    "I came because my manager asked me to. I stayed because of the second training day, when we only listened. "
    "Since then I begin each booking appointment with a question that I had never asked: what should I know, so that "
    "you are safe with us?"
)
SHORTER: Final = "I begin each appointment with a new question: what should I know, so that you are safe with us?"
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
    """Let some of these say something: the first is asked about a shorter form, all but the last are published."""
    first, *published, last = people[: len(WORDS) + 2]
    testifying.ask_about(_offer(first, programme, LONGER, ShownAs.BY_ROLE), SHORTER, by=editor)
    for person, (shown_as, words) in zip(published, WORDS, strict=True):
        offered = _offer(person, programme, words, shown_as)
        testifying.publish(offered, looked_at=offered.sequence, by=editor)
    _offer(last, programme, WAITS, ShownAs.BY_ROLE)


def _offer(person: User, programme: Programme, words: str, shown_as: str) -> Testimony:
    line = testifying.byline(person, shown_as)
    return testifying.offer(person, programme, words, component=None, shown_as=shown_as, byline=line)

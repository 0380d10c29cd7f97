"""The questions of the guided start, for somebody who has never done quality improvement: one a page, none a must.

What is answered is the project's own: whoever knows the craft finds the same fields on its pages.
"""

from dataclasses import dataclass
from typing import Final

CHECK: Final = "check"
"""Where the guided start goes after its last question: the page of all answers."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question: the field that it fills, what it asks in plain words, what helps, and an example of an answer."""

    key: str
    field: str
    label: str
    help: str
    example: str


QUESTIONS: Final = (
    Question(
        "noticed",
        "noticed",
        "What have you noticed?",
        "Something at work that is not right, or could be better. A few sentences are enough. Write nothing by which "
        "a patient could be known.",
        "Women racialised as Black tell us after birth that they asked for pain relief and waited, or were told that "
        "it was too early. We have no figures of how long anybody waits.",
    ),
    Question(
        "affected",
        "aim_for_whom",
        "Who is affected?",
        "The people whom a change would be for: patients, families or colleagues.",
        "Women racialised as Black or Brown who give birth on our labour ward",
    ),
    Question(
        "matters",
        "why_it_matters",
        "Why does it matter to them?",
        "What it costs them as things are. You can name a national report, what people have told you, or your own "
        "figures.",
        "Pain that is not believed is harm in itself, and people who were not heard once ask for help later the next "
        "time. National reports have said so for years.",
    ),
    Question(
        "better",
        "aim_what",
        "What would better look like?",
        "One thing that would be different. Say it so that somebody else could see whether it is so.",
        "Everybody who asks for pain relief in labour is answered within 15 minutes, and is told what happens next.",
    ),
    Question(
        "how-much",
        "aim_how_much",
        "By how much would it change?",
        "From where to where, as a number if you can. If you do not know where you are today, say so: finding out is "
        "a good first step.",
        "From about half of requests answered within 15 minutes to 9 of 10",
    ),
    Question(
        "by-when",
        "aim_by_when",
        "By when?",
        "A day to work towards. 4 to 6 months from now suits most first projects. You can move it.",
        "30 9 2027",
    ),
    Question(
        "help",
        "who_could_help",
        "Who could help?",
        "People and groups, by what they do: colleagues on the ward, people who use the service, your quality "
        "improvement team, somebody who can open doors. You invite the team by email address later.",
        "The anaesthetic team, the ward's health care assistants, our Maternity and Neonatal Voices Partnership, and "
        "the matron as sponsor",
    ),
    Question(
        "change",
        "first_change",
        "What could you change first?",
        "Something small that you could try next week, with one team or on one shift. It need not work: you will "
        "learn from it in any case.",
        "On two night shifts we write the time of each request on the board, and whoever passes says when somebody "
        "comes.",
    ),
    Question(
        "title",
        "title",
        "What will you call it?",
        "A short name by which people will know the project.",
        "Heard within 15 minutes",
    ),
)
_KEYS: Final = [question.key for question in QUESTIONS]


def question(key: str) -> Question | None:
    """Return the question of that key."""
    return QUESTIONS[_KEYS.index(key)] if key in _KEYS else None


def after(key: str) -> str:
    """Return the key of what comes after a question: the next one, or CHECK."""
    return [*_KEYS, CHECK][_KEYS.index(key) + 1]


def before(key: str) -> str:
    """Return the key of the question before another; nothing, for the first."""
    return ["", *_KEYS][_KEYS.index(key)]

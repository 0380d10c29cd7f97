"""What is sealed, in words for whoever has opened it: the answers of the form, and what was recorded since.

What is in doubt (`Opened.is_in_doubt`) may say anything, in any form: it is shown as far as it can be.
"""

from typing import Any, Final

from portal.nhsuk.dates import say_date
from referrals.sealing import Content, Opened

CONTACT: Final = {
    "name": "Name to use",
    "ways": "Safe ways",
    "phone": "Phone",
    "email": "Email",
    "address": "Post",
    "voicemail": "Voice message",
    "safe": "To reach them safely",
    "language": "Language",
    "interpreter": "Interpreter",
}
STORY: Final = {
    "offer": "Offer",
    "text": "What brings them",
    "times": "Times",
    "gender": "Therapist",
    "access": "Needs to take part",
    "taken_by": "Taken by phone by",
}
SUBMITTER: Final = {
    "submitter": "Sent by",
    "relation": "How they know each other",
    "how": "How the person agreed",
}
WORDS: Final = {
    "ways": {"phone": "by phone", "email": "by email", "post": "by post"},
    "how": {"phone": "by phone", "email": "by email", "post": "by post"},
    "voicemail": {"yes": "yes, one may be left", "no": "no, do not leave one"},
    "interpreter": {"yes": "yes", "no": "no"},
}
ENTRIES: Final = {
    "note": "Note",
    "attempt": "Contact attempt",
    "contact changed": "Change of how to be in touch",
    "consent": "Consent",
    "letter": "Letter",
    "receipt given": "Receipt code given",
    "accepted": "Accepted",
    "kept in triage": "Kept in triage",
    "signposted": "Signposted elsewhere",
    "declined": "Declined",
    "withdrawn": "Withdrawn by the person",
    "unreachable": "Could not be reached",
    "appointment": "First appointment offered",
    "missed": "Appointment missed or moved",
    "held": "First appointment held",
    "session": "Further session",
    "closed": "Closed",
    "legal hold": "Legal hold",
    "legal hold taken off": "Legal hold taken off",
}
LETTERS: Final = {"sent": "Sent", "failed": "Not sent"}
COLOURS: Final = {"Sent": "green", "Not sent": "red"}


def in_words(name: str, value: object) -> str:
    """Return what was answered to one question, as people say it; nothing where nothing was answered."""
    words = WORDS.get(name, {})
    chosen: list[Any] = value if isinstance(value, list) else [value]
    said = ", ".join(words.get(str(part), str(part)) for part in chosen if part)
    return said[:1].upper() + said[1:] if words else said


def rows(content: Content, labels: dict[str, str]) -> list[tuple[str, str]]:
    """Return what was answered, each answer under its name."""
    said = ((label, in_words(name, content.get(name))) for name, label in labels.items())
    return [(label, words) for label, words in said if words]


def contact_rows(content: Content) -> list[tuple[str, str]]:
    """Return how to be in touch. A phone number without a word on messages is one on which none is left."""
    found = rows(content, CONTACT)
    if content.get("phone") and not content.get("voicemail"):
        found.append((CONTACT["voicemail"], "Not answered: do not leave one"))
    return found


def story_rows(content: Content) -> list[tuple[str, str]]:
    """Return what was written on the form, and by whom where it was not the person."""
    submitter = content.get("submitter")
    return [*rows(content, STORY), *(rows(submitter, SUBMITTER) if isinstance(submitter, dict) else [])]


def changes(before: Content, after: Content) -> list[str]:
    """Return how answers about being in touch were before they changed, a line each."""
    return [
        f"{label}: {in_words(name, before.get(name)) or 'not given'}"
        for name, label in CONTACT.items()
        if name in after and before.get(name) != after[name]
    ]


def heading(entry: Opened) -> str:
    """Return what an entry is, by whom and of which day."""
    said = entry.content
    what = "Note from the person" if said.get("from") == "person" else ENTRIES.get(str(said.get("type")), "An entry")
    by = f" by {said['author']}" if said.get("author") else ""
    return f"{what}{by} on {say_date(entry.section.on)}"


def what_became(entry: Opened) -> str:
    """Return what became of a letter; nothing for an entry that is none."""
    state = entry.content.get("state")
    return LETTERS.get(str(state), "Not known whether it was sent") if state else ""


def particulars(entry: Opened) -> str:
    """Return when, with whom or how it was, where an entry tells."""
    said = entry.content
    if said.get("type") == "attempt":
        return in_words("how", said.get("how"))
    return ", ".join(part for part in (entry.when, _with(said), str(said.get("how", ""))) if part)


def text(entry: Opened) -> str:
    """Return what somebody wrote, or nothing."""
    return str(entry.content.get("text", ""))


def _with(said: Content) -> str:
    return f"with {said['therapist']}" if said.get("therapist") else ""

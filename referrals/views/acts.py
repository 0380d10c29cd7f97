"""What can be done with a referral: each act with its states, what it asks, and the verb that does it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.forms import Form

from referrals import casework, letters, reading
from referrals.forms import casework as forms
from referrals.models import Referral
from referrals.reading import Whole
from referrals.sealing import as_seen
from referrals.transitions import State
from referrals.unlocking import Unlocked

UNSENT = {
    letters.FAILED: "Your letter was not sent: the mail server did not take it. The copy below says so. Try again, or "
    "be in touch in another way.",
    letters.UNKNOWN: "We do not know whether your letter was sent: the connection broke. Before you send it again, "
    "think whether it may arrive twice.",
}

LATE = (
    "The appointment is recorded. It is after the date that was promised for a first appointment: look for an earlier "
    "one, or give a reason."
)

Said = dict[str, Any]
MakeForm = Callable[[Whole, Any], Form]
Do = Callable[[Referral, Said, Unlocked], str | None]


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that can be done: its title, in which states, what it asks, and the verb.

    The verb returns what needs heed of how it went, or None.
    """

    title: str
    states: frozenset[str]
    form: MakeForm
    do: Do
    done: str
    """What is said once it is done, where nothing else needs heed."""
    for_lead: bool = False
    for_nobodys: bool = False
    """Whether it is for what nobody is in charge of."""
    verified: bool | None = None
    """Whether it waits until the person's consent is verified, or is for the time before; None for both."""
    about: str = ""
    while_held: bool | None = None
    """Whether it is for what stands under a legal hold, or for what does not; None for both."""
    while_in_doubt: bool = False
    """Whether it is for what is in doubt, which its page then shows."""

    def fits(self, whole: Whole, opened: Unlocked) -> bool:
        """Say whether it is offered for a referral as it stands."""
        referral = whole.referral
        if self.for_lead and not opened.triager.is_lead:
            return False
        if self.while_in_doubt and not whole.is_in_doubt:
            return False
        if self.for_nobodys and referral.assignee_id is not None:
            return False
        if self.verified not in {None, not referral.waits_for_verification}:
            return False
        return referral.state in self.states and self.while_held in {None, referral.on_hold}


def _asks(form: Callable[..., Form], **options: Any) -> MakeForm:
    return lambda _, data: form(data, **options)


def _asks_for_text(label: str) -> MakeForm:
    return _asks(forms.TextForm, label=label)


def _asks_for_colleague(whole: Whole, data: Any) -> Form:
    referral = whole.referral
    team = referral.provider.triagers.active().exclude(caseload=referral).select_related("user")
    if named := reading.named_readers(referral):
        team = team.filter(pk__in=[each.pk for each in named])
    return forms.ColleagueForm(data, team=team)


def _asks_for_contact(whole: Whole, data: Any) -> Form:
    """Begin from how it was, unless that may be somebody else's words."""
    contact = whole.contact
    return forms.CorrectContactForm(data, initial=contact.content if contact and not contact.is_in_doubt else {})


def _asks_to_vouch(whole: Whole, data: Any) -> Form:
    return forms.VouchForm(data, shown=[as_seen(each.section) for each in whole.in_doubt])


def _asks_for_readers(whole: Whole, data: Any) -> Form:
    referral = whole.referral
    team = referral.provider.triagers.active().select_related("user")
    return forms.ReadersForm(data, team=team, named=reading.named_readers(referral))


def _says_text(verb: Callable[..., None]) -> Do:
    return lambda referral, said, opened: verb(referral, said["text"], unlocked=opened)


def _write_letter(referral: Referral, said: Said, opened: Unlocked) -> str | None:
    return UNSENT.get(letters.write_to(referral, said["text"], number=said["number"], unlocked=opened))


def _offer_appointment(referral: Referral, said: Said, opened: Unlocked) -> str | None:
    when = (said["on"], said["begins"])
    is_in_time = casework.offer_appointment(referral, *when, said["therapist"], said["how"], unlocked=opened)
    return None if is_in_time else LATE


OPEN = frozenset(Referral.OPEN)
IN_TRIAGE = frozenset({State.RECEIVED})
UNDER_WAY = frozenset({State.TRIAGED, State.APPOINTMENT_OFFERED})

ACTS: dict[str, Act] = {
    "claim": Act(
        "Take charge of it",
        OPEN,
        _asks(forms.Nothing),
        lambda referral, _, opened: casework.claim(referral, unlocked=opened),
        done="You are in charge of it.",
        for_nobodys=True,
    ),
    "hand-over": Act(
        "Hand it over",
        OPEN,
        _asks_for_colleague,
        lambda referral, said, opened: casework.hand_over(referral, said["to"], unlocked=opened),
        done="It is handed over.",
    ),
    "note": Act(
        "Add a note",
        OPEN,
        _asks_for_text("What do you want to note?"),
        _says_text(casework.add_note),
        done="Your note is added.",
    ),
    "attempt": Act(
        "Record a contact attempt",
        OPEN,
        _asks(forms.AttemptForm),
        lambda referral, said, opened: casework.record_attempt(referral, said["how"], said["text"], unlocked=opened),
        done="The contact attempt is recorded.",
    ),
    "contact": Act(
        "Change how to be in touch",
        OPEN,
        _asks_for_contact,
        lambda referral, said, opened: casework.correct_contact(referral, said, unlocked=opened),
        done="How to be in touch is changed.",
        about="The person has told you. How it was before is kept as a note.",
    ),
    "consent": Act(
        "Record the person's consent",
        OPEN,
        _asks_for_text("When did you speak with them, and how did you know that it was them?"),
        _says_text(casework.verify_consent),
        verified=False,
        about="For when you have spoken with the person themselves.",
        done="Their consent is recorded.",
    ),
    "letter": Act(
        "Email the person", letters.WRITTEN_TO, _asks(forms.LetterForm), _write_letter, done="Your letter is sent."
    ),
    "accept": Act(
        "Accept",
        IN_TRIAGE,
        _asks_for_text("What did you decide, and why?"),
        _says_text(casework.accept),
        verified=True,
        done="It is accepted. Next, offer a first appointment.",
    ),
    "keep": Act(
        "Keep it in triage",
        IN_TRIAGE,
        _asks_for_text("Why is it not decided yet?"),
        _says_text(casework.keep_in_triage),
        done="It stays in triage. The date that was promised does not move.",
    ),
    "signpost": Act(
        "Signpost elsewhere",
        IN_TRIAGE,
        _asks_for_text("Where did you signpost them, and why?"),
        _says_text(casework.signpost),
        verified=True,
        done="The referral has ended.",
        about="This ends the referral. The person is not told by this: speak with them, or write to them, first.",
    ),
    "decline": Act(
        "Decline",
        IN_TRIAGE,
        _asks_for_text("Why can you not take it on?"),
        _says_text(casework.decline),
        verified=True,
        done="The referral has ended.",
        about="This ends the referral. The person is not told by this: speak with them, or write to them, first.",
    ),
    "appointment": Act(
        "Offer a first appointment",
        UNDER_WAY,
        _asks(forms.AppointmentForm),
        _offer_appointment,
        done="The appointment is recorded.",
        about="Agree it with the person first: they are not told by this.",
    ),
    "missed": Act(
        "Record it as missed or moved",
        frozenset({State.APPOINTMENT_OFFERED}),
        _asks_for_text("What happened?"),
        _says_text(casework.record_missed),
        done="It is recorded. Offer another appointment.",
    ),
    "held": Act(
        "Record that it was held",
        frozenset({State.APPOINTMENT_OFFERED}),
        _asks(forms.DayForm),
        lambda referral, said, opened: casework.record_held(referral, said["on"], unlocked=opened),
        done="It is recorded that the first appointment was held.",
    ),
    "session": Act(
        "Record a further session",
        frozenset({State.FIRST_HELD}),
        _asks(forms.DayForm),
        lambda referral, said, opened: casework.record_session(referral, said["on"], unlocked=opened),
        done="The session is recorded.",
    ),
    "close": Act(
        "Close with an outcome",
        frozenset({State.FIRST_HELD}),
        _asks_for_text("What was the outcome?"),
        _says_text(casework.close),
        done="The referral is closed.",
        about="Therapy has ended. Nothing more can be recorded afterwards.",
    ),
    "withdrawn": Act(
        "The person withdraws",
        OPEN - {State.AWAITING_CONSENT},
        _asks_for_text("What did they tell you?"),
        _says_text(casework.record_withdrawal),
        done="It is recorded that the person withdrew.",
        about="They have told you that they no longer want this. It ends the referral.",
    ),
    "no": Act(
        "The person says no: delete it",
        frozenset({State.AWAITING_CONSENT}),
        _asks(forms.EraseForm),
        lambda referral, _, opened: casework.record_no(referral, unlocked=opened),
        done="It is deleted.",
        about="What was sent for them is deleted at once. Whoever sent it is not told.",
    ),
    "unreachable": Act(
        "Could not be reached",
        OPEN,
        _asks_for_text("How often did you try, and in which ways?"),
        _says_text(casework.give_up_reaching),
        done="The referral has ended.",
        about="This ends the referral.",
    ),
    "reason": Act(
        "Give a reason for a missed date",
        OPEN,
        _asks(forms.ReasonForm),
        lambda referral, said, opened: casework.give_reason(referral, said["reason"], unlocked=opened),
        done="The reason is recorded.",
    ),
    "readers": Act(
        "Decide who may see it",
        OPEN,
        _asks_for_readers,
        lambda referral, said, opened: casework.choose_readers(
            referral, list(said["readers"]) if said["who"] == forms.ReadersForm.NAMED else None, unlocked=opened
        ),
        for_lead=True,
        done="Who may see it is decided.",
        about="Others lose sight of it at once, and of all that is written about it. Where the person asked that only "
        "the lead opens it first, speak with them before you show it to more people.",
    ),
    "vouch": Act(
        "Answer for what is in doubt",
        frozenset(Referral.State.values),
        _asks_to_vouch,
        lambda referral, said, opened: casework.vouch(referral, said["seen"], unlocked=opened),
        for_lead=True,
        while_in_doubt=True,
        about="This does not carry the portal's own mark. Ask the person, or the colleague who is said to have written "
        "it. Once you have answered for it, letters go where it says, and it is shown as any other. Leave in doubt "
        "what is not theirs; how to be in touch you can change at the person's word.",
        done="What you saw is no longer in doubt. Look who may see it: where that was in doubt, too, it is the leads "
        "alone until you decide.",
    ),
    "hold": Act(
        "Put it on legal hold",
        casework.HOLDABLE,
        _asks_for_text("Who asks for the hold, and why?"),
        lambda referral, said, opened: casework.put_on_hold(referral, held=True, text=said["text"], unlocked=opened),
        for_lead=True,
        while_held=False,
        about="It is kept, whatever its retention period says, until the hold is taken off.",
        done="It is on legal hold.",
    ),
    "release": Act(
        "Take the legal hold off",
        casework.HOLDABLE,
        _asks_for_text("Why is the hold taken off?"),
        lambda referral, said, opened: casework.put_on_hold(referral, held=False, text=said["text"], unlocked=opened),
        for_lead=True,
        about="It is deleted when its retention period is over, and can be erased again.",
        while_held=True,
        done="The legal hold is taken off.",
    ),
    "erase": Act(
        "Erase it, because the person asks for it",
        frozenset(Referral.State.values),
        _asks(forms.EraseForm),
        lambda referral, _, opened: casework.erase(referral, unlocked=opened),
        for_lead=True,
        while_held=False,
        about="Nobody can open it again: not how to be in touch, not what was written, no note, letter or outcome. It "
        "cannot be undone. Export first what your clinical record needs. Its dates and its state stay, and copies in "
        "backups end with the backup.",
        done="The referral is erased. Nobody can open it again.",
    ),
}

SECTIONS: dict[str, tuple[str, ...]] = {
    "Triage": ("consent", "accept", "keep", "signpost", "decline"),
    "Appointments": ("appointment", "held", "missed", "session"),
    "Being in touch": ("attempt", "letter", "note", "contact"),
    "Who has it": ("claim", "hand-over", "readers", "vouch"),
    "Ending it": ("close", "withdrawn", "no", "unreachable"),
    "Keeping it": ("reason", "hold", "release", "erase"),
}
"""In which order the acts stand on a referral's page, and under which heading."""


def offered(whole: Whole, opened: Unlocked) -> dict[str, list[tuple[str, str]]]:
    """Return what can be done with a referral as it stands, by the heading under which it is shown."""
    found = {
        heading: [
            (key, ACTS[key].title) for key in keys if ACTS[key].fits(whole, opened) and (key != "letter" or whole.email)
        ]
        for heading, keys in SECTIONS.items()
    }
    return {heading: acts for heading, acts in found.items() if acts}

"""Referrals: what may stand in the clear, and what is sealed.

In the clear are a random id, whose the referral is to deal with, its state, and dates: never a time, a name, an
address, a hash of one, or the account of the person (DESIGN §4). Everything that anybody wrote is a `Section`.
"""

import uuid
from typing import ClassVar, Self

from django.db import models
from django.utils import timezone

from portal.accounts.models import Organisation
from referrals.models.keys import Epoch
from referrals.models.providers import Provider, Triager


class ReferralQuerySet(models.QuerySet["Referral"]):
    """Reads of referrals."""

    def open(self) -> Self:
        """Referrals that somebody still has to do something about."""
        return self.filter(state__in=Referral.OPEN)

    def withdrawn_unseen(self) -> Self:
        """Referrals that people have withdrawn, and nobody of the team has looked at since."""
        return self.filter(state=Referral.State.WITHDRAWN, has_news=True)


class Referral(models.Model):
    """One person's way to the provider, for themselves or by somebody who has their consent."""

    class State(models.TextChoices):
        """The states of DESIGN §4; `referrals.transitions` says what may follow what."""

        AWAITING_CONSENT = "awaiting_consent", "Waiting for consent"
        RECEIVED = "received", "To be triaged"
        TRIAGED = "triaged", "To be offered an appointment"
        APPOINTMENT_OFFERED = "appointment_offered", "Appointment offered"
        FIRST_HELD = "first_held", "In therapy"
        CLOSED = "closed", "Closed"
        DECLINED = "declined", "Declined or signposted"
        WITHDRAWN = "withdrawn", "Withdrawn"
        UNREACHABLE = "unreachable", "Could not be reached"

    class Reason(models.TextChoices):
        """Why a date was missed: it stands beside the breach and stops no clock."""

        PERSON_ASKED = "person_asked", "The person asked for a later date"
        NO_CONTACT = "no_contact", "The person could not be reached in time"
        DID_NOT_ATTEND = "did_not_attend", "The person did not come to the appointment"
        NO_LANGUAGE = "no_language", "No therapist or interpreter for the language yet"
        NO_CAPACITY = "no_capacity", "No appointment was free"
        THERAPIST_ILL = "therapist_ill", "The therapist was ill"
        OUR_ERROR = "our_error", "A mistake of ours"

    OPEN = (
        State.AWAITING_CONSENT,
        State.RECEIVED,
        State.TRIAGED,
        State.APPOINTMENT_OFFERED,
        State.FIRST_HELD,
    )

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    provider = models.ForeignKey(Provider, on_delete=models.PROTECT, related_name="referrals")
    commissioner = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    assignee = models.ForeignKey(Triager, on_delete=models.PROTECT, null=True, related_name="caseload")
    state = models.CharField(max_length=20, choices=State, default=State.RECEIVED)
    reason = models.CharField(max_length=20, choices=Reason, blank=True)
    on_behalf = models.BooleanField(default=False)
    receipt = models.BinaryField(unique=True, editable=False, help_text="A hash of the receipt's code.")
    handover = models.BinaryField(
        unique=True, null=True, editable=False, help_text="A hash of the code that is handed to the person."
    )
    own_receipt = models.BinaryField(
        unique=True,
        null=True,
        editable=False,
        help_text="A hash of the code that a triager gave the person for whom somebody else submitted it.",
    )
    code = models.BinaryField(
        default=b"", db_default=b"", editable=False, help_text="That its codes are ours: `referrals.provenance`."
    )
    consent_verified_by = models.ForeignKey(Triager, on_delete=models.PROTECT, null=True, related_name="+")

    submitted_on = models.DateField(default=timezone.localdate)
    consent_on = models.DateField(null=True)
    received_on = models.DateField(null=True, help_text="Day 0 of both clocks.")
    triage_due_on = models.DateField(null=True)
    triage_target_on = models.DateField(null=True, help_text="The last working day on or before the due date.")
    triaged_on = models.DateField(null=True)
    first_due_on = models.DateField(null=True)
    first_target_on = models.DateField(null=True)
    first_held_on = models.DateField(null=True)
    consent_due_on = models.DateField(null=True)
    act_by = models.DateField(null=True, help_text="The working day by which the clock that runs wants something done.")
    warn_on = models.DateField(null=True, help_text="When somebody is told next of the clock that runs.")
    announced = models.BooleanField(default=False, help_text="The team was told that something new is in its queue.")
    has_news = models.BooleanField(
        default=False, help_text="The person has sent a note, or withdrawn, and nobody has looked yet."
    )
    ended_on = models.DateField(null=True, help_text="The day of the last state.")
    clock_policy = models.PositiveSmallIntegerField(default=1, help_text="The version of the clocks when it came.")
    purge_on = models.DateField(null=True)
    on_hold = models.BooleanField("legal hold", default=False)
    purged_on = models.DateField(null=True)

    objects = ReferralQuerySet.as_manager()

    class Meta:
        ordering = ("submitted_on", "id")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(
                    state__in=[
                        "awaiting_consent",
                        "received",
                        "triaged",
                        "appointment_offered",
                        "first_held",
                        "closed",
                        "declined",
                        "withdrawn",
                        "unreachable",
                    ]
                ),
                name="referral_state_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state="awaiting_consent", received_on__isnull=True, consent_due_on__isnull=False)
                | ~models.Q(state="awaiting_consent"),
                name="what_waits_for_consent_is_not_received",
            ),
            models.CheckConstraint(
                condition=models.Q(received_on__isnull=True, triage_due_on__isnull=True, first_due_on__isnull=True)
                | models.Q(
                    received_on__isnull=False,
                    triage_due_on__isnull=False,
                    triage_target_on__isnull=False,
                    first_due_on__isnull=False,
                    first_target_on__isnull=False,
                ),
                name="what_is_received_has_both_clocks",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["received", "triaged", "appointment_offered", "first_held"])
                | models.Q(received_on__isnull=False),
                name="who_is_in_triage_was_received",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["triaged", "appointment_offered", "first_held"])
                | models.Q(triaged_on__isnull=False),
                name="what_is_past_triage_says_when",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="first_held") | models.Q(first_held_on__isnull=False),
                name="a_first_appointment_has_its_day",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["closed", "declined", "withdrawn", "unreachable"], ended_on__isnull=False)
                | ~models.Q(state__in=["closed", "declined", "withdrawn", "unreachable"]),
                name="what_has_ended_says_when",
            ),
        ]
        indexes: ClassVar = [
            # The queue, in the order of what is due; open referrals without a clock come last.
            models.Index(
                "provider",
                models.F("act_by").asc(nulls_last=True),
                "id",
                condition=models.Q(
                    state__in=["awaiting_consent", "received", "triaged", "appointment_offered", "first_held"]
                ),
                name="referral_queue",
            ),
            models.Index(
                "provider",
                "state",
                models.F("ended_on").desc(),
                "id",
                condition=models.Q(state__in=["closed", "declined", "withdrawn", "unreachable"]),
                name="referral_ended",
            ),
            models.Index(fields=["provider"], condition=models.Q(has_news=True), name="referral_with_news"),
            models.Index(fields=["warn_on"], condition=models.Q(warn_on__isnull=False), name="referral_warning_due"),
            models.Index(fields=["provider"], condition=models.Q(announced=False), name="referral_to_announce"),
            models.Index(
                fields=["purge_on"],
                condition=models.Q(purged_on__isnull=True, on_hold=False),
                name="referral_purge_due",
            ),
            models.Index(fields=["provider", "state"], name="referral_by_state"),
            models.Index(fields=["assignee", "state"], name="referral_by_assignee"),
        ]

    def __str__(self) -> str:
        return f"Referral {self.pk}"

    @property
    def waits_for_verification(self) -> bool:
        """Say whether no triager has spoken yet with the person for whom somebody else submitted it."""
        return self.on_behalf and self.consent_verified_by_id is None


class Section(models.Model):
    """One thing that somebody wrote about a referral, under a random key of its own (`Envelope`).

    The ciphertext is bound to the referral, to this row, to its kind and to the epoch in which it was written: it
    opens in no other place.
    """

    class Kind(models.TextChoices):
        """What a section is."""

        CONTACT = "contact", "How to be in touch"
        STORY = "story", "What was written on the form"
        NOTE = "note", "A triager's note"
        CORRESPONDENCE = "correspondence", "A letter to the person, or from them"
        OUTCOME = "outcome", "An outcome"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="sections")
    kind = models.CharField(max_length=14, choices=Kind)
    epoch = models.ForeignKey(Epoch, on_delete=models.PROTECT, related_name="+")
    suite = models.PositiveSmallIntegerField(default=1, editable=False)
    sealed = models.BinaryField(editable=False)
    code = models.BinaryField(default=b"", editable=False, help_text="That it is ours: `referrals.provenance`.")
    on = models.DateField(default=timezone.localdate)
    number = models.PositiveIntegerField(editable=False, help_text="Its place among the referral's sections.")

    class Meta:
        ordering = ("referral", "number")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["referral", "number"], name="one_section_in_each_place"),
            models.UniqueConstraint(
                fields=["referral", "kind"],
                condition=models.Q(kind__in=["contact", "story"]),
                name="one_contact_and_one_story",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} of {self.referral_id}"


class Envelope(models.Model):
    """A section's key, sealed to one reader: to an epoch (the whole team), to one triager, or to the recovery key.

    Who may not see a referral has no envelope. Deleting its envelopes ends a section for ever.
    """

    section = models.ForeignKey(Section, on_delete=models.CASCADE, related_name="envelopes")
    epoch = models.ForeignKey(Epoch, on_delete=models.PROTECT, null=True, related_name="envelopes")
    triager = models.ForeignKey(Triager, on_delete=models.PROTECT, null=True, related_name="envelopes")
    sealed = models.BinaryField(editable=False)
    suite = models.PositiveSmallIntegerField(default=1, editable=False)
    code = models.BinaryField(default=b"", editable=False, help_text="That it is ours: `referrals.provenance`.")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(epoch__isnull=True) | models.Q(triager__isnull=True),
                name="an_envelope_has_one_reader",
            ),
            models.UniqueConstraint(
                fields=["section", "epoch", "triager"], name="one_envelope_for_each_reader", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return f"Envelope {self.pk}"

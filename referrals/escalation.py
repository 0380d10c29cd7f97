"""Telling the team, at fixed times, that something in the queue wants to be looked at; and never what.

Beat only says "look": what is due is decided from dates, so two sweeps at once, a sweep done twice or ten days without
one change nothing but the day. An escalation and its message are written in one transaction, once for each level; after
an outage only the highest level goes out. The mail is the same for everybody and everything, and goes at fixed times,
so that neither it nor its time tells anything of a referral.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from portal import outbox
from portal.accounts.models import User
from portal.nhsuk.dates import UK
from portal.nhsuk.holidays import is_working_day
from referrals import clocks
from referrals.ceremony import INVITED
from referrals.models import Escalation, GroupSession, Provider, Referral, Round, Triager

LOOK, UNOPENED = "referrals.look", "referrals.unopened"
SLOTS: Final = (time(8, 30), time(12, 30), time(16, 30))
"""London times at which the team is told, on working days."""

BATCH: Final = 500
UNOPENED_AFTER: Final = 3
"""Working days after which the leads hear that nobody has unlocked."""


def sweep(now: datetime | None = None) -> int:
    """Escalate what is due, announce what is new, and say where nobody looks; return how many clocks were looked at.

    Does nothing outside working days, before the first of the fixed times, and once it was done for the latest of them:
    what comes in between waits for the next, so that a mail's time says nothing of when that was.
    """
    slot = _slot(timezone.localtime(now))
    if slot is None or Round.objects.filter(at=slot).exists():
        return 0
    today = slot.date()
    looked_at = 0
    while number := _escalate_batch(slot):
        looked_at += number
    _announce(slot)
    _ask_for_links(slot)
    if slot.time() == SLOTS[0]:
        for provider in Provider.objects.filter(triagers__state=Triager.State.ACTIVE).distinct():
            _say_that_nobody_looks(provider, today)
    # Noted last: a worker that is killed before leaves the round to the next tick, and the outbox tells nobody twice.
    Round.objects.bulk_create([Round(at=slot)], ignore_conflicts=True)
    return looked_at


def register() -> None:
    """Make the team's mails known to the outbox. They are private: that somebody gets one is nobody's business."""
    outbox.register(outbox.Rule(INVITED, load=_load, compose=_invited, private=True))
    outbox.register(outbox.Rule(LOOK, load=_load, compose=_look, private=True))
    outbox.register(outbox.Rule(UNOPENED, load=_load, compose=_unopened, private=True))


def _slot(now: datetime) -> datetime | None:
    """Return the latest fixed time that has passed today, or None."""
    if not is_working_day(now.date()):
        return None
    passed = [slot for slot in SLOTS if slot <= now.time()]
    return datetime.combine(now.date(), passed[-1], UK) if passed else None


def _escalate_batch(slot: datetime) -> int:
    today = slot.date()
    with transaction.atomic():
        due = list(
            Referral.objects.filter(warn_on__lte=today)
            .order_by("warn_on", "id")
            .select_for_update(of=("self",), skip_locked=True)
            .select_related("assignee")[:BATCH]
        )
        # A level that was told before, of a clock that was set back since, is not told again.
        told_before = set(Escalation.objects.filter(referral__in=due).values_list("referral", "clock", "level"))
        escalations, told = [], set()
        for referral in due:
            clock = clocks.running(referral)
            level = clock.level(today) if clock else None
            referral.warn_on = clock.next_level_on(today) if clock else None
            if clock and level and (referral.pk, clock.clock, level) not in told_before:
                escalations.append(Escalation(referral=referral, clock=clock.clock, level=level, on=today))
                told |= set(_whom_to_tell(referral, level))
        Referral.objects.bulk_update(due, ["warn_on"])
        Escalation.objects.bulk_create(escalations)
        outbox.write_many(LOOK, [(_subject(slot), person) for person in sorted(told)])
    return len(due)


def _whom_to_tell(referral: Referral, level: Escalation.Level) -> Iterable[int]:
    """Return the people to tell: who is in charge; and the leads when it is due, or when nobody is in charge."""
    assignee = referral.assignee
    if assignee and assignee.state == Triager.State.ACTIVE:
        yield assignee.user_id
    if level >= Escalation.Level.DUE or assignee is None or assignee.state != Triager.State.ACTIVE:
        yield from _leads(referral.provider_id)


def _leads(provider_id: int) -> Iterable[int]:
    leads = Triager.objects.active().filter(provider=provider_id, is_lead=True)
    return leads.values_list("user", flat=True)


def _announce(slot: datetime) -> None:
    """Tell the team of what came since the last of the fixed times."""
    with transaction.atomic():
        waiting = Referral.objects.filter(announced=False).order_by("id").select_for_update(skip_locked=True)
        new = list(waiting.values_list("pk", "provider"))
        Referral.objects.filter(pk__in=[pk for pk, _ in new]).update(announced=True)
        team = Triager.objects.active().filter(provider__in={provider for _, provider in new})
        outbox.write_many(LOOK, [(_subject(slot), person) for person in team.values_list("user", flat=True)])


def _ask_for_links(slot: datetime) -> None:
    """Tell who leads a group session that begins by the next working day, and whose guests cannot join it yet."""
    by = slot.date() + timedelta(days=1)
    while not is_working_day(by):
        by += timedelta(days=1)
    soon = GroupSession.objects.to_come().filter(starts_at__lt=datetime.combine(by + timedelta(days=1), time.min, UK))
    waiting = soon.filter(bookings__cancelled_on__isnull=True, bookings__link__isnull=True, taken__gt=0)
    people = Triager.objects.active().filter(group_sessions__in=waiting).values_list("user", flat=True).distinct()
    with transaction.atomic():
        outbox.write_many(LOOK, [(_subject(slot), person) for person in people])


def _say_that_nobody_looks(provider: Provider, today: Any) -> None:
    """Tell the leads when nobody has unlocked for three working days while something is open."""
    since = clocks.working_days_before(today, UNOPENED_AFTER)
    active = provider.triagers.active()
    if active.filter(unlocked_on__gte=since).exists() or not provider.referrals.open().exists():
        return
    with transaction.atomic():
        outbox.write_many(UNOPENED, [(f"day:{today}", person) for person in _leads(provider.pk)])


@receiver(post_save, sender=User, dispatch_uid="follow whether a triager may sign in")
def follow_account(
    sender: type[User], instance: User, update_fields: Collection[str] | None = None, **_: object
) -> None:
    """Follow whether a triager may sign in, and have the leads look when one no longer may: the form may close."""
    if update_fields is not None and "is_active" not in update_fields:
        return
    with transaction.atomic():
        for triager in Triager.objects.filter(user=instance).exclude(may_sign_in=instance.is_active):
            Triager.objects.filter(pk=triager.pk).update(may_sign_in=instance.is_active)
            if not instance.is_active:
                subject = f"barred:{triager.pk}:{timezone.localdate()}"
                outbox.write_many(LOOK, [(subject, person) for person in _leads(triager.provider_id)])


def _subject(slot: datetime) -> str:
    return f"slot:{slot:%Y-%m-%d-%H%M}"


def _load(subjects: Sequence[str]) -> dict[str, bool]:
    return dict.fromkeys(subjects, True)


def _look(loaded: object, person: User) -> outbox.Mail:
    return outbox.Mail(
        subject="Something to look at", template="referrals/look", link=outbox.Link("Sign in", "/queue/"), context={}
    )


def _invited(loaded: object, person: User) -> outbox.Mail:
    return outbox.Mail(
        subject="You are asked to join a team",
        template="referrals/invited",
        link=outbox.Link("Sign in", "/queue/"),
        context={},
    )


def _unopened(loaded: object, person: User) -> outbox.Mail:
    return outbox.Mail(
        subject="Nobody has looked for 3 working days",
        template="referrals/unopened",
        link=outbox.Link("Sign in", "/queue/"),
        context={},
    )

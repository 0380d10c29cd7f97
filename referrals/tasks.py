"""What runs at intervals. Each task decides from data what is due."""

from celery import shared_task

from referrals import escalation, retention, unlocking, unsent


@shared_task
def escalate() -> None:
    """Tell the team, at fixed times, that something wants to be looked at."""
    escalation.sweep()


@shared_task
def dispose() -> None:
    """Dispose of what was written about referrals whose time is over."""
    retention.dispose_of_due()


@shared_task
def forget() -> None:
    """Forget open queues that have closed, and what nobody came back for."""
    unlocking.forget_closed()
    unsent.forget_old()

"""What runs at intervals. Each task decides from data what is due."""

from celery import shared_task

from referrals import escalation, groups, proof, retention, unlocking, unsent


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


@shared_task
def draw_up_proof() -> None:
    """Draw up the tables of proof for what is over."""
    proof.draw_up()


@shared_task
def erase_past_groups() -> None:
    """Erase who came to the group sessions that are long over."""
    groups.erase_past()

"""What beat has the worker do. A task decides nothing: the verb reads from data what is due."""

from celery import shared_task

from cohorts import reminders, waiting_list


@shared_task
def write_due_reminders() -> None:
    """Write the reminders that are due."""
    reminders.write_due()


@shared_task
def expire_offers() -> None:
    """Take back the offers whose time has passed."""
    waiting_list.expire_offers()


@shared_task
def end_queues() -> None:
    """End the queues of sessions that have begun."""
    waiting_list.end_queues()

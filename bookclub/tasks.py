"""What beat has the worker do. A task decides nothing: the verb reads from data what is due."""

from celery import shared_task

from bookclub import digesting, nudging, reminding, reporting


@shared_task
def write_before_meetings() -> None:
    """Write to readers a week before their meeting."""
    nudging.write_due()


@shared_task
def write_digests() -> None:
    """Tell those who talk in threads what is new there, once a day."""
    digesting.write_due()


@shared_task
def remind_of_loans() -> None:
    """Write to whoever has a copy that is due back."""
    reminding.write_due()


@shared_task
def tell_of_overdue_reports() -> None:
    """Write to those who can deal with a reported post, once its two working days are over."""
    reporting.tell_what_is_overdue()

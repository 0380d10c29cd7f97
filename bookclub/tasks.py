"""What beat has the worker do. A task decides nothing: the verb reads from data what is due."""

from celery import shared_task

from bookclub import nudging


@shared_task
def write_before_meetings() -> None:
    """Write to readers a week before their meeting."""
    nudging.write_due()

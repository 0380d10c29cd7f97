"""What the workers do about retention."""

from celery import shared_task

from portal.retention import disposing


@shared_task
def dispose() -> None:
    """Dispose of what is due: a period passes as a day begins, so most of it is done in the first hour of the night."""
    disposing.dispose()

"""What the workers do about files."""

from celery import shared_task

from portal.imports import importing


@shared_task
def carry_out_waiting() -> None:
    """Carry out the files that wait; called when one was confirmed, and every 20 seconds."""
    importing.carry_out_waiting()


@shared_task
def forget() -> None:
    """Forget files that are over."""
    importing.forget()

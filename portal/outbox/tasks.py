"""What the workers do for the outbox."""

from celery import shared_task

from portal.outbox import sending
from portal.outbox.waking import wake_sender

AT_A_TIME = 1000
"""Messages that one task sends before it lets the worker's other tasks have their turn."""


@shared_task
def send_what_waits() -> None:
    """Send what waits; called when something was written, and every 20 seconds."""
    if sending.send_what_waits(AT_A_TIME):
        wake_sender()

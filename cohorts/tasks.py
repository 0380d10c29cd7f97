"""What beat has the worker do. A task decides nothing: the verb reads from data what is due."""

from celery import shared_task

from cohorts import (
    evaluation_letter,
    figures,
    graduating,
    offering,
    register_reminders,
    reminders,
    waiting_list,
)


@shared_task
def write_due_reminders() -> None:
    """Write the reminders that are due."""
    reminders.write_due()


@shared_task
def look_after_offers_of_places() -> None:
    """Remind of the offers of a place in a cohort that end soon, and end those whose time has passed."""
    offering.write_due_reminders()
    offering.lapse_due()


@shared_task
def ask_for_registers() -> None:
    """Ask for the registers that nobody has taken."""
    register_reminders.ask_for_registers()


@shared_task
def ask_how_sessions_were() -> None:
    """Write to everybody who came to a session that is over."""
    evaluation_letter.ask()


@shared_task
def expire_offers() -> None:
    """Take back the offers whose time has passed."""
    waiting_list.expire_offers()


@shared_task
def end_queues() -> None:
    """End the queues of sessions that have begun."""
    waiting_list.end_queues()


@shared_task
def draw_up_figures() -> None:
    """Draw up what organisation leads are told, once a month."""
    figures.draw_up()


@shared_task
def remind_of_graduations() -> None:
    """Remind of the invitations to a graduation that wait for an answer."""
    graduating.remind_due()

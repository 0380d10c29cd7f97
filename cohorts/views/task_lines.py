"""How "Your programme" says where somebody stands: a line for each component, and one for each choice of some."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.text import get_text_list

from cohorts import progress
from cohorts.completion import tally
from cohorts.models import Booking, Choice, Component, Membership
from cohorts.views.addresses import BOOKINGS, COMPONENTS
from portal.nhsuk.dates import say_date, say_moment, say_when
from portal.nhsuk.lists import Task


def task_list(membership: Membership, asked: Sequence[progress.Task], beside: Sequence[Task] = ()) -> dict[str, Any]:
    """Return what the page shows of one membership: its lines, how much of what is asked is done, and what is next.

    Before the first component of a choice stands a line of the choice itself; what stands `beside` comes last.
    """
    finished = {task.component.pk for task in asked if task.is_done}
    done, number = tally([task.component for task in asked], finished)
    choices = choices_so_far(asked)
    lines: list[Task] = []
    following: progress.Task | None = None
    for task in asked:
        part_of = choices.get(task.component.choice_id or 0)
        is_needed = not part_of.is_done if part_of else task.component.required
        if part_of and part_of.tasks[0] is task:
            lines.append(line_of_choice(part_of))
        lines.append(line(task, membership, part_of))
        if following is None and is_needed and not task.is_done:
            following = task
    return {
        "membership": membership,
        "prefix": f"membership-{membership.pk}",
        "lines": [*lines, *beside],
        "done": done,
        "asked": number,
        "next": following and say_next(following),
    }


@dataclass(frozen=True, slots=True)
class ChoiceSoFar:
    """A choice of components, and where somebody stands with each of them."""

    choice: Choice
    tasks: Sequence[progress.Task]

    @property
    def done(self) -> int:
        """How many of its components are done."""
        return sum(task.is_done for task in self.tasks)

    @property
    def is_done(self) -> bool:
        """Say whether that is as many as it asks for."""
        return self.done >= self.choice.at_least


def choices_so_far(asked: Sequence[progress.Task]) -> dict[int, ChoiceSoFar]:
    """Return where somebody stands with each choice, by its key."""
    parts: dict[Choice, list[progress.Task]] = {}
    for task in asked:
        if task.component.choice:
            parts.setdefault(task.component.choice, []).append(task)
    return {choice.pk: ChoiceSoFar(choice, tasks) for choice, tasks in parts.items()}


def say_next(task: progress.Task) -> str:
    """Say what comes next, and by which day if that is still to come."""
    title = f"“{task.component.title}”"
    if task.due_on is None or task.due_on < timezone.localdate():
        return title
    return f"{title}, by {say_date(task.due_on)}"


def line_of_choice(so_far: ChoiceSoFar) -> Task:
    """Say how many of its components a choice asks for, which they are, how many are done and by when."""
    choice, tasks = so_far.choice, so_far.tasks
    if so_far.is_done:
        return Task(
            choice.title, "", f"You have done {so_far.done} of these {len(tasks)}.", "Completed", completed=True
        )
    names = get_text_list([f"“{task.component.title}”" for task in tasks], "and")
    how_many = f"Choose at least {choice.at_least}" if choice.at_least < len(tasks) else "Do all"
    hints = [f"{how_many} of these {len(tasks)}: {names}.", *by_when(tasks[0].due_on)]
    return Task(choice.title, "", " ".join(hints), f"{so_far.done} of {choice.at_least} done", "blue")


def by_when(due_on: date | None) -> list[str]:
    """Say by which day something is to be done, if by any; of a day that has passed, say so and no more."""
    if due_on is None:
        return []
    if due_on < timezone.localdate():
        return [f"The day for this was {say_date(due_on)}. You can still do it."]
    return [f"Do this by {say_date(due_on)}."]


def line(task: progress.Task, membership: Membership, part_of: ChoiceSoFar | None) -> Task:
    """Say where somebody stands with one component, and where its page is."""
    component, booking = task.component, task.booking
    page = COMPONENTS.of(membership.pk, component.slug)
    if task.is_done:
        return Task(component.title, page, "", "Completed", completed=True)
    if booking is not None:
        return line_of_booking(component, booking)
    if part_of:
        has_enough = "Optional: you have done enough of" if part_of.is_done else "One of"
        hints = [f"{has_enough} “{part_of.choice.title}”."]
    else:
        hints = [*([] if component.required else ["Optional."]), *by_when(task.due_on)]
    if task.waits_for_dates:
        return Task(component.title, page, " ".join(hints), "No dates yet", cannot_start=True)
    if task.best_after:
        hints.append(f"Best done after “{task.best_after.title}”.")
    status = "Choose a date" if component.is_booked and task.has_dates else "To do"
    return Task(component.title, page, " ".join(hints), status, "blue")


def line_of_booking(component: Component, booking: Booking) -> Task:
    """Say how a booking stands."""
    session = booking.session
    when = say_when(session.starts_at, session.ends_at)
    href = BOOKINGS.of(booking.uid)
    if booking.state == Booking.State.OFFERED and booking.offer_expires_at:
        held_until = f"{when}. We hold a place for you until {say_moment(booking.offer_expires_at)}."
        return Task(component.title, href, held_until, "Offered", "orange")
    if booking.state == Booking.State.WAITING:
        return Task(component.title, href, when, "Waiting list", "yellow")
    if booking.clashing:
        return Task(component.title, href, f"{when}. This clashes with another booking.", "Clash", "red")
    if session.has_begun:
        return Task(component.title, href, when, "Register to come", "grey")
    return Task(component.title, href, when, "Booked", "green")

"""What the demonstration's programme team writes to a cohort: one message that was sent, and one that is a draft."""

from cohorts import writing
from cohorts.models import Cohort, CohortMessage, Component
from portal.accounts.models import User


def write_to(cohort: Cohort, about: Component, *, by: User) -> None:
    """Send a cohort a message, and leave a draft to those who have not booked a component."""
    welcome = CohortMessage.objects.create(
        cohort=cohort,
        subject="Thank you for training day 1",
        body=(
            "Dear {name},\n\nthank you for what you brought to the first training day of {cohort}. The slides are on "
            "its page now.\n\nSomething stayed with you and will not let go? You can talk it over with your champion, "
            "or in confidence with a therapist: “Confidential support” is at the foot of every page."
        ),
        written_by=by,
    )
    writing.send(welcome, looked_at=writing.digest(welcome), to=writing.recipients(welcome).count(), by=by)
    CohortMessage.objects.create(
        cohort=cohort,
        part=CohortMessage.Part.NOT_BOOKED,
        component=about,
        subject="Have you chosen your date?",
        body="Dear {name},\n\nyou have not booked training day 2 yet. There are two dates. Which of them suits you?",
        written_by=by,
    )

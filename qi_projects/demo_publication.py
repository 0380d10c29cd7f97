"""What the demonstration's teams publish: one project that is in the gallery, and one that an editor has to read.

What is measured is entered before a project is finished, and so apart from what is published of it.
"""

from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone

from portal import together
from portal.accounts.models import User
from qi_projects import entering, measuring, naming, publishing
from qi_projects.models import Measure, Project, Publication
from qi_projects.readings import Reading

HAD_ONE: Final = "Women who had a professional interpreter at booking"
DEFINITION: Final[dict[str, Any]] = {
    "name": HAD_ONE,
    "kind": Measure.Kind.OUTCOME,
    "counted": Measure.Counted.PROPORTION,
    "often": Measure.Often.FORTNIGHT,
    "direction": Measure.Direction.HIGHER,
    "target": Decimal(90),
    "numerator": "women with a professional interpreter, there or by video, for the whole appointment",
    "denominator": "women at a booking appointment who need an interpreter",
    "definition": "She needs one if she says so at the reception. A relative, and a few minutes by telephone, do not "
    "count.",
    "sampling": "Every booking appointment at the two clinics.",
    "chart": Measure.Chart.P,
    "rules": Measure.Rules.NHS_MDC,
    # Before receptionists asked.
    "baseline": 7,
}
COUNTED: Final = (
    *((5, 12), (4, 11), (6, 14), (5, 13), (4, 10), (6, 13), (5, 12)),
    *((10, 13), (11, 14), (9, 12), (13, 15), (12, 14), (10, 11), (17, 20), (14, 16)),
)
HEARD_OF: Final[dict[str, Any]] = {
    "organisation_name": "Two community midwifery clinics of a large trust",
    "what_changed": "Receptionists ask one question when they make the appointment: in which language do you speak "
    "best of your health? The answer books the interpreter, and the appointment is 15 minutes longer.\n\nWe also tried "
    "interpreting by telephone at short notice.",
    "result": Publication.Result.IMPROVED,
    "what_came_of_it": "From about 4 of 10 to about 17 of 20 women in five months. The one question did most of it. "
    "Telephone interpreting at short notice did not help: the line was poor, and women told us that they felt rushed.",
    "tell_next": "Ask the receptionists first, they knew it all along. Plan the longer appointment before you begin: "
    "the clinic runs late otherwise, and people blame the interpreter.",
}
JAUNDICE: Final[dict[str, Any]] = {
    "what_changed": "A teaching hour with pictures of babies of every skin tone, and one bilirubin meter on the ward.",
    "result": Publication.Result.CANNOT_TELL,
    "tell_next": "Find a sponsor before you begin, and measure for two weeks before you change anything.",
}


def measure(project: Project, *, by: User) -> None:
    """Enter what a project found every two weeks, up to the last of them."""
    today = timezone.localdate()
    monday = today - timedelta(days=today.weekday())
    found = [
        Reading(monday - timedelta(weeks=2 * ago), numerator=Decimal(few), denominator=Decimal(of))
        for ago, (few, of) in zip(range(len(COUNTED), 0, -1), COUNTED, strict=True)
    ]
    begun = measuring.begin(project, DEFINITION, by=by)
    entering.enter_all(begun, found, agreed=entering.plan(begun, found).mark, by=by)


def publish(project: Project, *, by: User, named: User, editor: User) -> None:
    """Publish a project with its chart: its lead is named, another with their name alone, and nobody else."""
    sent = _send(project, HEARD_OF, by=by)
    naming.answer(sent, naming.bylines(by)[0], by=by)
    naming.answer(sent, naming.bylines(named)[-1], by=named)
    publishing.publish(sent, read=sent.version, by=editor)


def send(project: Project, *, by: User) -> None:
    """Send one to an editor of which its team cannot tell what came of it."""
    _send(project, JAUNDICE, by=by)


def _send(project: Project, says: dict[str, Any], *, by: User) -> Publication:
    begun = publishing.begin(project, by=by)
    says = {**says, "measures_shown": list(project.measures.values_list("pk", flat=True))}
    publishing.change(begun, says, seen=together.seen(begun, says), by=by)
    return publishing.send(begun, by=by)

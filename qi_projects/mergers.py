"""What becomes of projects when an organisation becomes a part of another."""

from collections.abc import Iterator

from portal.accounts.moving import Line
from portal.accounts.organisations import Merger, moves_with_organisations
from qi_projects.models import Project


@moves_with_organisations("qi_projects.project.organisation")
def move(merger: Merger) -> Iterator[Line]:
    """Move what goes on. What has ended says where the change was tried then."""
    of_it = Project.objects.filter(organisation=merger.leaving)
    if moved := of_it.filter(state__in=Project.GOING_ON).update(organisation=merger.staying):
        yield Line("QI projects", f"{moved:,} that go on", f"Are at {merger.staying} from now on")
    if stays := of_it.count():
        yield Line("QI projects", f"{stays:,} that have ended", "Stay as they were: they say where they took place")

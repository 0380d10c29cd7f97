"""Why something was not done to a project, in words for the person."""

from qi_projects.models import Measure, Point


class ProjectRefused(Exception):
    """Nothing was done. `str()` says why."""

    message = "This has changed since you opened the page. Below is how it stands now."

    def __init__(self, message: str = "") -> None:
        super().__init__(message or self.message)


class ProjectOver(ProjectRefused):
    """It has ended, and is read alone until a lead takes it up again."""

    message = "This project has ended, so it cannot be changed. A lead of it can take it up again."


class ProjectGone(ProjectRefused):
    """A draft that was deleted meanwhile."""

    message = "This project was deleted."


class BoxGone(ProjectRefused):
    """A box of the driver diagram that was deleted meanwhile."""

    message = "Somebody else has deleted this box of the diagram since you opened the page."


class IdeaTried(ProjectRefused):
    """A change idea that cycles try out."""

    message = (
        "PDSA cycles try out this idea, so it stays in the diagram with what they found. You can change its words."
    )


class FileGone(ProjectRefused):
    """A file that was removed meanwhile."""

    message = "Somebody else has removed this file since you opened the page."


class FileReplaced(ProjectRefused):
    """In the place of a file there is another."""

    message = (
        "Nothing was done: somebody else has put another file in the place of this one since you opened the page. Look "
        "at theirs first."
    )


class CycleGone(ProjectRefused):
    """A plan of a cycle, or a question of one, that was deleted meanwhile."""

    message = "Somebody else has deleted this since you opened the page."


class CycleMovedOn(ProjectRefused):
    """A cycle that has come to another step."""

    message = (
        "Somebody has taken this cycle on to its next step since you opened the page, so what belongs to the step "
        "before stays as it was. Write what is different now in the step that it has come to."
    )


class PredictionsLocked(ProjectRefused):
    """Do has begun."""

    message = (
        "Do has begun, so questions and predictions stay as they were: what you predicted is worth something because "
        "nobody can change it afterwards. Write what you found in Study."
    )


class DatesOutOfOrder(ProjectRefused):
    """Days of a cycle that are not one after the other, or have not come."""


class NotYet(ProjectRefused):
    """Something of a step is missing before the next begins."""


class NotReady(ProjectRefused):
    """Something is missing before a project becomes active."""


class LastLead(ProjectRefused):
    """Without this person nobody would lead the project."""

    message = (
        "A project always has a lead, and there is no other one. Make somebody else in the team a lead first, or end "
        "the project."
    )


class InvitationOver(ProjectRefused):
    """It was answered, or taken back."""

    message = "This invitation was answered or taken back already."


class InvitedAlready(ProjectRefused):
    """The address has an invitation that waits."""

    message = "This address has an invitation to this project already. Take it back to send another."


class TooManyInvitations(ProjectRefused):
    """More letters than any team needs."""

    message = "You have sent many invitations today. Wait until tomorrow to send more."


class NoCoach(ProjectRefused):
    """Whoever was chosen does not hold the portal's role of QI coach, or not any more."""

    message = "They are no QI coach on this portal now. Choose somebody else."


class InTeamAlready(ProjectRefused):
    """A coach stands beside a team, and not in it."""

    message = "They are in the team of this project already, as something else. Choose somebody else."


class ThreadSettled(ProjectRefused):
    """It was marked as dealt with meanwhile."""

    message = "Somebody has marked this as dealt with meanwhile, so nothing can be added. You can begin anew."


class Away(ProjectRefused):
    """Days on which somebody cannot be away, or cannot stand in."""


class NotForReview(ProjectRefused):
    """What a project needs before somebody can review it is missing."""


class ReviewMoved(ProjectRefused):
    """The review stands somewhere else by now: another has decided, or the team has taken it back."""

    message = "Nothing was done: this was decided or taken back a moment ago. Below is how it stands now."


class ChangedSinceRead(ProjectRefused):
    """The team has changed the project while a reviewer read it."""

    message = (
        "Nothing was decided: the team has changed the project since you opened this page. Read what is new, and then "
        "decide. What you wrote is below."
    )


class MeasureGone(ProjectRefused):
    """It was deleted meanwhile."""

    message = "This measure was deleted."


class MeasurePutAway(ProjectRefused):
    """It is no longer measured."""

    message = "This is no longer measured. Take the measure up again to change it."


class MeasureNotToChoose(ProjectRefused):
    """A measure that is no longer measured cannot be chosen for a driver or a cycle."""

    def __init__(self, measure: Measure) -> None:
        super().__init__(
            f"Nothing is saved: “{measure}” is no longer measured. Choose others, or take it up again first."
        )


class TooManyMeasures(ProjectRefused):
    """More than anybody can keep up."""

    message = "A project takes 30 measures. Most projects need 4 to 8. Put one away that is no longer measured."


class CountedAlready(ProjectRefused):
    """What each point is cannot change under the points that are there."""

    message = "There are points already, so what each point is cannot be changed. Add another measure for that."


class DayTaken(ProjectRefused):
    """There is another point for the day: `point`."""

    message = "There is a point for this day already."

    def __init__(self, point: Point) -> None:
        self.point = point
        super().__init__()


class PointGone(ProjectRefused):
    """It was taken out meanwhile."""

    message = "This point was taken out meanwhile."


class TooManyPoints(ProjectRefused):
    """More days than there are."""

    message = "A measure takes 10,000 points: 27 years of days."


class PointsChanged(ProjectRefused):
    """What would be saved is no longer what the person agreed to."""

    message = (
        "Nothing is saved yet: what you pasted, or what is there already, is not what you looked at. Below is what "
        "would be saved now."
    )


class NoSuchPhase(ProjectRefused):
    """New limits cannot begin there."""


class NotToPublish(ProjectRefused):
    """What a project needs before it can be published is missing."""


class PublicationMoved(ProjectRefused):
    """The publication stands somewhere else by now: somebody has sent, decided or taken it back."""

    message = "Nothing was done: somebody has sent, decided about or taken back this publication meanwhile."


class PublicationChanged(ProjectRefused):
    """The team has changed its publication while an editor read it."""

    message = "Nothing was done: the team has changed this since you opened the page. Read what is new first."


class BylineChanged(ProjectRefused):
    """Somebody would agree to what is not their name, role and organisation any more."""

    message = "Your name, role or organisation has changed since you opened this page. Choose again how you are named."

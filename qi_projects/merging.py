"""What becomes of somebody's places in projects' teams when two accounts of theirs are put together."""

from collections.abc import Iterator
from typing import Final

from django.utils import timezone

from cohorts.models import Membership
from portal.accounts.merging import Merging, keeps_where_it_is, merges_people
from portal.accounts.models import User
from portal.accounts.moving import MOVES, Line
from portal.nhsuk.dates import say_date
from qi_projects import naming
from qi_projects.models import CoachAbsence, NamingConsent, Project, TeamPlace
from qi_projects.models.teams import Role
from qi_projects.standing_in import hold_table

FROM_THE_HIGHEST: Final = tuple(Role)
Answer = NamingConsent.Answer

keeps_where_it_is(
    {
        "qi_projects.teaminvitation.invited_by": "what they did: nobody's to change",
        "qi_projects.approval.recorded_by": "what they did: nobody's to change",
        "qi_projects.statement.said_by": "what they did: nobody's to change",
        "qi_projects.progressscore.set_by": "what they did: nobody's to change",
        "qi_projects.submission.submitted_by": "what they did: nobody's to change",
        "qi_projects.submission.decided_by": "what they did: nobody's to change",
        "qi_projects.submission.undone_by": "what they did: nobody's to change",
        "qi_projects.publication.sent_by": "what they did: nobody's to change",
        "qi_projects.publication.decided_by": "what they did: nobody's to change",
        "qi_projects.publication.ended_by": "what they did: nobody's to change",
        "qi_projects.thread.settled_by": "what they did: nobody's to change",
        "qi_projects.threadmessage.author": "what they did: nobody's to change",
        "qi_projects.point.entered_by": "what they did: nobody's to change",
        "qi_projects.earlierpoint.changed_by": "what they did: nobody's to change",
        "qi_projects.rebasedecision.decided_by": "what they did: nobody's to change",
        "qi_projects.annotation.written_by": "what they did: nobody's to change",
    }
)


def hold(leaving: User, staying: User) -> None:
    """Lock the projects in whose teams either is, as every verb of this app does first."""
    theirs = TeamPlace.objects.filter(user__in=[leaving, staying])
    projects = Project.objects.filter(pk__in=theirs.values("project"))
    list(projects.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))
    hold_table()


@merges_people("qi_projects.teamplace.user", hold=hold)
def move(merging: Merging) -> Iterator[Line]:
    """Move somebody's places. In a team in which both are, the higher of the two roles stays.

    Projects are named by number: what a draft is called is for its team alone. Memberships have moved before.
    """
    for place in TeamPlace.objects.filter(user=merging.leaving).select_related("membership").order_by("pk"):
        place.user = merging.staying
        place.membership = _own(place.membership, merging.staying)
        both = TeamPlace.objects.live().filter(project=place.project_id, user=merging.staying).first()
        clashes = place.left_at is None and both is not None
        if both and clashes:
            both.role = min(Role(both.role), Role(place.role), key=FROM_THE_HIGHEST.index)
            both.membership = both.membership or place.membership
            both.save(update_fields=["role", "membership"])
            place.left_at = timezone.now()
        place.save(update_fields=["user", "membership", "left_at"])
        becomes = "Both are in it: the one who may do more stays" if clashes else MOVES
        yield Line("Place in a project's team", f"Project {place.project_id}", becomes, clashes=clashes)


@merges_people("qi_projects.coachabsence.coach", "qi_projects.coachabsence.covered_by")
def move_absences(merging: Merging) -> Iterator[Line]:
    """Move when somebody is away, and when they stand in. Nobody is away twice at a time, or stands in for themselves.

    Of days that overlap, those of the account that stays do.
    """
    own = CoachAbsence.objects.filter(coach=merging.staying)
    for absence in CoachAbsence.objects.filter(coach=merging.leaving).order_by("pk"):
        about = f"{say_date(absence.from_on)} to {say_date(absence.to_on)}"
        if own.filter(from_on__lte=absence.to_on, to_on__gte=absence.from_on).exists():
            absence.delete()
            yield Line("Days away as a coach", about, "Both are away on some of them: one stays", clashes=True)
            continue
        absence.coach = merging.staying
        absence.covered_by = None if absence.covered_by_id == merging.staying.pk else absence.covered_by
        absence.save(update_fields=["coach", "covered_by"])
        yield Line("Days away as a coach", about, MOVES)
    standing_in = CoachAbsence.objects.filter(covered_by=merging.leaving)
    standing_in.filter(coach=merging.staying).update(covered_by=None)
    if moved := standing_in.update(covered_by=merging.staying):
        yield Line("Days on which a coach stands in", f"{moved:,}", MOVES)


@merges_people("qi_projects.namingconsent.person")
def move_consents(merging: Merging) -> Iterator[Line]:
    """Move what somebody answered about being named. Where both have, the later answer stays.

    It is what the person said last: a no that came after a yes is not overruled, and where a name goes by it, those who
    lead the project are told. A name stands as it was agreed to.
    """
    own = {said.publication_id: said for said in NamingConsent.objects.filter(person=merging.staying)}
    for said in NamingConsent.objects.filter(person=merging.leaving).order_by("pk"):
        about = f"Publication {said.publication_id}"
        if other := own.get(said.publication_id):
            earlier, later = sorted((said, other), key=lambda each: each.answered_at)
            was_named = earlier.answer == Answer.NAMED and later.answer != Answer.NAMED
            earlier.delete()
            _move_answer(later, merging.staying)
            if was_named:
                naming.tell_of_a_name_gone(later)
            yield Line("Being named", about, "Both have answered: the later answer stays", clashes=True)
            continue
        _move_answer(said, merging.staying)
        yield Line("Being named", about, MOVES)


def _move_answer(said: NamingConsent, staying: User) -> None:
    said.person = staying
    said.save(update_fields=["person"])


def _own(membership: Membership | None, staying: User) -> Membership | None:
    """Return for what a project counts: where both were in a cohort, the membership of the account that stays."""
    if membership is None or membership.user_id == staying.pk:
        return membership
    return Membership.objects.filter(user=staying, cohort=membership.cohort_id).first()

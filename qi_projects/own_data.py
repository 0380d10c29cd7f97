"""What is held about a person's part in projects; see `portal.subject_access`."""

from collections.abc import Iterable

from django.db.models import Q

from portal.accounts.models import User
from portal.subject_access import Row, holds_about_people
from qi_projects.inviting import addresses_of, invitations_to
from qi_projects.models import (
    CoachAbsence,
    NamingConsent,
    ProgressScore,
    Publication,
    Statement,
    Submission,
    TeamPlace,
    ThreadMessage,
)


@holds_about_people("Quality improvement projects")
def places(person: User) -> Iterable[Row]:
    """Tell in which teams they are or were. What a team has written together is read on the project's page."""
    found = TeamPlace.objects.filter(user=person).order_by("pk")
    for place in found.select_related("project", "membership__cohort"):
        yield {
            "project": str(place.project),
            "state": place.project.get_state_display(),
            "in the team as": place.get_role_display(),
            "counts for": place.membership and place.membership.cohort.name,
            "joined": place.joined_at,
            "left": place.left_at,
        }


@holds_about_people("Invitations to projects")
def invitations(person: User) -> Iterable[Row]:
    """Tell which teams have asked them to join."""
    for invitation in invitations_to(addresses_of(person)).select_related("project").order_by("pk"):
        yield {
            "project": str(invitation.project),
            "as": invitation.get_role_display(),
            "sent": invitation.sent_at,
            "state": invitation.get_state_display(),
        }


@holds_about_people("Statements about projects")
def statements(person: User) -> Iterable[Row]:
    """Tell of which projects they said on record that nothing there identifies a patient."""
    for said in Statement.objects.filter(said_by=person).select_related("project").order_by("pk"):
        yield {
            "project": str(said.project),
            "what": said.get_basis_display(),
            "reference": said.reference,
            "said": said.said_at,
        }


@holds_about_people("What you wrote beside projects")
def words_beside_projects(person: User) -> Iterable[Row]:
    """Tell what they wrote to a team or its coaches. What was written to them is read on the project's page."""
    for message in ThreadMessage.objects.filter(author=person).select_related("thread__project").order_by("pk"):
        yield {
            "project": str(message.thread.project),
            "for": message.get_side_display(),
            "what": message.text,
            "written": message.written_at,
        }


@holds_about_people("Progress scores that you set")
def scores(person: User) -> Iterable[Row]:
    """Tell where they saw projects, and why."""
    for record in ProgressScore.objects.filter(set_by=person).select_related("project").order_by("pk"):
        yield {
            "project": str(record.project),
            "score": str(record.score),
            "what supports it": record.supported_by,
            "set": record.set_at,
        }


@holds_about_people("Reviews of projects")
def reviews(person: User) -> Iterable[Row]:
    """Tell which projects they sent for review or decided about, and what they wrote with it."""
    theirs = Q(submitted_by=person) | Q(decided_by=person) | Q(undone_by=person)
    for sent in Submission.objects.filter(theirs).select_related("project").order_by("pk"):
        yield {
            "project": str(sent.project),
            "state": sent.get_state_display(),
            "sent": sent.submitted_at,
            "what you wrote with it": sent.note if sent.submitted_by_id == person.pk else "",
            "what you wrote as reviewer": sent.reasons if sent.decided_by_id == person.pk else "",
            "why you took the acceptance back": sent.undone_why if sent.undone_by_id == person.pk else "",
        }


@holds_about_people("Days away as a coach")
def absences(person: User) -> Iterable[Row]:
    """Tell when they said that they are away, and when they stand in for somebody."""
    for absence in CoachAbsence.objects.filter(Q(coach=person) | Q(covered_by=person)).order_by("pk"):
        yield {
            "what": "Away" if absence.coach_id == person.pk else "Standing in for another coach",
            "from": absence.from_on,
            "to": absence.to_on,
        }


@holds_about_people("Being named under published projects")
def consents(person: User) -> Iterable[Row]:
    """Tell what they answered when they were asked whether to be named, and what stands there."""
    for said in NamingConsent.objects.filter(person=person).select_related("publication").order_by("pk"):
        yield {
            "project": str(said.publication),
            "answer": said.get_answer_display(),
            "as": said.byline,
            "answered": said.answered_at,
        }


@holds_about_people("Publications of projects")
def publications(person: User) -> Iterable[Row]:
    """Tell which publications they sent, decided about or took back, and what they wrote with it."""
    theirs = Q(sent_by=person) | Q(decided_by=person) | Q(ended_by=person)
    for publication in Publication.objects.filter(theirs).order_by("pk"):
        yield {
            "project": str(publication),
            "state": publication.get_state_display(),
            "sent by you": publication.sent_at if publication.sent_by_id == person.pk else None,
            "decided by you": publication.decided_at if publication.decided_by_id == person.pk else None,
            "what you wrote as editor": publication.reasons if publication.decided_by_id == person.pk else "",
            "taken back by you": publication.ended_at if publication.ended_by_id == person.pk else None,
            "why": publication.ended_why if publication.ended_by_id == person.pk else "",
        }

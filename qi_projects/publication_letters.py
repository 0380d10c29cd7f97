"""What teams and editors are told by letter about publishing a project. No subject names a project, nor anybody.

A letter about what no longer stands is not sent: each is composed as the publication is by then.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from django.db.models import Prefetch
from django.urls import reverse

from cohorts.rules import keeps_programmes
from portal import outbox
from portal.accounts.models import User
from portal.nhsuk.dates import say_date
from qi_projects.models import Approval, NamingConsent, Publication, TeamPlace

TEMPLATE: Final = "qi_projects/team"
EDITOR: Final = "qi_projects/editor"
State = Publication.State
ASKED: Final = (
    "The team of the project “{project}” would like others to learn from it, and is about to publish it for everybody "
    "to read. Would you like to be named? Nobody is named who has not said yes. You can take your name back at any "
    "time."
)
NAME_GONE: Final = (
    "Somebody who worked on the project “{project}” is no longer named in what you publish of it. The name is gone "
    "already, and you need do nothing. That is for each person to say, at any time, and needs no reason."
)
NO_LONGER_APPROVED: Final = (
    "It was recorded on {day} that the organisation of the project “{project}” no longer approves of it. The project "
    "is published, and stays so until its team or an editor takes it out of the gallery. {what}"
)
A_LEAD_CAN: Final = "You can take it out, or record it if the organisation approves after all."
AN_EDITOR_CAN: Final = "Ask the team what is meant, if that can wait. You can take it out at any time, and say why."
RETURNED: Final = (
    "An editor has read what you want to publish of the project “{project}”, and has returned it with what they would "
    "like to see first. You can work on it and send it again."
)
TOLD: Final = {
    "publication.returned": (
        "What you want to publish was returned",
        RETURNED,
        State.RETURNED,
    ),
    "publication.published": (
        "Your project is published",
        "Everybody can read the project “{project}” in the gallery now. Thank you for letting others learn from it.",
        State.PUBLISHED,
    ),
    "publication.taken_down": (
        "Your project is no longer published",
        "An editor has taken the project “{project}” out of the gallery. Its page says why, and you can send it again.",
        State.TAKEN_BACK,
    ),
}
"""By rule: the subject, what is told, and how the publication stands while that is so."""


def register() -> None:
    """Make these letters known to the outbox."""
    _register("publication.asked", _load_publications, compose_asked)
    _register("publication.name_gone", _load_answers, compose_name_gone)
    _register("publication.approval_ended", _load_approvals, compose_approval_ended)
    for rule in TOLD:
        _register(rule, _load_publications, _composing(rule))


def compose_asked(publication: Publication, person: User) -> outbox.Mail | None:
    """Ask somebody whether to be named, unless they have answered or it was taken back."""
    answered = {consent.person_id for consent in publication.consents.all()}
    if publication.state == State.TAKEN_BACK or person.pk in answered:
        return None
    address = reverse("publication_naming", args=[publication.project_id])
    lead = ASKED.format(project=publication.project)
    return _mail("A question about a project of yours", lead, "Say yes or no", address)


def compose_name_gone(said: NamingConsent, person: User) -> outbox.Mail | None:
    """Tell one who leads a project that somebody's name is gone; nothing, where it stands there again."""
    if said.answer == NamingConsent.Answer.NAMED:
        return None
    project = said.publication.project
    address = reverse("project_publication", args=[project.pk])
    return _mail("About a name in your publication", NAME_GONE.format(project=project), "See who is named", address)


def compose_approval_ended(approval: Approval, person: User) -> outbox.Mail | None:
    """Tell a lead, or an editor, that an organisation approves no longer of what is published, while that is so."""
    project = approval.project
    published = next((each for each in project.publications.all() if each.state == State.PUBLISHED), None)
    if published is None or project.approvals.all()[0].decision != Approval.Decision.ENDED:
        return None
    day = say_date(approval.recorded_at, weekday=False)
    subject = "About the approval of a published project"
    if any(place.user_id == person.pk and place.is_lead for place in project.team.all()):
        says = NO_LONGER_APPROVED.format(day=day, project=project, what=A_LEAD_CAN)
        return _mail(subject, says, "See how it stands", _page(project.pk))
    if not keeps_programmes(person):
        return None
    address = reverse("admin:qi_projects_publication_change", args=[published.pk])
    says = NO_LONGER_APPROVED.format(day=day, project=published, what=AN_EDITOR_CAN)
    return _mail(subject, says, "Read it and decide", address, template=EDITOR)


def _composing(rule: str) -> Callable[[Publication, User], outbox.Mail | None]:
    subject, says, state = TOLD[rule]

    def compose(publication: Publication, person: User) -> outbox.Mail | None:
        """Tell somebody of a team what an editor has done, while it stands and they are in the team."""
        project = publication.project
        if publication.state != state or person.pk not in {place.user_id for place in project.team.all()}:
            return None
        return _mail(subject, says.format(project=project), "See how it stands", _page(project.pk))

    return compose


def _register(name: str, load: Callable[[Sequence[str]], Mapping[str, Any]], compose: Callable[..., Any]) -> None:
    outbox.register(outbox.Rule(name, load=load, compose=compose, private=True))


def _load_publications(subjects: Sequence[str]) -> Mapping[str, Publication]:
    """Read publications, of which each subject names one, and the version about which it tells."""
    rows = (
        Publication.objects.select_related("project")
        .defer("search")
        .prefetch_related("consents", Prefetch("project__team", TeamPlace.objects.live()))
    )
    return _by_subject(subjects, rows)


def _load_answers(subjects: Sequence[str]) -> Mapping[str, NamingConsent]:
    return _by_subject(
        subjects, NamingConsent.objects.select_related("publication__project").defer("publication__search")
    )


def _load_approvals(subjects: Sequence[str]) -> Mapping[str, Approval]:
    rows = Approval.objects.select_related("project").prefetch_related(
        "project__approvals",
        Prefetch("project__publications", Publication.objects.defer("search")),
        Prefetch("project__team", TeamPlace.objects.live()),
    )
    return _by_subject(subjects, rows)


def _by_subject(subjects: Sequence[str], rows: Any) -> Mapping[str, Any]:
    keys = {subject: int(subject.split(":")[1]) for subject in subjects}
    found = rows.in_bulk(keys.values())
    return {subject: found[key] for subject, key in keys.items() if key in found}


def _mail(subject: str, lead: str, text: str, address: str, template: str = TEMPLATE) -> outbox.Mail:
    return outbox.Mail(subject=subject, template=template, context={"lead": lead}, link=outbox.Link(text, address))


def _page(pk: int) -> str:
    return reverse("project_publication", args=[pk])

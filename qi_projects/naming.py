"""Whether somebody is named under a publication: asked of each person, answered by themselves, taken back at any time.

Whoever has not answered is not named. An answer is written under the project's lock, as publishing is, so that a name
taken back in the moment of publishing is on no page; every page reads the names anew.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils import timezone

from portal import outbox, trail
from portal.accounts.carried_names import Earlier, carries_names
from portal.accounts.erasure import let_author_stay
from portal.accounts.models import User
from portal.outbox.models import Message
from portal.prepared import Given, Prepared
from qi_projects.holding import hold, note
from qi_projects.models import NamingConsent, Project, Publication, TeamPlace
from qi_projects.models.teams import Role
from qi_projects.refusals import BylineChanged, PublicationMoved

Answer = NamingConsent.Answer
ASKED: Final = "publication.asked"
NOT_NAMED: Final = ""
"""The byline of whoever is not to be named."""
TOLD: Final = (
    *("title", "setting", "theme_id", "organisation_name", "noticed", "aim", "what_changed", "result"),
    *("what_came_of_it", "tell_next", "measures_shown", "shows_diagram"),
)
"""What somebody agrees to stand under."""


_NAMED: Prepared[Any] = Prepared(
    lambda: (
        NamingConsent.objects.filter(publication=Given("publication"), answer=Answer.NAMED)
        .order_by("answered_at", "pk")
        .values_list("byline")
    )
)


def asked(project: Project) -> QuerySet[User]:
    """Return who is asked: everybody in the team, and who has left it but did more than read."""
    places = TeamPlace.objects.filter(project=project, user=OuterRef("pk"))
    worked = places.filter(Q(left_at__isnull=True) | ~Q(role=Role.VIEWER))
    return User.objects.filter(Exists(worked), is_active=True).order_by("pk")


def was_asked(publication: Publication, person: User) -> bool:
    """Say whether somebody who would be asked has been: by sending it, by a letter, or since they have answered.

    Letters are forgotten in time; that it is with an editor, or published, says the same.
    """
    if publication.state in {Publication.State.SENT, Publication.State.PUBLISHED}:
        return True
    letters = Message.objects.filter(rule=ASKED, subject=_subject(publication.pk), person=person)
    return letters.exists() or answer_of(publication, person) is not None


def waiting_for(person: User) -> QuerySet[Publication]:
    """Return the publications about which somebody has been asked and has not answered, each with its project."""
    places = TeamPlace.objects.filter(project=OuterRef("project"), user=person)
    worked = places.filter(Q(left_at__isnull=True) | ~Q(role=Role.VIEWER))
    subject = Concat(Value(_subject("")), Cast(OuterRef("pk"), CharField()))
    letters = Message.objects.filter(rule=ASKED, subject=subject, person=person)
    answers = NamingConsent.objects.filter(publication=OuterRef("pk"), person=person)
    rows = Publication.objects.live().filter(Exists(worked), ~Exists(answers))
    asked_by = Q(state__in=[Publication.State.SENT, Publication.State.PUBLISHED]) | Exists(letters)
    return rows.filter(asked_by).select_related("project").defer("search")


def bylines(person: User) -> Sequence[str]:
    """Return how somebody may stand under a publication, the fullest first: with their name, and what else they wish.

    They agree to one of these as it is, letter by letter.
    """
    role = person.job_role.name if person.job_role else ""
    work = person.organisation.name if person.organisation else ""
    found = [", ".join(filter(None, parts)) for parts in ((role, work), (role,), (work,), ())]
    return list(dict.fromkeys(", ".join(filter(None, (person.name, rest))) for rest in found))


def named(publication: Publication) -> list[str]:
    """Return the names that stand under a publication now, in one statement, in the order in which people agreed."""
    return [byline for (byline,) in _NAMED.all(publication=publication.pk)]


def answer_of(publication: Publication, person: User) -> NamingConsent | None:
    """Return what somebody answered, or None."""
    return publication.consents.filter(person=person).first()


def hold_publication(publication: Publication) -> tuple[Project, Publication]:
    """Lock a publication's project, and return both as they are now. Raises PublicationMoved for one taken back."""
    held = hold(publication.project)
    rows = Publication.objects.live().select_related("theme").defer("search")
    current = rows.filter(pk=publication.pk).first()
    if current is None:
        raise PublicationMoved
    current.project = held
    return held, current


def ask(held: Project, publication: Publication) -> int:
    """Ask everybody who has not answered, once each, of a project that is held. Return to how many it was written."""
    answered = publication.consents.values("person")
    people = asked(held).exclude(pk__in=answered).values_list("pk", flat=True)
    return outbox.write_many(ASKED, [(_subject(publication.pk), person) for person in people])


def ask_again(held: Project, publication: Publication) -> None:
    """Ask anew who agreed to be named under other words than those that are sent, of a project that is held.

    Nobody's yes goes over to a story that they could not have read; a no does.
    """
    earlier = publication.consents.filter(answer=Answer.NAMED).exclude(of_words=words_of(publication))
    people = list(earlier.values_list("person", flat=True))
    earlier.delete()
    still_asked = asked(held).filter(pk__in=people).values_list("pk", flat=True)
    subject = _subject(f"{publication.pk}:{publication.version}")
    outbox.write_many(ASKED, [(subject, person) for person in still_asked])


def words_of(publication: Publication) -> str:
    """Return a hash of what a publication says, and of which charts go with it."""
    said = [str(getattr(publication, name)) for name in TOLD]
    return sha256("\0".join(said).encode()).hexdigest()


def let_names_go(publication: Publication) -> None:
    """Delete the names under a publication that nobody reads any more: they stood there with it."""
    publication.consents.filter(answer=Answer.NAMED).delete()


def _subject(key: object) -> str:
    return f"publication:{key}"


@transaction.atomic
def ask_the_team(publication: Publication, *, by: User) -> int:
    """Ask whoever has neither been asked nor answered whether to be named; return to how many it was written.

    Where that is nobody, nothing was done that the project's history could tell. Raises PublicationMoved for one that
    was taken back, or ProjectGone.
    """
    held, current = hold_publication(publication)
    written = ask(held, current)
    if written:
        note(held, "project.asked_whom_to_name", by=by, is_activity=True, publication=current.pk)
    return written


@transaction.atomic
def answer(publication: Publication, byline: str, *, by: User) -> NamingConsent:
    """Put down how somebody wants to be named, or that they do not; who says the same again changes nothing.

    A name that is taken back is deleted with it, and those who lead the project are told that there is one less. That
    somebody answered is in the trail, and not in the project's history: beside the names that stand there, its team
    would know from that who said no. Raises BylineChanged where they would agree to what no longer is
    their name, role and organisation; PublicationMoved for one that was taken back; or ProjectGone.
    """
    _, current = hold_publication(publication)
    before = answer_of(current, by)
    if before and before.byline == byline and (not byline or before.of_words == words_of(current)):
        return before
    person = User.objects.select_related("organisation", "job_role").get(pk=by.pk)
    if byline != NOT_NAMED and byline not in bylines(person):
        raise BylineChanged
    was_named = before is not None and before.answer == Answer.NAMED
    now = Answer.NAMED if byline else Answer.TAKEN_BACK if was_named else Answer.NOT_NAMED
    said, _ = NamingConsent.objects.update_or_create(
        publication=current,
        person=by,
        defaults={
            "answer": now,
            "byline": byline,
            "answered_at": timezone.now(),
            "of_words": words_of(current),
        },
    )
    trail.record("naming.answered", actor=by, subject=said, publication=current.pk)
    if now == Answer.TAKEN_BACK:
        tell_of_a_name_gone(said)
    let_author_stay(by.pk)
    return said


def tell_of_a_name_gone(said: NamingConsent) -> None:
    """Tell those who lead a project that somebody is named no more; `said` is what that person has answered instead.

    Each time anew: of one subject there is one letter, however often a name goes.
    """
    leads = TeamPlace.objects.live().filter(role=Role.LEAD, project__publications=said.publication_id)
    subject = f"naming:{said.pk}:{said.answered_at.timestamp():.6f}"
    people = leads.exclude(user=said.person_id).values_list("user", flat=True)
    outbox.write_many("publication.name_gone", [(subject, lead) for lead in people])


def forget(person: User) -> None:
    """Take somebody's name off every publication, and what they answered."""
    NamingConsent.objects.filter(person=person).delete()


@carries_names
def with_earlier_name(person: User) -> Earlier | None:
    """Say whether somebody stands under a publication with another name than theirs of now."""
    rows = NamingConsent.objects.filter(person=person, answer=Answer.NAMED, publication__in=Publication.objects.live())
    as_now = Q(byline=person.name) | Q(byline__startswith=f"{person.name},")
    found = rows.exclude(as_now).select_related("publication").first()
    if found is None:
        return None
    return Earlier(
        "A project that you worked on names you as you were called before.",
        "Say how you want to be named",
        reverse("publication_naming", args=[found.publication.project_id]),
    )

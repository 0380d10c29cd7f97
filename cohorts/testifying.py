"""Testimonies: offered and taken back by their authors, published by an editor as their authors agreed.

Each verb holds the testimony's row. What an author does stands in the trail with the day alone and without their name:
the programme team reads the history of a row, and may not learn from it who wrote what is shown without a name.
"""

from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from cohorts.models import Component, Programme, Testimony
from portal import outbox, trail
from portal.accounts.erasure import let_author_stay
from portal.accounts.models import User

State, ShownAs = Testimony.State, Testimony.ShownAs

ANONYMOUS: Final = "Somebody who took part"

MAY_BE_PUBLISHED: Final = frozenset({State.OFFERED, State.NOT_USED})
MAY_BE_SHORTENED: Final = frozenset({State.OFFERED, State.ASKED, State.NOT_USED})
MAY_BE_DECLINED: Final = frozenset({State.OFFERED, State.ASKED, State.PUBLISHED})


class TestimonyRefused(Exception):
    """Nothing was done. `str()` says why, in words for the person."""


class TestimonyChanged(TestimonyRefused):
    """It is not, or no longer, as somebody saw it."""

    def __init__(self) -> None:
        super().__init__("This has changed since you opened the page. Below is how it stands now.")


class OfferedAlready(TestimonyRefused):
    """They have offered another one for the same programme, which is `testimony`."""

    def __init__(self, testimony: Testimony) -> None:
        self.testimony = testimony
        super().__init__("You have offered a testimony for this programme already. Take it back to offer another.")


def byline(person: User, shown_as: str, workplace: str = "") -> str:
    """Return what would stand under somebody's words. `workplace` is the kind of it; empty, if it is not to be told."""
    if shown_as == ShownAs.NAMED:
        return person.name
    if shown_as == ShownAs.BY_ROLE and person.job_role:
        return ", ".join(filter(None, (person.job_role.name, workplace)))
    return ANONYMOUS


def offer(
    person: User, programme: Programme, text: str, *, component: Component | None, shown_as: str, byline: str
) -> Testimony:
    """Offer words for a programme's pages, with a byline, to both of which their author has agreed.

    Offering the same again changes nothing. Raises OfferedAlready.
    """
    offered = Testimony(
        author=person, programme=programme, text=text, component=component, shown_as=shown_as, byline=byline
    )
    try:
        with transaction.atomic():
            offered.save(force_insert=True)
            trail.record_day("testimony.offered", subject=offered)
            let_author_stay(person.pk)
    except IntegrityError:
        earlier = Testimony.objects.live().filter(author=person, programme=programme).first()
        if earlier is None:
            raise
        if (earlier.text, earlier.byline) != (text, byline):
            raise OfferedAlready(earlier) from None
        return earlier
    return offered


@transaction.atomic
def show_as(testimony: Testimony, shown_as: str, byline: str) -> Testimony:
    """Show an author's words with another byline, to which they have agreed. Raises TestimonyChanged once taken back.

    What is published with a name or a role goes to an editor again; to be without either takes effect at once.
    """
    held = _hold(testimony)
    if held.state == State.TAKEN_BACK:
        raise TestimonyChanged
    if (held.shown_as, held.byline) == (shown_as, byline):
        return held
    if held.state == State.PUBLISHED and shown_as != ShownAs.ANONYMOUS:
        _move(held, State.OFFERED)
    held.shown_as, held.byline, held.agreed_at = shown_as, byline, timezone.now()
    _save(held)
    trail.record_day("testimony.byline_changed", subject=held)
    if held.author_id:
        let_author_stay(held.author_id)
    return held


@transaction.atomic
def agree(testimony: Testimony, shorter: str) -> Testimony:
    """Agree to the shorter form that an editor asks about, as its author read it. Raises TestimonyChanged."""
    held = _hold(testimony)
    if held.state != State.ASKED or held.shorter != shorter:
        raise TestimonyChanged
    held.agreed_at = timezone.now()
    _move(held, State.OFFERED)
    _save(held)
    trail.record_day("testimony.shorter_form_agreed", subject=held)
    return held


@transaction.atomic
def keep_own_words(testimony: Testimony) -> Testimony:
    """Say no to a shorter form: the author's own words stand offered again. Raises TestimonyChanged."""
    held = _hold(testimony)
    if held.state != State.ASKED:
        raise TestimonyChanged
    held.shorter = ""
    _move(held, State.OFFERED)
    _save(held)
    trail.record_day("testimony.shorter_form_declined", subject=held)
    return held


@transaction.atomic
def take_back(testimony: Testimony) -> Testimony:
    """Take a testimony off every page and delete its words. Having taken it back already changes nothing."""
    held = _hold(testimony)
    if held.state == State.TAKEN_BACK:
        return held
    _move(held, State.TAKEN_BACK)
    held.text = held.shorter = held.byline = ""
    held.component = None
    _save(held)
    trail.record_day("testimony.taken_back", subject=held)
    return held


@transaction.atomic
def publish(testimony: Testimony, *, looked_at: int, by: User) -> Testimony:
    """Publish a testimony as it was looked at, at which `sequence` it stood; its author is told.

    Raises TestimonyChanged, also where its author has not agreed to the words as they stand.
    """
    held = _hold(testimony)
    if held.state == State.PUBLISHED:
        return held
    if held.state not in MAY_BE_PUBLISHED or held.sequence != looked_at:
        raise TestimonyChanged
    _move(held, State.PUBLISHED, by=by)
    held.published_at = held.since
    _save(held)
    _tell("testimony.published", held, by=by)
    return held


@transaction.atomic
def ask_about(testimony: Testimony, shorter: str, *, by: User) -> Testimony:
    """Ask the author about a shorter form of their words. Nothing of it is shown until they agree.

    Raises TestimonyChanged for one that is published, or taken back.
    """
    held = _hold(testimony)
    if held.state == State.ASKED and held.shorter == shorter:
        return held
    if held.state not in MAY_BE_SHORTENED:
        raise TestimonyChanged
    _move(held, State.ASKED, by=by)
    held.shorter = shorter
    _save(held)
    _tell("testimony.asked_about", held, by=by)
    return held


@transaction.atomic
def decline(testimony: Testimony, *, by: User) -> Testimony:
    """Do not use a testimony, or no longer: it goes off the page if it is on one. Its author is told.

    It stays its author's, and may be published another time. Raises TestimonyChanged once it is taken back.
    """
    held = _hold(testimony)
    if held.state == State.NOT_USED:
        return held
    if held.state not in MAY_BE_DECLINED:
        raise TestimonyChanged
    if held.state == State.ASKED:
        held.shorter = ""
    _move(held, State.NOT_USED, by=by)
    _save(held)
    _tell("testimony.declined", held, by=by)
    return held


def _hold(testimony: Testimony) -> Testimony:
    """Lock a testimony and return it as it is now. Raises TestimonyChanged where its author was erased."""
    rows = Testimony.objects.select_for_update(of=("self",), no_key=True)
    held = rows.filter(pk=testimony.pk).first()
    if held is None:
        raise TestimonyChanged
    return held


def _move(held: Testimony, state: str, *, by: User | None = None) -> None:
    held.state, held.since, held.published_at = state, timezone.now(), None
    held.editor = by or held.editor


def _save(held: Testimony) -> None:
    """Save a change. It is a whole `save`, for public pages follow its signal."""
    held.sequence += 1
    held.save()


def _tell(rule: str, held: Testimony, *, by: User) -> None:
    trail.record(rule, actor=by, subject=held)
    outbox.write(rule, subject=f"testimony:{held.pk}:{held.sequence}", person=held.author_id)

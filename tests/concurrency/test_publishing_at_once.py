"""Publishing, and names taken back, at the same moment: a name is where its person agreed, and nowhere else."""

import random
from collections.abc import Callable
from functools import partial

import pytest
from django.test import Client

from portal import together
from portal.accounts.erasure import erase
from portal.accounts.models import User
from portal.together import ChangedMeanwhile
from qi_projects import building_on, life, naming, publishing
from qi_projects.models import NamingConsent, Project, Publication
from qi_projects.refusals import PublicationMoved
from tests.concurrency.at_once import at_once
from tests.factories import make_admin, make_user
from tests.qi_projects.making import approve, join, lead_of, make_active
from tests.qi_projects.publishing import again, agree, make_ended, make_published, make_sent, make_written

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 8
State = Publication.State


def with_member() -> tuple[Project, User]:
    """Make a project that has ended, and somebody in its team."""
    project = make_active()
    member = join(project, person=make_user(name="Demo Canary")).user
    approve(project)
    return life.finish(project, "Done.", by=lead_of(project)), member


def test_published_while_a_name_is_taken_back_it_stands_without_the_name() -> None:
    editor = make_admin()
    for _ in range(ROUNDS):
        project, member = with_member()
        sent = make_sent(project)
        agree(sent, member)
        deeds: list[Callable[[], object]] = [
            partial(publishing.publish, sent, read=sent.version, by=editor),
            partial(naming.answer, sent, naming.NOT_NAMED, by=member),
        ]
        random.shuffle(deeds)
        done = at_once(*deeds)
        assert not [each for each in done if isinstance(each, Exception)], done
        page = Client().get(sent.get_absolute_url())
        assert page.status_code == 200
        assert "Demo Canary" not in page.content.decode()


def test_of_two_editors_one_decides_and_the_other_is_told() -> None:
    one, two = make_admin(), make_admin()
    for _ in range(ROUNDS):
        sent = make_sent()
        deeds: list[Callable[[], object]] = [
            partial(publishing.publish, sent, read=sent.version, by=one),
            partial(publishing.send_back, sent, "Say how many.", read=sent.version, by=two),
        ]
        random.shuffle(deeds)
        done = at_once(*deeds)
        assert sum(isinstance(each, PublicationMoved) for each in done) == 1, done
        current = again(sent)
        assert (current.state == State.PUBLISHED) == (current.decided_by_id == one.pk)


def test_sent_back_to_writing_while_it_is_published_it_is_one_of_both() -> None:
    editor = make_admin()
    for _ in range(ROUNDS):
        sent = make_sent()
        done = at_once(
            partial(publishing.withdraw, sent, by=lead_of(sent.project)),
            partial(publishing.publish, sent, read=sent.version, by=editor),
        )
        assert sum(isinstance(each, PublicationMoved) for each in done) == 1, done


def test_of_two_who_write_the_same_nothing_is_lost_unseen() -> None:
    for _ in range(ROUNDS):
        project, member = with_member()
        written = make_written(project)
        seen = together.seen(written, ["aim", "tell_next"])
        one, two = at_once(
            partial(publishing.change, written, {"aim": "One", "tell_next": "One"}, seen=seen, by=member),
            partial(publishing.change, written, {"aim": "Two"}, seen=seen, by=lead_of(project)),
        )
        told = [each for each in (one, two) if isinstance(each, ChangedMeanwhile)]
        assert len(told) == 1, (one, two)
        assert again(written).aim == ("Two" if told[0] is one else "One")


def test_begun_twice_at_once_there_is_one() -> None:
    project = make_ended()
    done = at_once(*(partial(publishing.begin, project, by=lead_of(project)) for _ in range(3)))
    assert {each.pk for each in done} == {Publication.objects.get().pk}


def test_sent_twice_at_once_its_charts_are_kept_once() -> None:
    written = make_written()
    done = at_once(*(partial(publishing.send, written, by=lead_of(written.project)) for _ in range(3)))
    assert sum(isinstance(each, PublicationMoved) for each in done) == 2, done


def test_erased_while_they_agree_they_are_named_nowhere() -> None:
    admin = make_admin()
    for _ in range(ROUNDS):
        project, member = with_member()
        written = make_written(project)
        byline = naming.bylines(member)[0]
        _, erased = at_once(partial(naming.answer, written, byline, by=member), partial(erase, member, by=admin))
        assert erased is None
        assert not NamingConsent.objects.exists()


def test_started_while_it_is_taken_back_there_is_a_draft_or_none() -> None:
    for _ in range(ROUNDS):
        whole, person = make_published(), make_user()
        started, taken = at_once(
            partial(building_on.begin_from, whole, person),
            partial(publishing.take_back, whole, by=lead_of(whole.project)),
        )
        assert taken is None
        begun = Project.objects.filter(started_from=whole.project).count()
        assert begun == (0 if isinstance(started, PublicationMoved) else 1)

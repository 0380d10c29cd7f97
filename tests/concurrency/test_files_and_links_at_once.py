"""Files and links of a project: two at one limit, file or box; a measure, a box or a person that goes meanwhile."""

from functools import partial

import pytest

from portal import together
from portal.accounts.erasure import erase
from portal.accounts.models import User
from portal.attachments.kinds import CannotAttach
from portal.attachments.models import Attachment, AttachmentContent
from qi_projects import filing, linking, measuring, outlining
from qi_projects.linking import Chosen
from qi_projects.models import BoxMeasure, DiagramItem, ProjectFile
from qi_projects.refusals import BoxGone, FileReplaced, MeasureNotToChoose
from tests.concurrency.at_once import at_once
from tests.factories import make_user
from tests.qi_projects.making import join, lead_of, make_active
from tests.qi_projects.measures import enter, make_measure
from tests.qi_projects.test_diagram import Drawn
from tests.qi_projects.test_files import make_file, received, which

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6


def nothing_is_left_behind() -> bool:
    return ProjectFile.objects.count() == Attachment.objects.count() == AttachmentContent.objects.count()


def test_at_the_limit_as_many_files_are_taken_as_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ProjectFile, "most_files", 2)
    for _ in range(ROUNDS):
        project = make_active()
        files = [received(by=lead_of(project)) for _ in range(4)]
        add = partial(filing.add, project, title="A file", about="", by=lead_of(project))
        done = at_once(*(partial(add, file) for file in files))
        assert [isinstance(each, CannotAttach) for each in done].count(True) == 2, done
        assert project.files.count() == 2
        assert nothing_is_left_behind()


def test_of_two_who_replace_one_file_the_second_is_told() -> None:
    for _ in range(ROUNDS):
        row = make_file(make_active())
        lead, seen = lead_of(row.project), which(row)
        files = [received(content, by=lead) for content in (b"one", b"other")]
        replace = partial(filing.replace, row.project, row.pk, seen=seen, by=lead)
        done = at_once(*(partial(replace, file) for file in files))
        assert [type(each) for each in done if isinstance(each, Exception)] == [FileReplaced], done
        assert nothing_is_left_behind()


def test_a_file_that_is_added_as_its_author_is_erased_names_nobody() -> None:
    for _ in range(ROUNDS):
        project = make_active()
        member = join(project, person=make_user(name="Canary")).user
        file = received(name="canary-Notes.txt", by=member)
        added, erased = at_once(
            partial(filing.add, project, file, title="Notes", about="", by=member),
            partial(erase, member, by=make_user()),
        )
        assert isinstance(added, ProjectFile), added
        assert erased is None, erased
        assert Attachment.objects.get(pk=added.file_id).name == "file.txt"
        assert "Canary" not in User.objects.get(pk=member.pk).name


def test_of_two_who_choose_measures_for_one_box_nothing_is_lost() -> None:
    for _ in range(ROUNDS):
        drawn = Drawn()
        measures = [make_measure(drawn.project).pk for _ in range(3)]
        linking.link_box(drawn.project, drawn.seen, measures[:1], seen=[], by=drawn.by)
        link = partial(linking.link_box, drawn.project, drawn.seen, seen=measures[:1], by=drawn.by)
        # One clears the first and ticks the second, the other ticks the third.
        done = at_once(partial(link, measures[1:2]), partial(link, [measures[0], measures[2]]))
        assert all(isinstance(each, Chosen) for each in done), done
        linked = BoxMeasure.objects.filter(box=drawn.seen).order_by("measure")
        assert list(linked.values_list("measure", flat=True)) == measures[1:]


def test_a_box_that_goes_takes_its_link_along_or_is_found_no_more() -> None:
    for _ in range(ROUNDS):
        drawn = Drawn()
        measure = make_measure(drawn.project)
        seen = together.seen(DiagramItem.objects.get(pk=drawn.words), ["text"])
        linked, deleted = at_once(
            partial(linking.link_box, drawn.project, drawn.words, [measure.pk], seen=[], by=drawn.by),
            partial(outlining.delete, drawn.project, drawn.words, seen=seen, by=drawn.by),
        )
        assert isinstance(linked, Chosen | BoxGone), linked
        assert deleted is None, deleted
        assert not BoxMeasure.objects.exists()


def test_a_measure_is_chosen_before_it_is_put_away_or_not_at_all() -> None:
    for _ in range(ROUNDS):
        drawn = Drawn()
        measure = make_measure(drawn.project)
        enter(measure, [1])
        linked, put_away = at_once(
            partial(linking.link_box, drawn.project, drawn.seen, [measure.pk], seen=[], by=drawn.by),
            partial(measuring.put_away, measure, by=drawn.by),
        )
        assert put_away is None, put_away
        refused = isinstance(linked, MeasureNotToChoose)
        assert refused or isinstance(linked, Chosen), linked
        assert BoxMeasure.objects.filter(box=drawn.seen).exists() is not refused

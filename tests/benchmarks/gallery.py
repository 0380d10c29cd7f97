"""`gallery.*`: what everybody finds of published projects, few and many of them, by all by which they are searched.

Each publication has about 250 words. Of the words that are looked for one stands in a third of them, one in each
hundredth, and one in none; of the results, one in a quarter and one in each hundredth.
"""

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from random import Random

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from cohorts.page_keys import page_key
from portal.accounts.models import User
from qi_projects.models import Project, Publication, Theme
from tests.benchmarks.client import Client, Request
from tests.benchmarks.effort import Effort
from tests.benchmarks.growth import at_both, copy_database, on_database
from tests.benchmarks.pages import measure_page
from tests.benchmarks.people import signed_in
from tests.benchmarks.result import Floor, Result
from tests.benchmarks.stack import Stack
from tests.benchmarks.tour import Page, bare_view, person

MANY = "many_published"
TITLE = "Bench publication"
WORDS, IN_A_BOX = 2_000, 60
"""So many words there are, of which each box of a publication has some."""
COMMON, RARE = "interpreter", "bereavement"
ONE_IN, SELDOM = 3, 100
SETTINGS = Project.Setting.values
RESULTS = ("improved", "mixed", "no_change", "cannot_tell")


def measure(stack: Stack, effort: Effort) -> Iterator[Result]:
    """Yield each search beside the bare view, and with many publications beside the same with few."""
    bare = bare_view().encode()
    few_database = str(connection.settings_dict["NAME"])
    _grow(effort.few_projects)
    copy_database(few_database, MANY)
    with on_database(MANY):
        _grow(effort.many_projects)
    few_url, many_url = stack.postgres.url(few_database), stack.postgres.url(MANY)
    pages = list(_pages(signed_in(person("participant"))))
    with stack.web(DATABASE_URL=few_url) as few_port, stack.web(DATABASE_URL=many_url) as many_port:
        with stack.floor() as floor_port, Client(floor_port) as floor, Client(many_port) as many:
            for page in pages:
                yield measure_page(f"gallery.{page.name}", effort, page, many, floor, bare)
        with Client(few_port) as few, Client(many_port) as many:
            for page in pages:
                yield _growth(effort, page, few, many)


def _growth(effort: Effort, page: Page, few: Client, many: Client) -> Result:
    at_few, at_many = at_both(effort, page, few, many)
    floor = Floor(f"the same at {effort.few_projects:,} publications, p95, ms", at_few)
    return Result(f"gallery.growth.{page.name}", at_many, "ms (p95)", floor, {"publications": effort.many_projects})


def _pages(cookie: str) -> Iterator[Page]:
    """Return the gallery with nothing looked for, by each thing alone, by all together, and further back."""
    theme = Theme.objects.order_by("pk")[0].pk
    searched = {
        "newest": "",
        "words": f"words={COMMON}",
        "rare_word": f"words={RARE}",
        "no_such_word": "words=submarine",
        "theme": f"theme={theme}",
        "setting": f"setting={SETTINGS[0]}",
        "result": f"result={RESULTS[0]}",
        "rare_result": "result=worse",
        "all_of_them": f"words={COMMON}&theme={theme}&setting={SETTINGS[0]}&result={RESULTS[0]}",
        "further_back": f"before={page_key(timezone.now() - timedelta(hours=60), 0)}",
    }
    for name, query in searched.items():
        yield Page(name, Request(f"{reverse('gallery')}?{query}", cookie))


@transaction.atomic
def _make(first: int, last: int, editor: User) -> None:
    themes = list(Theme.objects.order_by("pk"))
    now = timezone.now()
    projects = Project.objects.bulk_create(
        Project(
            title=f"{TITLE} {number}",
            state="finished",
            active_since=now,
            ended_why="How it ended",
        )
        for number in range(first, last)
    )
    Publication.objects.bulk_create(
        (
            Publication(
                project=project,
                state="published",
                title=f"{TITLE} {number}",
                theme=themes[number % len(themes)],
                setting=SETTINGS[number % len(SETTINGS)],
                result="worse" if number % SELDOM == 1 else RESULTS[number % len(RESULTS)],
                organisation_name="A labour ward",
                tell_next=_told(number),
                **_boxes(number),
                sent_by=editor,
                sent_at=now,
                decided_by=editor,
                decided_at=now,
                published_at=now - timedelta(hours=number),
            )
            for number, project in zip(range(first, last), projects, strict=True)
        ),
        batch_size=500,
    )


def _boxes(number: int) -> dict[str, str]:
    """Return what a publication says, the same whenever it is made; nobody's words are as often there as all others."""
    chance = Random(number)  # words, no secret
    words = (f"w{int(chance.paretovariate(0.5)) % WORDS:04}" for _ in iter(int, 1))
    return {box: " ".join(islice(words, IN_A_BOX)) for box in ("noticed", "aim", "what_changed", "what_came_of_it")}


def _told(number: int) -> str:
    told = ["Ask early."]
    if number % ONE_IN == 0:
        told.append(f"Ask the {COMMON}s.")
    if number % SELDOM == 0:
        told.append(f"Ask the {RARE} team.")
    return " ".join(told)


def _grow(number: int) -> None:
    """Have so many publications, and let PostgreSQL tidy up."""
    _make(Publication.objects.filter(title__startswith=TITLE).count(), number, person("admin"))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")

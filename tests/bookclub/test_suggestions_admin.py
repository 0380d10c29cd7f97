"""Suggestions in the admin pages."""

import pytest
from django.test import Client
from django.urls import reverse

from bookclub import suggesting
from bookclub.models import Suggestion
from portal import trail
from tests.bookclub.making import make_book, make_listed, make_reading_cohort
from tests.cohorts.pages import address, words
from tests.factories import make_admin, make_admin_of, make_user
from tests.signed_in import desk_of

pytestmark = pytest.mark.django_db
SUGGESTIONS = reverse("admin:bookclub_suggestion_changelist")


@pytest.fixture
def desk() -> Client:
    return desk_of(make_admin())


class TestSuggestions:
    """What members would like to read."""

    @pytest.mark.parametrize(("action", "state"), [("take_up", "taken_up"), ("set_aside", "set_aside")])
    def test_some_are_decided_about_in_the_list_once_it_is_said_what_that_does(
        self, desk: Client, action: str, state: str
    ) -> None:
        suggestion = suggesting.suggest(
            make_reading_cohort(), title="Names we carry", authors="Demo", why="Short", by=make_user()
        )
        chosen = {"action": action, "_selected_action": str(suggestion.pk)}
        assert "Names we carry" in words(desk.post(SUGGESTIONS, chosen))
        desk.post(SUGGESTIONS, {**chosen, "confirmed": "yes"})
        suggestion.refresh_from_db()
        assert suggestion.state == state

    @pytest.mark.parametrize(
        ("action", "state", "done"),
        [
            ("take_up", "taken_up", '?cohort={cohort}">Put it on the list of'),
            ("set_aside", "set_aside", "is set aside."),
        ],
    )
    def test_one_is_decided_about_on_its_page_which_says_how_many_back_it_and_never_who(
        self, desk: Client, action: str, state: str, done: str
    ) -> None:
        cohort, author, backer = make_reading_cohort(), make_user(name="Demo Amina"), make_user(name="Demo Bea")
        suggestion = suggesting.suggest(cohort, title="Names we carry", authors="Demo", why="Short", by=author)
        suggesting.back(suggestion, by=backer)
        page = address("admin:bookclub_suggestion_change", suggestion.pk)
        act = address(f"admin:bookclub_suggestion_{action}", suggestion.pk)
        shown, asked = words(desk.get(page)), words(desk.get(act))
        assert "Why they suggest it" in shown
        assert '<label>Backed by:</label> <div class="readonly">2</div>' in shown
        assert f'href="{act}"' in shown
        assert "2 members back it" in asked
        for said in (shown, asked, words(desk.get(SUGGESTIONS))):
            assert "Names we carry" in said
            for somebody in (author, backer):
                assert somebody.name not in said
                assert somebody.email not in said
        suggestion.refresh_from_db()
        assert suggestion.is_open
        assert done.format(cohort=cohort.pk) in words(desk.post(act, {"confirmed": "yes"}, follow=True))
        suggestion.refresh_from_db()
        assert suggestion.state == state
        again = "This suggestion was decided about, or taken back"
        assert act not in words(desk.get(page))
        assert again in words(desk.get(act))
        assert again in words(desk.post(act, {"confirmed": "yes"}, follow=True))

    def test_before_one_is_taken_up_it_is_said_whether_the_catalogue_has_it_and_the_cohort_reads_it(
        self, desk: Client
    ) -> None:
        cohort = make_reading_cohort(name="Demo cohort 4")
        suggestion = suggesting.suggest(cohort, title="Names we carry", authors="Demo", why="", by=make_user())
        pages = [
            address(f"admin:bookclub_suggestion_{page}", suggestion.pk) for page in ("change", "take_up", "set_aside")
        ]

        def told(said: str) -> list[bool]:
            return [said in words(desk.get(page)) for page in pages]

        assert told("The catalogue has no book of this title.") == [True, True, False]
        book = make_book(title="NAMES we carry", authors="Ama Adeyemi")
        found = "The catalogue has “NAMES we carry” by Ama Adeyemi. It is {}on the list of Demo cohort 4."
        assert told(found.format("not ")) == [True, True, False]
        make_listed(cohort, book)
        assert told(found.format("")) == [True, True, False]

    def test_what_is_taken_up_leads_to_the_catalogue_and_to_the_list_until_it_is_there(self, desk: Client) -> None:
        cohort = make_reading_cohort(name="Demo cohort 4")
        title = "Names & weights"
        suggestion = suggesting.suggest(cohort, title=title, authors="Ama Adeyemi", why="", by=make_user())
        page = address("admin:bookclub_suggestion_change", suggestion.pk)
        to_catalogue = f"{address('admin:bookclub_book_add')}?title=Names+%26+weights&amp;authors=Ama+Adeyemi"
        to_list = f'{address("admin:bookclub_listedbook_add")}?cohort={cohort.pk}{{}}">Put it on the list of Demo'
        assert to_catalogue not in words(desk.get(page))
        act = address("admin:bookclub_suggestion_take_up", suggestion.pk)
        done = words(desk.post(act, {"confirmed": "yes"}, follow=True))
        for said in (done, words(desk.get(page))):
            assert f'"{to_catalogue}">Add it to the catalogue' in said
            assert to_list.format("") in said
        form = words(desk.get(to_catalogue.replace("&amp;", "&")))
        assert 'value="Names &amp; weights"' in form
        assert 'value="Ama Adeyemi"' in form
        book = make_book(title=title)
        assert to_catalogue not in words(desk.get(page))
        assert to_list.format(f"&amp;book={book.pk}") in words(desk.get(page))
        make_listed(cohort, book)
        assert "Put it on the list of" not in words(desk.get(page))

    def test_what_is_taken_up_is_not_said_to_be_in_the_catalogue(self, desk: Client) -> None:
        suggestion = suggesting.suggest(make_reading_cohort(), title="Names", authors="Demo", why="", by=make_user())
        suggesting.decide(suggestion, Suggestion.State.TAKEN_UP, by=make_admin())
        for page in (SUGGESTIONS, address("admin:bookclub_suggestion_change", suggestion.pk)):
            said = words(desk.get(page))
            assert "Taken up" in said
            assert "In the catalogue now" not in said

    def test_one_of_another_programme_is_not_there_to_be_decided_about(self) -> None:
        suggestion = suggesting.suggest(make_reading_cohort(), title="Names", authors="Demo", why="", by=make_user())
        elsewhere = desk_of(make_admin_of(make_reading_cohort().programme))
        for action in ("take_up", "set_aside"):
            act = address(f"admin:bookclub_suggestion_{action}", suggestion.pk)
            assert elsewhere.post(act, {"confirmed": "yes"}).status_code == 404

    def test_its_history_says_who_decided_and_never_who_suggested_it(self) -> None:
        cohort, author = make_reading_cohort(), make_user(name="Demo Amina")
        admin = make_admin(name="Demo Admin")
        suggestion = suggesting.suggest(cohort, title="Names we carry", authors="Demo", why="", by=author)
        # As entries were made before; the trail keeps them.
        trail.record("suggestion.made", actor=author, subject=suggestion)
        suggesting.decide(suggestion, Suggestion.State.TAKEN_UP, by=admin)
        said = words(desk_of(admin).get(address("admin:bookclub_suggestion_history", suggestion.pk)))
        assert "Taken up" in said
        assert "Demo Amina" not in said
        assert author.email not in said

    def test_it_waits_on_the_start_page_of_who_keeps_the_programme(self) -> None:
        cohort = make_reading_cohort()
        suggesting.suggest(cohort, title="Names we carry", authors="Demo", why="", by=make_user())
        start = reverse("admin:index")
        assert "Books that members suggest" in words(desk_of(make_admin_of(cohort.programme)).get(start))
        elsewhere = desk_of(make_admin_of(make_reading_cohort().programme))
        assert "Books that members suggest" not in words(elsewhere.get(start))
        assert Suggestion.objects.count() == 1

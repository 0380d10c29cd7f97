"""Pages that anybody sees, at both widths."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from cohorts.models import LearningOutcome
from portal.nhsuk.dates import say_when
from tests.browser.person import Hand, Keyboard, Mouse, Person
from tests.factories import make_component, make_facilitator, make_series, make_session, make_venue

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])
def test_a_visitor_finds_an_open_session(somebody: Callable[[Hand], Person], hand: Hand) -> None:
    series = make_series(name="Race Equality Week", slug="race-equality-week", length="1 week")
    component = make_component(series, title="The importance of names", slug="names", summary="Say it right.")
    LearningOutcome.objects.create(programme=series, component=component, text="Ask how a name is said")
    session = make_session(component, venue=make_venue(name="The Example Centre"), what_to_bring="A notebook.")
    session.facilitators.add(make_facilitator(name="Demo Facilitator", biography="Has led this for 10 years."))
    visitor = somebody(hand)

    visitor.opens("/", "Anti-racist training")
    visitor.follows("See all programmes", "Programmes")
    visitor.follows("Race Equality Week", "Race Equality Week")
    visitor.follows("The importance of names", "The importance of names")
    visitor.sees("20 left")
    visitor.follows(say_when(session.starts_at, session.ends_at), "The importance of names")
    visitor.sees("The Example Centre", "A notebook.", "Demo Facilitator", "Ask how a name is said")
    visitor.presses("Book this date", "Sign in")


@pytest.mark.parametrize("hand", [Mouse(), Keyboard()], ids=["mouse", "keyboard"])
def test_a_visitor_reads_what_the_portal_says_of_itself(somebody: Callable[[Hand], Person], hand: Hand) -> None:
    visitor = somebody(hand)

    visitor.opens("/", "Anti-racist training")
    visitor.follows("Contact us", "Contact us")
    visitor.follows("Privacy and cookies", "Privacy and cookies")
    visitor.follows("Accessibility", "Accessibility statement")


def test_a_passkey_that_is_not_used_says_so(somebody: Callable[[Hand], Person]) -> None:
    person = somebody(Mouse())
    person.opens("/accounts/login/", "Sign in")
    # A key that can be asked at once, and knows nobody here.
    devtools = person.page.context.new_cdp_session(person.page)
    devtools.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options | {"isUserVerified": False}})

    person.page.get_by_role("button", name="Sign in with a passkey").click()

    expect(person.page.get_by_role("alert")).to_have_text("Your passkey was not used. Try again, or go on another way.")
    expect(person.page.get_by_role("alert")).to_be_focused()

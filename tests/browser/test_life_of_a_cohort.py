"""The whole life of one cohort, from last year's dates to a testimony, each act by whoever does it in a cohort's year.

The team, the organisation's lead and the facilitator work at a desk; those who take part, at 320 pixels: Amina by
keyboard, the others by finger. The test is the list of what happens, in order; what each part of it takes stands below.
"""

from datetime import timedelta
from io import BytesIO

import pytest
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from cohorts.models import Certificate, Membership
from portal.nhsuk.dates import say_when
from tests.browser.letterbox import Letterbox, link_in, text_of
from tests.browser.on_the_screen import address_on_the_screen, address_that_is_too_late
from tests.browser.passing_time import beat_ticks, time_passes_until
from tests.browser.person import Finger, Keyboard, Mouse, Person
from tests.browser.story_of_a_cohort import (
    COHORT,
    DAY,
    DIFFERENT,
    PROGRAMME,
    WHY,
    Desk,
    Member,
    Seat,
    Story,
    given_last_years_cohort,
    typed,
)
from tests.factories import at, make_graduation, make_membership, make_organisation, make_user
from tests.outbox.sink import Sink

pytestmark = pytest.mark.browser

CHANGE = "I would like every woman to be listened to."
TOLD = "Please choose your date for training day 1 by Friday."
ASKED = "May I ask you something about the handover on my ward?"
ANSWERED = "Of course. Shall we talk on Thursday?"
WORDS = "I ask the woman in front of me what she needs now. The programme gave me the words."


def test_the_whole_life_of_a_cohort(somebody: Seat, at_the_desk: Desk, mails: Sink) -> None:
    story = given_last_years_cohort(somebody, at_the_desk, mails)

    last_years_cohort_is_copied_and_opened(story)
    two_people_are_nominated(story)
    amina = one_says_yes(story)
    another_says_no(story)
    cem = somebody_applies_for_herself(story)
    effie = places_are_offered_and_one_person_is_on_the_reserve_list(story)
    for member in (amina, cem, effie):
        an_offer_is_accepted(member)

    the_team_writes_to_the_cohort(story, amina)
    dates_are_booked_and_one_is_swapped(story, amina, cem)
    confidence_is_said_before(amina)
    time_passes_until(story.dates[1].starts_at - timedelta(minutes=15))
    the_register_takes_itself(story, amina, cem)
    somebody_came_without_a_place(story, effie)
    time_passes_until(story.dates[1].ends_at + timedelta(hours=2))
    it_is_said_how_it_was(story, amina)

    what_completes_the_programme_is_settled(story)
    what_no_register_shows_is_recorded(story, amina, effie)
    a_champion_is_nominated(story, cem)
    time_passes_until(timezone.now() + timedelta(days=8))
    the_champion_is_asked_and_confirmed(story, amina)
    the_champion_is_written_to_and_answers(cem, amina)
    progress_is_read(story, amina)

    time_passes_until(at(story.cohort.ends_on + timedelta(days=1), "18:00"))
    graduates_are_invited_and_one_comes_with_a_guest(story, amina)
    certificates_are_issued(story, cem)
    one_is_downloaded_and_checked(story, amina)
    a_testimony_is_published(story, amina)


# --- Getting in


def last_years_cohort_is_copied_and_opened(story: Story) -> None:
    """The admin makes the cohort from last year's, and says from when to when people may apply."""
    admin, today = story.admin, timezone.localdate()
    admin.opens(reverse("admin:cohorts_cohort_change", args=[story.last_year.pk]), "Change cohort")
    admin.follows("Copy the cohort", "Copy Perinatal cohort 4")
    admin.types("Starts on", typed(today + timedelta(weeks=8)))
    admin.types("Places", "3")
    admin.presses("Continue", "Copy Perinatal cohort 4")
    admin.sees(f"This makes {COHORT} with 2 sessions. Nobody is in it.")
    admin.presses("Make the cohort", "Change cohort")
    admin.types("Applications open on", typed(today))
    admin.types("Applications close on", typed(today + timedelta(days=14)))
    admin.presses("Save", "Select cohort to change")


def two_people_are_nominated(story: Story) -> None:
    """Their organisation's lead names two midwives, who have no accounts."""
    lead = story.lead
    lead.opens("/nominations/", "Nominations")
    lead.follows("Nominate people", f"Nominate people for {COHORT}")
    for number, name in enumerate(("Amina", "Bea"), start=1):
        lead.types(f"Person {number}: full name", f"Demo {name}")
        lead.types(f"Person {number}: work email address", f"{name.lower()}@trust.example")
    lead.presses("Continue", "Check whom you nominate")
    lead.presses("Nominate them", "Nominations")
    lead.sees("Demo Amina", "Demo Bea", "Waiting for their answer")


def one_says_yes(story: Story) -> Member:
    """Amina says yes, and what the programme asks."""
    amina = story.member("amina@trust.example", Keyboard())
    phone = amina.phone
    phone.opens(link_in(amina.letters.gets("You have been nominated")), f"Your place in {COHORT}")
    phone.presses("Yes, I would like to take part", "Would you like to take part?")
    phone.presses("Yes, I would like to take part", f"Your place in {COHORT}")
    phone.presses("Answer some questions", f"Apply for {COHORT}")
    _answers_what_is_asked(phone)
    return amina


def another_says_no(story: Story) -> None:
    """Bea says no, and the lead reads that she did, and not why."""
    bea = story.member("bea@trust.example", Finger())
    bea.phone.opens(link_in(bea.letters.gets("You have been nominated")), f"Your place in {COHORT}")
    bea.phone.presses("No, thank you", "Say no to this nomination?")
    bea.phone.chooses("Time could not be released for it")
    bea.phone.presses("No, thank you", f"Your place in {COHORT}")
    story.lead.opens("/nominations/", "Nominations")
    story.lead.does_not_see("Time could not be released")
    assert story.cohort.memberships.get(user=bea.user).state == Membership.State.DECLINED


def somebody_applies_for_herself(story: Story) -> Member:
    """Cem finds the programme's public page, and applies."""
    trust = make_organisation(name="Example Hills Trust")
    cem = story.member(make_user(name="Demo Cem", email="cem@trust.example", organisation=trust).email, Finger())
    cem.phone.opens(story.cohort.programme.get_absolute_url(), PROGRAMME)
    cem.phone.follows("Apply", f"Apply for {COHORT}")
    _answers_what_is_asked(cem.phone)
    return cem


def places_are_offered_and_one_person_is_on_the_reserve_list(story: Story) -> Member:
    """There are four people for three places: the admin offers them to three, and Dee waits. Return the third."""
    for name in ("Dee", "Effie"):
        user = make_user(name=f"Demo {name}", email=f"{name.lower()}@trust.example")
        make_membership(user, story.cohort, state=Membership.State.APPLIED)
    admin = story.admin
    admin.opens("/admin/", "What needs doing today")
    admin.follows(f"{COHORT}: 4 applied", "Who would like to take part")
    for name in ("Amina", "Cem", "Effie"):
        _tick(admin, f"Demo {name}")
    admin.presses("Offer a place", "Offer a place")
    admin.sees("This is for 3 people.")
    admin.presses("Offer a place", "Who would like to take part")
    _tick(admin, "Demo Dee")
    admin.presses("Put on the reserve list", "Put on the reserve list")
    admin.presses("Put on the reserve list", "Who would like to take part")
    admin.sees("3 places: 3 taken or offered, 0 left")
    Letterbox(story.mails, "dee@trust.example").gets("You are on the reserve list")
    return story.member("effie@trust.example", Finger())


def an_offer_is_accepted(member: Member) -> None:
    """Whoever is offered a place takes it, from the letter."""
    phone = member.phone
    phone.opens(link_in(member.letters.gets("A place is yours if you want it")), f"Your place in {COHORT}")
    phone.presses("Accept the place", "Accept the place?")
    phone.presses("Accept the place", "Your programme")
    phone.sees("You have a place. Next, choose your dates.")


def the_team_writes_to_the_cohort(story: Story, amina: Member) -> None:
    """The admin writes to the three who take part, each by name."""
    admin = story.admin
    story.admin_opens_cohort()
    admin.follows("Write to the cohort", "Add message to a cohort")
    admin.types("Subject", "Welcome to {cohort}")
    admin.types("Text", f"Dear {{name}},\n\n{TOLD}")
    admin.presses("Save", "Look at it before you send it")
    admin.sees("It goes to 3 people.", TOLD)
    admin.presses("Send it to 3 people", "What was sent")
    letter = text_of(amina.letters.gets(f"Welcome to {COHORT}"))
    assert "Dear Demo Amina" in letter
    assert TOLD in letter


# --- The training day


def dates_are_booked_and_one_is_swapped(story: Story, amina: Member, cem: Member) -> None:
    """Both choose a date; Amina swaps hers for Cem's."""
    early, late = (say_when(each.starts_at, each.ends_at) for each in story.dates)
    for member, when in ((amina, early), (cem, late)):
        member.phone.turns_to("Your programme")
        member.phone.follows(DAY, DAY)
        member.phone.follows(f"Book this date on {when}", "Check before you book")
        member.phone.presses("Book this date", "Your place is booked")
    amina.phone.follows("Swap to another date", "Swap to another date")
    amina.phone.follows(f"Swap to this date on {late}", "Check before you swap")
    amina.phone.presses("Swap to this date", "Your place is booked")
    amina.phone.sees(late)
    amina.letters.gets(f"Your new date: {DAY}")


def confidence_is_said_before(amina: Member) -> None:
    """Before she comes, Amina says how confident she is of what the day is about."""
    amina.phone.follows("Say how confident you are", "Before you come")
    amina.phone.chooses("Slightly confident")
    amina.phone.presses("Send your answers", "Thank you")
    amina.phone.does_not_see("Offer a testimony")


def the_register_takes_itself(story: Story, amina: Member, cem: Member) -> None:
    """Both mark themselves by the code on the facilitator's screen; a code that has changed marks nobody."""
    session = story.dates[1]
    story.facilitator.opens("/facilitate/", "My sessions")
    story.facilitator.follows(DAY, DAY, nth=0)  # today's stands first, before those of last year
    story.facilitator.follows("Show a code", "Say that you are here")
    cem.phone.opens(address_that_is_too_late(session, cem.phone.origin), "This code has changed")
    for member in (amina, cem):
        member.phone.opens(address_on_the_screen(session, member.phone.origin), "Are you here?")
        member.phone.presses("I am here", "You are marked as here")


def somebody_came_without_a_place(story: Story, effie: Member) -> None:
    """Effie booked no date, and is there: the facilitator puts her on the register."""
    facilitator = story.facilitator
    facilitator.opens(reverse("register", args=[story.dates[1].pk]), DAY)
    facilitator.sees("marked by Demo Amina", "marked by Demo Cem")
    facilitator.follows("Add somebody who came without a place", "Add somebody who came without a place")
    facilitator.types("Their email address", effie.user.email)
    facilitator.presses("Add them", DAY)
    facilitator.sees("Demo Effie is on the register, as attended.")


def it_is_said_how_it_was(story: Story, amina: Member) -> None:
    """Amina says it from the letter; of so few, whoever led the day reads no answer."""
    beat_ticks("cohorts.tasks.ask_how_sessions_were")
    amina.phone.opens(link_in(amina.letters.gets(f"How was it? {DAY}")), "How was it?")
    amina.phone.chooses("Very confident")
    amina.phone.types(DIFFERENT, "I will ask before I assume.")
    amina.phone.presses("Send your answers", "Thank you")
    story.facilitator.opens(reverse("register", args=[story.dates[1].pk]), DAY)
    story.facilitator.follows("What people say of it", "What people say of it")
    story.facilitator.sees("Fewer than 5 people have answered")
    story.facilitator.does_not_see("I will ask before I assume.")


# --- What completes the programme


def what_completes_the_programme_is_settled(story: Story) -> None:
    """One of the two workshops is enough. Nobody has done one, so nobody's completion changes, and nothing is asked."""
    admin = story.admin
    admin.opens(reverse("admin:cohorts_programme_change", args=[story.cohort.programme_id]), "Change programme")
    admin.page.get_by_role("button", name="Add another Choice of components").click()
    row = admin.page.locator("#choices-0")
    row.get_by_label("Title").fill("QI workshops")
    for title in ("QI workshop 1", "QI workshop 2"):
        row.get_by_label(title).check()
    admin.presses("Save", "Select programme to change")
    assert story.cohort.programme.choices.get().components.count() == 2


def what_no_register_shows_is_recorded(story: Story, *done: Member) -> None:
    """The admin pastes the addresses of those who have done a workshop."""
    admin = story.admin
    story.admin_opens_cohort()
    admin.follows("Record what members have done", f"Record what members of {COHORT} have done")
    admin.types("Email addresses", "\n".join(member.user.email for member in done))
    admin.page.get_by_label("What they have done").select_option(label="QI workshop 1")
    admin.types("Done on", typed(timezone.localdate()))
    admin.presses("Continue", f"Record what members of {COHORT} have done")
    admin.presses("Record for 2 people", "Select membership to view")
    admin.sees("Recorded for 2 people: QI workshop 1.")


# --- The champion


def a_champion_is_nominated(story: Story, cem: Member) -> None:
    """The admin opens nominations for a week, and Cem nominates Amina."""
    admin, today = story.admin, timezone.localdate()
    story.admin_opens_cohort()
    admin.types("Nominations of champions open on", typed(today))
    admin.types("Nominations of champions close on", typed(today + timedelta(days=7)))
    admin.presses("Save", "Select cohort to change")
    cem.phone.turns_to("Your programme")
    cem.phone.follows("nominate a champion", "Nominate a champion")
    cem.phone.page.get_by_label("Whom would you like as your champion?").select_option(label="Demo Amina, Midwife")
    cem.phone.presses("Nominate", "Your programme")
    cem.phone.sees("We have your nomination.")


def the_champion_is_asked_and_confirmed(story: Story, amina: Member) -> None:
    """The team asks Amina, who says yes for herself, and confirms it."""
    admin, phone = story.admin, amina.phone
    story.admin_opens_cohort()
    admin.follows("Champions", "Champions")
    admin.page.get_by_label("Whom to ask:").select_option(label="Demo Amina, Midwife (nominated)")
    admin.presses("Ask them for the whole cohort", "Ask Demo Amina?")
    admin.presses("Ask them", "Champions")
    phone.opens(link_in(amina.letters.gets("Would you be a champion?")), "Would you be a champion?")
    phone.types("What you do", "Midwife, postnatal ward")
    phone.presses("Yes, I would like to", "Being a champion")
    admin.opens("/admin/", "What needs doing today")
    admin.follows(f"Demo Amina, {COHORT}", "Champions")
    admin.presses("Confirm: Demo Amina", "Confirm: Demo Amina")
    admin.presses("Confirm", "Champions")
    amina.letters.gets(f"You are a champion: {COHORT}")


def the_champion_is_written_to_and_answers(cem: Member, amina: Member) -> None:
    """Cem writes to her champion, and reads what she answers."""
    cem.phone.turns_to("Your programme")
    cem.phone.follows("Write to your champion", "Messages with Demo Amina")
    cem.phone.types("Your message", ASKED)
    cem.phone.presses("Send", "Messages with Demo Amina")
    amina.phone.opens(link_in(amina.letters.gets("A message waits for you")), "Messages with Demo Cem")
    amina.phone.sees(ASKED)
    amina.phone.types("Your message", ANSWERED)
    amina.phone.presses("Send", "Messages with Demo Cem")
    cem.phone.opens(link_in(cem.letters.gets("A message waits for you")), "Messages with Demo Amina")
    cem.phone.sees(ANSWERED)


# --- The end of it


def progress_is_read(story: Story, amina: Member) -> None:
    """Amina reads that she has done it all; the facilitator, how far each of the group is."""
    amina.phone.turns_to("Your programme")
    amina.phone.sees("You have done all that this programme asks.")
    amina.phone.sees_task(DAY, "Completed")
    facilitator = story.facilitator
    facilitator.opens("/facilitate/", "My sessions")
    facilitator.follows(COHORT, f"How far {COHORT} is")
    facilitator.sees("Demo Amina", "2 of 2", "Demo Cem", "1 of 2", "1 more of “QI workshops”")


def graduates_are_invited_and_one_comes_with_a_guest(story: Story, amina: Member) -> None:
    """Of the cohort the two who have done it all are invited, and Amina brings somebody along."""
    admin, phone = story.admin, amina.phone
    graduation = make_graduation(story.cohort, guests_each=1, places=10)
    admin.opens(reverse("admin:cohorts_graduation_change", args=[graduation.pk]), "Change graduation")
    admin.follows("Who is eligible, and inviting them", f"Invite to {graduation}")
    admin.presses("Invite 2 people", "Change graduation")
    phone.opens(link_in(amina.letters.gets(f"You are invited: {graduation}")), str(graduation))
    phone.chooses("Yes, I am coming")
    phone.chooses("1 guest")
    phone.presses("Send your answer", str(graduation))
    phone.sees("You are coming.", "You and 1 guest")


def certificates_are_issued(story: Story, cem: Member) -> None:
    """The admin issues them in one go to the two who have done it all, and Cem gets none yet."""
    admin = story.admin
    story.admin_opens_cohort()
    admin.follows("Issue certificates", f"Issue certificates for {COHORT}")
    admin.sees("to 2 people. Whoever gets one is written to", cem.user.name, "They have done 1 of the 2 things")
    admin.presses("Issue 2 certificates", "Select certificate")
    admin.sees("Issued: 2 certificates.")
    assert not Certificate.objects.filter(membership__user=cem.user).exists()


def one_is_downloaded_and_checked(story: Story, amina: Member) -> None:
    """Amina downloads hers; somebody without an account checks it, and reads no name."""
    amina.phone.opens(link_in(amina.letters.gets(f"Your certificate: {PROGRAMME}")), "Certificate of completion")
    certificate = Certificate.objects.get(membership__user=amina.user)
    printed = PdfReader(BytesIO(amina.phone.downloads_bytes("Download it as a PDF"))).pages[0].extract_text()
    assert "Demo Amina" in printed
    assert certificate.code in printed
    employer = story.seat(Mouse())
    employer.opens("/certificates/", "Check a certificate")
    employer.types("Serial", certificate.serial)
    employer.types("Code", certificate.code)
    employer.presses("Check", "This certificate is genuine")
    employer.sees(PROGRAMME)
    employer.does_not_see("Amina")


def a_testimony_is_published(story: Story, amina: Member) -> None:
    """Amina offers what it has meant to her, under her name; the admin publishes it, and everybody can read it."""
    phone, admin = amina.phone, story.admin
    phone.turns_to("Your programme")
    phone.follows("Say what a programme has meant to you", "Your testimonies")
    phone.follows(PROGRAMME, "Offer a testimony")
    phone.types("What would you like to say?", WORDS)
    phone.chooses("With my name")
    phone.presses("See how it would be shown", "This is how it would be shown")
    phone.chooses("I agree that everybody may read this as it stands here")
    phone.presses("Offer it to the programme team", "Your testimony")
    admin.opens("/admin/", "What needs doing today")
    admin.follows(f"{PROGRAMME}: since", "View testimony")
    admin.follows("Publish it", "Publish it")
    admin.presses("Publish it", "View testimony")
    visitor = story.seat(Finger())
    visitor.opens(story.cohort.programme.get_absolute_url(), PROGRAMME)
    visitor.sees("What people say", WORDS, "Demo Amina")


# --- What several do


def _answers_what_is_asked(phone: Person) -> None:
    """Say as what one works and why, check it, and send it."""
    phone.presses("Start", "What is your job role?")
    phone.page.get_by_label("What is your job role?").select_option(label="Midwife")
    phone.presses("Save and continue", WHY)
    phone.types(WHY, CHANGE)
    phone.presses("Save and continue", "Check your answers")
    phone.sees(CHANGE)
    phone.presses("Send your application", f"Your place in {COHORT}")
    phone.sees("You have applied.")


def _tick(admin: Person, name: str) -> None:
    """Tick somebody's row."""
    admin.page.get_by_role("row").filter(has_text=name).get_by_role("checkbox").check()

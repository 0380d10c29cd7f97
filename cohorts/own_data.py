"""What is held about a person's part in programmes; see `portal.subject_access`."""

from collections.abc import Iterable

from cohorts import conversations, evaluating
from cohorts.models import (
    Application,
    Booking,
    CalendarFeed,
    Certificate,
    Champion,
    ChampionContact,
    ChampionNomination,
    ConversationMessage,
    Evidence,
    Facilitator,
    GraduationInvitation,
    Membership,
    Study,
    Testimony,
)
from portal.accounts.models import User
from portal.nhsuk.dates import say_until
from portal.subject_access import Row, holds_about_people


@holds_about_people("Programmes")
def memberships(person: User) -> Iterable[Row]:
    """Tell each cohort, and where they stand in it."""
    found = Membership.objects.filter(user=person).order_by("pk")
    for membership in found.select_related("cohort__programme", "organisation", "job_role", "nominated_by"):
        yield {
            "programme": membership.cohort.programme.name,
            "cohort": membership.cohort.name,
            "state": membership.get_state_display(),
            "since": membership.since,
            "organisation then": membership.organisation and membership.organisation.name,
            "job role then": membership.job_role and membership.job_role.name,
            "nominated by": membership.nominated_by and membership.nominated_by.name,
            "place held until": membership.offer_expires_at and say_until(membership.offer_expires_at),
            "reason for not taking part": membership.get_reason_display(),
        }


@holds_about_people("Applications")
def applications(person: User) -> Iterable[Row]:
    """Tell what they wrote when they applied, sent or not."""
    found = Application.objects.filter(user=person).order_by("pk")
    for application in found.select_related("cohort", "organisation", "job_role").prefetch_related("answers"):
        yield {
            "cohort": application.cohort.name,
            "begun": application.started_at,
            "sent": application.sent_at,
            "organisation": application.organisation and application.organisation.name,
            "job role": application.job_role and application.job_role.name,
            "answers": {answer.asked: answer.text for answer in application.answers.all()},
        }


@holds_about_people("Bookings")
def bookings(person: User) -> Iterable[Row]:
    """Tell each booking and place in a queue, and what became of it."""
    for booking in Booking.objects.filter(user=person).select_related("session__component").order_by("pk"):
        yield {
            "session": booking.session.component.title,
            "begins": booking.session.starts_at,
            "ends": booking.session.ends_at,
            "state": booking.get_state_display(),
            "guests": booking.guests,
            "made": booking.created_at,
            "reason for cancelling": booking.cancel_reason,
        }


@holds_about_people("Invitations to graduations")
def graduations(person: User) -> Iterable[Row]:
    """Tell to which they were invited. A yes is among their bookings, with the number of guests."""
    for invitation in GraduationInvitation.objects.filter(user=person).select_related("graduation").order_by("pk"):
        yield {
            "graduation": invitation.graduation.name,
            "invited": invitation.invited_at,
            "reminded": invitation.reminded_at,
            "said no": invitation.declined_at,
        }


@holds_about_people("What was completed")
def evidence(person: User) -> Iterable[Row]:
    """Tell each record of what they completed, taken back ones too."""
    found = Evidence.objects.filter(membership__user=person).order_by("pk")
    for record in found.select_related("component__programme", "withdrawn_by"):
        yield {
            "programme": record.component.programme.name,
            "what": record.component.title,
            "kind": record.get_kind_display(),
            "on": record.fulfilled_on,
            "recorded": record.recorded_at,
            "taken back": hasattr(record, "withdrawn_by"),
        }


@holds_about_people("Self-study")
def studies(person: User) -> Iterable[Row]:
    """Tell which pages of self-study they have done, and where they are. Nothing else of it is kept."""
    found = Study.objects.filter(membership__user=person).order_by("pk")
    for study in found.select_related("course__component__programme", "place").prefetch_related("done__page"):
        yield {
            "programme": study.course.component.programme.name,
            "what": study.course.component.title,
            "pages done": [done.page.title for done in study.done.all()],
            "goes on at, or after": study.place and study.place.title,
            "last used": study.last_on,
        }


@holds_about_people("Certificates")
def certificates(person: User) -> Iterable[Row]:
    """Tell each certificate, with the code by which it is checked: it is theirs to show."""
    for certificate in Certificate.objects.filter(holder=person).order_by("pk"):
        yield {
            "kind": certificate.get_kind_display(),
            "serial": certificate.serial,
            "code": certificate.code,
            "name on it": certificate.name,
            "programme": certificate.programme_name,
            "cohort": certificate.cohort_name,
            "session": certificate.title,
            "from": certificate.first_day,
            "to": certificate.last_day,
            "CPD points": str(certificate.cpd_points),
            "minutes in sessions": certificate.minutes,
            "issued by": certificate.issuer,
            "issued": certificate.issued_at,
            "your name is shown to whoever checks it": certificate.shows_name,
            "stands": certificate.stands,
            "no longer stands since": certificate.ended_at,
            "why it was revoked": certificate.reason,
        }


@holds_about_people("Evaluations")
def evaluations(person: User) -> Iterable[Row]:
    """Tell what they said of sessions. It is found by a pseudonym, and shown to nobody else as theirs."""
    for evaluation in evaluating.own(person):
        yield {
            "session": evaluation.session.component.title,
            "asked": evaluation.get_stage_display(),
            "answers": {str(answer.question or answer.outcome): answer.said for answer in evaluation.answers.all()},
        }


@holds_about_people("Testimonies")
def testimonies(person: User) -> Iterable[Row]:
    """Tell what they offered for a programme's pages, and what became of it; of one taken back, no words are left."""
    for testimony in Testimony.objects.filter(author=person).select_related("programme", "component").order_by("pk"):
        yield {
            "programme": testimony.programme.name,
            "about": testimony.component and testimony.component.title,
            "words": testimony.text,
            "shorter form": testimony.shorter,
            "shown": testimony.get_shown_as_display(),
            "byline": testimony.byline,
            "state": testimony.get_state_display(),
            "since": testimony.since,
            "agreed to": testimony.agreed_at,
        }


@holds_about_people("Champions")
def champions(person: User) -> Iterable[Row]:
    """Tell whom they nominated, where they were asked to be champion, and whose they asked to be in touch."""
    nominations = ChampionNomination.objects.filter(by__user=person).order_by("pk")
    for nomination in nominations.select_related("cohort", "nominee__user"):
        yield {"cohort": nomination.cohort.name, "you nominated": nomination.nominee.user.name}
    found = Champion.objects.filter(membership__user=person).order_by("pk")
    for champion in found.select_related("cohort", "organisation"):
        yield {
            "cohort": champion.cohort.name,
            "workplace": champion.organisation and champion.organisation.name,
            "asked to be champion": champion.get_state_display(),
            "since": champion.since,
            "name shown": champion.shown_name,
            "role shown": champion.shown_role,
        }
    contacts = ChampionContact.objects.filter(membership__user=person).order_by("pk")
    for contact in contacts.select_related("champion__cohort"):
        yield {"cohort": contact.champion.cohort.name, "would like to be in touch with": contact.champion.shown_name}


@holds_about_people("Messages to and from a champion")
def champion_messages(person: User) -> Iterable[Row]:
    """Tell what they wrote themselves. What others wrote to them they read in the conversation."""
    found = ConversationMessage.objects.filter(conversation__in=conversations.of_person(person)).order_by("pk")
    for message in found.select_related("conversation__membership", "conversation__champion__cohort", "report"):
        is_members = message.side == ConversationMessage.Side.MEMBER
        if is_members == (message.conversation.membership.user_id == person.pk):
            yield {
                "cohort": message.conversation.champion.cohort.name,
                "written": message.written_at,
                "text": conversations.text_of(message),
                "shown to the programme team": hasattr(message, "report"),
            }


@holds_about_people("Who leads sessions")
def facilitator(person: User) -> Iterable[Row]:
    """Tell what stands about them with the sessions that they lead."""
    for record in Facilitator.objects.filter(user=person):
        yield {"name": record.name, "biography": record.biography}


@holds_about_people("Calendar feed")
def feed(person: User) -> Iterable[Row]:
    """Tell that there is one, and never its address: whoever has it reads their dates."""
    for found in CalendarFeed.objects.filter(user=person):
        yield {"times that its address was changed": found.version - 1}

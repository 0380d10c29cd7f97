"""Who may see and do what with programmes, sessions and bookings: one predicate, or one read, for each question.

What somebody may not see is not found, so that an id that is not theirs and one that does not exist
get the same answer.
"""

from datetime import datetime, time, timedelta
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from cohorts.alumni import alumni
from cohorts.materials import HAS_A_PLACE
from cohorts.models import (
    Application,
    Booking,
    Certificate,
    Cohort,
    Course,
    Evidence,
    Facilitator,
    GraduationInvitation,
    Material,
    Membership,
    Programme,
    Session,
    Testimony,
    Venue,
)
from cohorts.models.programmes import ProgrammeQuerySet
from cohorts.models.sessions import SessionQuerySet
from portal.accounts.models import Organisation, Role, User
from portal.accounts.rules import gives_role, holds, is_admin_of_all_programmes, is_facilitator, is_programme_admin
from portal.attachments.models import Attachment
from portal.prepared import Given, Prepared

Visitor = User | AnonymousUser


def _whole(sessions: SessionQuerySet) -> SessionQuerySet:
    """Load with a session what its pages say of it."""
    return sessions.select_related("component__programme", "venue", "cohort").filter(pk=Given("session"))


def _visible_to_a_person() -> SessionQuerySet:
    enrolled = Membership.objects.enrolled().filter(user=Given("person"))
    return Session.objects.filter(
        PUBLIC
        | Q(Exists(enrolled.filter(cohort=OuterRef("cohort"))))
        | Q(Exists(enrolled.filter(cohort__programme=OuterRef("component__programme"))), cohort__isnull=True)
        | Q(Exists(alumni(enrolled.filter(cohort__programme=OuterRef("component__programme")), Given("today"))), ALUMNI)
        | Q(Exists(Booking.objects.filter(user=Given("person"), session=OuterRef("pk"))))
        | Q(Exists(GraduationInvitation.objects.filter(user=Given("person"), graduation__session=OuterRef("pk"))))
        | Q(Exists(Facilitator.objects.filter(user=Given("person"), sessions=OuterRef("pk"))))
    )


# To the public: the sessions of a published series.
PUBLIC = Q(
    cohort__isnull=True,
    component__programme__shape=Programme.Shape.SERIES,
    component__programme__published=True,
)
ALUMNI = Q(open_to_alumni=True)
_PUBLIC_SESSION = Prepared(lambda: _whole(Session.objects.filter(PUBLIC)))
_VISIBLE_SESSION = Prepared(lambda: _whole(_visible_to_a_person()))
_OWN_BOOKING = Prepared(
    lambda: Booking.objects.with_session().select_related("membership").filter(user=Given("person"), uid=Given("uid"))
)
_OWN_MEMBERSHIP = Prepared(
    lambda: (
        Membership.objects.enrolled()
        .select_related("cohort__programme")
        .filter(user=Given("person"), pk=Given("membership"))
    )
)


def visible_session(visitor: Visitor, pk: int) -> Session | None:
    """Return a session with its component, venue and cohort, if somebody may look at it.

    The public sees those of a published series. A person also sees their cohorts' sessions, those they booked once,
    those to which they are invited, those open to alumni of a programme that they have gone through, and those they
    lead.
    """
    if isinstance(visitor, User):
        return _VISIBLE_SESSION.first(person=visitor.pk, session=pk, today=timezone.localdate())
    return _PUBLIC_SESSION.first(session=pk)


def session_once_booked(person: User, pk: int) -> Session | None:
    """Return a session with its component, venue and cohort, if this person has booked it, or had."""
    booked = Session.objects.filter(pk=pk, bookings__user=person).distinct()
    return booked.select_related("component__programme", "venue", "cohort").first()


def reads_evaluations_of(person: User, session: Session) -> bool:
    """Say whether somebody reads what is said of a session: who leads it, or keeps its programme.

    They are not asked themselves: who knows their own answer among five would know the others' as those of four.
    """
    return session_with_register(person, session.pk) is not None


def own_booking(person: User, uid: UUID) -> Booking | None:
    """Return a booking with its session, if it is this person's: nobody else may look at it and change it here."""
    return _OWN_BOOKING.first(person=person.pk, uid=uid)


def own_membership(person: User, pk: int) -> Membership | None:
    """Return a membership with its cohort, if its tasks are for this person to see: their own, while enrolled."""
    return _OWN_MEMBERSHIP.first(person=person.pk, membership=pk)


def own_invitation(person: User, pk: int) -> GraduationInvitation | None:
    """Return an invitation to a graduation with its session, if this person is invited."""
    rows = GraduationInvitation.objects.select_related(
        "graduation__session__component__programme", "graduation__session__venue", "graduation__session__cohort"
    )
    return rows.filter(user=person, graduation=pk).first()


def own_certificate(person: User, serial: str) -> Certificate | None:
    """Return a certificate, standing or not, if it is this person's."""
    return Certificate.objects.filter(holder=person, serial=serial).first()


def own_standing_certificates(person: User) -> list[Certificate]:
    """Return the certificates that somebody can show, the latest first."""
    return list(Certificate.objects.standing().filter(holder=person))


def own_place(person: User, pk: int) -> Membership | None:
    """Return somebody's own membership with its cohort, whatever became of it."""
    rows = Membership.objects.select_related("cohort__programme", "nominated_by", "user")
    return rows.filter(user=person, pk=pk).first()


def cohort_to_apply_for(person: User, pk: int) -> Cohort | None:
    """Return a cohort whose page for applying somebody may open: to which anybody may apply or could, or they did."""
    theirs = Exists(Application.objects.filter(user=person, cohort=OuterRef("pk")))
    invited = Exists(Membership.objects.filter(user=person, cohort=OuterRef("pk")))
    rows = Cohort.objects.select_related("programme").filter(pk=pk)
    return rows.filter(Q(pk__in=Cohort.objects.opened().values("pk")) | Q(theirs) | Q(invited)).first()


def cohort_to_nominate_for(pk: int) -> Cohort | None:
    """Return a cohort for which whoever nominates may do so, or could."""
    return Cohort.objects.opened().select_related("programme").filter(pk=pk).first()


def programmes_to_testify_about(person: User) -> ProgrammeQuerySet:
    """Return the published programmes about which somebody may offer a testimony: they came, or did a part of it."""
    came = Booking.objects.filter(user=person, component__programme=OuterRef("pk"), state=Booking.State.ATTENDED)
    done = Evidence.objects.standing().filter(membership__user=person, component__programme=OuterRef("pk"))
    return Programme.objects.published().filter(Exists(came) | Exists(done))


def own_testimony(person: User, pk: int) -> Testimony | None:
    """Return a testimony with its programme, if somebody wrote it: nobody else may look at it and change it here."""
    rows = Testimony.objects.select_related("programme", "component")
    return rows.filter(author=person, pk=pk).first()


def nominates(visitor: Visitor) -> bool:
    """Organisation leads nominate people of their organisations, and see what became of it."""
    return holds(visitor, Role.Kind.ORGANISATION_LEAD)


def reads_figures(visitor: Visitor) -> bool:
    """Organisation leads read how many people of theirs take part, and never who, nor how far anybody has come."""
    return holds(visitor, Role.Kind.ORGANISATION_LEAD)


def organisations_led(person: User) -> list[Organisation]:
    """Return the organisations that somebody leads this work in."""
    led = person.roles.current().filter(kind=Role.Kind.ORGANISATION_LEAD)
    return list(Organisation.objects.filter(pk__in=led.values("organisation")).order_by("name"))


def may_cancel(booking: Booking) -> bool:
    """Say whether its holder can still give a booking up: until the session begins. Needs the session loaded."""
    return booking.state in Booking.LIVE and not booking.session.has_begun


def may_swap(booking: Booking) -> bool:
    """Say whether its holder can move it to another date: a booked place, until the session begins.

    One that is by invitation stays where it is: they are invited to that date.
    """
    if booking.session.component.programme.is_by_invitation:
        return False
    return booking.state == Booking.State.BOOKED and not booking.session.has_begun


def may_join(booking: Booking) -> bool:
    """Say whether its holder sees the session's join link: a booked place, from the day before (UK) until the end."""
    session = booking.session
    if booking.state not in {Booking.State.BOOKED, Booking.State.ATTENDED} or session.is_cancelled:
        return False
    day_before = timezone.localdate(session.starts_at) - timedelta(days=1)
    opens = timezone.make_aware(datetime.combine(day_before, time.min))
    return opens <= timezone.now() < session.ends_at


def keeps_programmes(visitor: Visitor) -> bool:
    """Say whether somebody sets up programmes, cohorts and sessions in the admin pages."""
    return is_programme_admin(visitor)


def keeps_all_programmes(visitor: Visitor) -> bool:
    """Say whether somebody keeps every programme, whomever it names, and says who else keeps one."""
    return is_admin_of_all_programmes(visitor)


def programmes_kept(person: User) -> ProgrammeQuerySet:
    """Return the programmes that somebody keeps: all, or those that name them.

    With each go its cohorts, people, sessions and bookings.
    """
    if keeps_all_programmes(person):
        return Programme.objects.all()
    if not keeps_programmes(person):
        return Programme.objects.none()
    return Programme.objects.filter(
        Exists(Programme.admins.through.objects.filter(programme=OuterRef("pk"), user=person))
    )


def people_of_programmes_kept(person: User) -> QuerySet[User]:
    """Return who is or was in a programme that somebody keeps, or has booked a session of one: whom they may look up.

    Of anybody else they learn nothing, unless they know the whole address.
    """
    kept = programmes_kept(person)
    joined = Membership.objects.filter(user=OuterRef("pk"), cohort__programme__in=kept)
    booked = Booking.objects.filter(user=OuterRef("pk"), component__programme__in=kept)
    return User.objects.filter(Exists(joined) | Exists(booked))


def keeps_shared(person: User, shared: Facilitator | Venue) -> bool:
    """Say whether somebody may change what programmes share: what it says stands on all its sessions.

    So they must keep the programme of every one of those.
    """
    return not shared.sessions.exclude(component__programme__in=programmes_kept(person)).exists()


def keeps_account_of(person: User, facilitator: Facilitator) -> bool:
    """Say whether somebody may say whose account a facilitator's is: it opens the register of each of their sessions.

    So they must keep those, and may not take it from a superuser, unless they are one.
    """
    if facilitator.user and not gives_role(person, Role.Kind.FACILITATOR, facilitator.user):
        return False
    return keeps_shared(person, facilitator)


def takes_registers(visitor: Visitor) -> bool:
    """Say whether somebody takes registers: of the sessions that they lead, or of the programmes that they keep."""
    return is_facilitator(visitor) or keeps_programmes(visitor)


def session_with_register(person: User, pk: int) -> Session | None:
    """Return a session with its component, cohort and venue, if its register is this person's to take.

    That is who leads it, or keeps its programme: a facilitator may be ill, or a guest without an account.
    """
    return _LED_SESSION.first(person=person.pk, session=pk) or kept_session(person, pk)


def material_file(person: User, uid: UUID) -> Attachment | None:
    """Return the file of a material that a page of a session shows this person: see `materials.seen_with`.

    So does the register's page, with all materials, to whoever takes it.
    """
    goes_with = Q(session=OuterRef("session")) | Q(session__component=OuterRef("component"))
    booked = Booking.objects.filter(goes_with, user=person, state__in=HAS_A_PLACE)
    seen = Q(Exists(booked), shown=Material.Shown.BEFORE) | Q(Exists(booked.filter(session__ends_at__lte=Now())))
    if takes_registers(person):
        led = Session.objects.filter(Q(pk=OuterRef("session")) | Q(component=OuterRef("component")))
        kept = programmes_kept(person)
        seen |= Q(Exists(led.filter(facilitators__user=person)))
        seen |= Q(component__programme__in=kept) | Q(session__component__programme__in=kept)
    found = Material.objects.select_related("file").filter(seen, file__uid=uid).first()
    return found.file if found else None


def session_with_needs(person: User, pk: int) -> Session | None:
    """Return a session whose register is somebody's to take, while they read there what people need who come.

    That is for sessions with a room, until a week after the end; see `cohorts.needs`.
    """
    session = session_with_register(person, pk)
    return session if session and session.tells_needs else None


def who_takes_registers_of(sessions: QuerySet[Session]) -> QuerySet[User]:
    """Return everybody who takes the register of one of these sessions; each says whether they lead one (`leads`)."""
    programmes = Programme.objects.filter(components__sessions__in=sessions)
    leads = Exists(Facilitator.objects.filter(user=OuterRef("pk"), sessions__in=sessions))
    return User.objects.annotate(leads=leads).filter(
        _keeps_one_of(programmes) | Q(may_lead(OuterRef("pk")), leads=True), Exists(sessions), is_active=True
    )


def may_lead(user: OuterRef) -> Exists:
    """Say in a query of a user by key what `takes_registers` says of a visitor: without the role nobody leads."""
    held = Role.objects.current().filter(user=user)
    return Exists(held.filter(kind__in=[Role.Kind.FACILITATOR, *Role.USES_ADMIN_PAGES]))


def who_keeps(programmes: QuerySet[Programme]) -> QuerySet[User]:
    """Return everybody who keeps one of these programmes, among them those who keep all."""
    return User.objects.filter(_keeps_one_of(programmes), is_active=True)


def _keeps_one_of(programmes: QuerySet[Programme]) -> Q:
    """Say of a person that `programmes_kept` has one of these for them, or has all."""
    named = Exists(Programme.admins.through.objects.filter(user=OuterRef("pk"), programme__in=programmes))
    held = Role.objects.current().filter(user=OuterRef("pk"))
    keeps_all = Q(is_superuser=True) | Exists(held.filter(kind=Role.Kind.ALL_PROGRAMMES_ADMIN))
    return keeps_all | Q(named, Exists(held.filter(kind=Role.Kind.PROGRAMME_ADMIN)))


def kept_session(person: User, pk: int) -> Session | None:
    """Return a session with its component, venue and cohort, if it is of a programme that somebody keeps."""
    kept = Session.objects.filter(component__programme__in=programmes_kept(person))
    return kept.select_related("component__programme", "venue", "cohort").filter(pk=pk).first()


def kept_course(person: User, pk: int) -> Course | None:
    """Return a course of self-study with its component, if somebody keeps its programme, published or not."""
    kept = Course.objects.filter(component__programme__in=programmes_kept(person), pk=pk)
    return kept.select_related("component__programme").first()


def cohort_led(person: User, pk: int) -> Cohort | None:
    """Return a cohort with its programme, if how far its people are is this person's to see.

    That is who leads one of its sessions, or keeps its programme: nobody else sees another's progress.
    """
    return _LED_COHORT.first(person=person.pk, cohort=pk) or (
        Cohort.objects.filter(programme__in=programmes_kept(person), pk=pk).select_related("programme").first()
    )


_LED_COHORT = Prepared(
    lambda: Cohort.objects.select_related("programme").filter(
        Exists(Session.objects.scheduled().filter(facilitators__user=Given("person"), cohort=OuterRef("pk"))),
        pk=Given("cohort"),
    )
)
_LED_SESSION = Prepared(
    lambda: Session.objects.select_related("component", "cohort", "venue").filter(
        facilitators__user=Given("person"), pk=Given("session")
    )
)

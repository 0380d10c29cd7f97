"""Graduations: which cohorts one celebrates, inviting whoever is eligible, what they answer, their certificates."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse

from cohorts import certificates, graduating
from cohorts.admin.keeping import KeptAdmin, KeptFilter, count
from cohorts.graduating import NotInviting
from cohorts.group_progress import PersonSoFar
from cohorts.models import Booking, Cohort, Graduation, GraduationInvitation, Session
from cohorts.models.graduations import answer_of
from cohorts.rules import keeps_all_programmes, programmes_kept
from portal.access import person
from portal.accounts.models import User
from portal.generics import ModelForm
from portal.questions import SHOWN, Question, ask, count_of, is_confirmed, people

Answer = GraduationInvitation.Answer


def kept(user: User) -> Q:
    """Say of a graduation that somebody keeps the programmes of all its cohorts: its pages name who is in them."""
    if keeps_all_programmes(user):
        return Q()
    others = Cohort.objects.filter(graduations=OuterRef("pk")).exclude(programme__in=programmes_kept(user))
    return ~Q(Exists(others))


class GraduationForm(ModelForm[Graduation]):
    """Which cohorts, at which session, and with how many guests."""

    class Meta:
        model = Graduation
        fields = ("name", "session", "cohorts", "guests_each")
        widgets: ClassVar = {"cohorts": forms.CheckboxSelectMultiple}

    def clean_session(self) -> Session:
        """Require a session that is booked by invitation."""
        session: Session = self.cleaned_data["session"]
        if not session.component.programme.is_by_invitation:
            raise ValidationError("Choose a session of a programme whose shape is “By invitation”.")
        return session


@admin.register(Graduation)
class GraduationAdmin(KeptAdmin[Graduation]):
    """Celebrations across cohorts. Time, place and places are changed on the session's own page."""

    programme = "session__component__programme"
    form = GraduationForm
    fields = GraduationForm.Meta.fields
    list_display = ("name", "of_session", "invited", "places_taken")
    list_select_related = ("session__component",)
    search_fields = ("name",)
    autocomplete_fields = ("session",)
    ordering = ("-id",)
    sortable_by = ()
    may_delete = True

    def within(self, user: User, queryset: QuerySet[Graduation]) -> QuerySet[Graduation]:
        """Return those of whose cohorts, too, this person keeps every programme."""
        return super().within(user, queryset).filter(kept(user))

    def with_figures(self, rows: QuerySet[Graduation]) -> QuerySet[Graduation]:
        """Count how many are invited to each."""
        invited = GraduationInvitation.objects.filter(graduation=OuterRef("pk"))
        return rows.annotate(invited_now=count(invited, "graduation"))

    @admin.display(description="session")
    def of_session(self, graduation: Graduation) -> str:
        """Return which session it is."""
        return str(graduation.session)

    @admin.display(description="invited")
    def invited(self, graduation: Any) -> int:
        """Say how many people were invited."""
        number: int = graduation.invited_now
        return number

    @admin.display(description="places taken, with guests")
    def places_taken(self, graduation: Graduation) -> str:
        """Say how full its session is."""
        return f"{graduation.session.taken} of {graduation.session.places}"

    def get_readonly_fields(self, request: HttpRequest, obj: Graduation | None = None) -> tuple[str, ...]:
        """Keep the session once somebody is invited to it."""
        return ("session",) if obj and self.is_in_use(obj) else ()

    def is_in_use(self, obj: Graduation) -> bool:
        """Say whether anybody is invited."""
        return obj.invitations.exists()

    def pages(self) -> list[URLPattern]:
        """Add inviting, and certificates for all cohorts at once."""
        return [
            path("<int:pk>/invite/", self.invite_page, name="cohorts_graduation_invite"),
            path("<int:pk>/certify/", self.certify_page, name="cohorts_graduation_certify"),
        ]

    def invite_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show who is eligible and who nearly is, and invite those who were not invited yet."""
        graduation = self._graduation(request, pk)
        if is_confirmed(request):
            try:
                number = graduating.invite(graduation, by=person(request))
            except NotInviting as refused:
                messages.error(request, f"Nobody was invited. {refused}")
            else:
                said = f"Invited: {people(number)}." if number else "There was nobody left to invite."
                messages.add_message(request, messages.SUCCESS if number else messages.WARNING, said)
            return HttpResponseRedirect(reverse("admin:cohorts_graduation_change", args=[pk]))
        due = graduating.to_invite(graduation).select_related("user", "cohort").order_by("cohort__name", "user__name")
        number, why_not = due.count(), graduating.why_not_inviting(graduation)
        question = Question(
            title=f"Invite to {graduation}",
            says=[*_says(graduation, number), *([why_not] if why_not else [])],
            headings=("Person", "Cohort"),
            listed=[(each.user.name, each.cohort.name) for each in due[:SHOWN]],
            more=max(0, number - SHOWN),
            left_out=_nearly(graduation),
            button=f"Invite {people(number)}" if number and not why_not else "",
            about=graduation,
        )
        return ask(request, self, question)

    def certify_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Issue certificates to everybody in its cohorts who is complete, once it is said to how many."""
        graduation = self._graduation(request, pk)
        if is_confirmed(request):
            number = graduating.certify(graduation, by=person(request))
            if number:
                messages.success(request, f"Issued: {count_of(number, 'certificate')}. Whoever got one is written to.")
            else:
                messages.warning(request, "There was nobody left to issue one to.")
            return HttpResponseRedirect(reverse("admin:cohorts_graduation_change", args=[pk]))
        due = [(each, certificates.without_certificate(each).count()) for each in graduating.cohorts_of(graduation)]
        number = sum(several for _, several in due)
        question = Question(
            title=f"Issue certificates for {graduation}",
            says=[
                f"This issues certificates of completion to {people(number)}. Whoever gets one is written to."
                if number
                else "Nobody is complete without having had a certificate, so there is nothing to issue."
            ],
            headings=("Cohort", "Certificates to issue"),
            listed=[(each.name, str(several)) for each, several in due],
            button=f"Issue {count_of(number, 'certificate')}" if number else "",
            about=graduation,
        )
        return ask(request, self, question)

    def _graduation(self, request: HttpRequest, pk: int) -> Graduation:
        return get_object_or_404(self.get_queryset(request).select_related("session"), pk=pk)


def _says(graduation: Graduation, number: int) -> list[str]:
    eligible = graduating.eligible(graduation).order_by().values("user").distinct().count()
    invited = graduation.invitations.count()
    each = graduation.guests_each
    left = graduation.session.places_left
    room = (
        f"Each may bring {count_of(each, 'guest')}. The session has {count_of(left, 'place')} left. "
        "When it is full, people join the waiting list."
    )
    return [
        f"Complete in the cohorts of this graduation: {people(eligible)}. Invited so far: {people(invited)}.",
        f"This invites {people(number)}, by email, once. Whoever completes later can be invited later."
        if number
        else "Nobody is eligible who was not invited already.",
        room,
    ]


def _nearly(graduation: Graduation) -> list[tuple[str, str]]:
    return [
        (f"{each.name}, {cohort.name}", f"Still to do: {_missing(each)}.")
        for cohort in graduating.cohorts_of(graduation)
        for each in graduating.nearly(cohort)
    ]


def _missing(each: PersonSoFar) -> str:
    short = [f"{number} of “{choice.title}”" for choice, number in each.short]
    return ", ".join([*(f"“{component.title}”" for component in each.missing), *short])


class Answers(admin.SimpleListFilter):
    """Filter by what was answered."""

    title = "answer"
    parameter_name = "answer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return list(Answer.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the invitations with the chosen answer."""
        state = Booking.State
        said_no = Q(booked_as__isnull=True, declined_at__isnull=False)
        found = {
            Answer.COMING: Q(booked_as__in=[state.BOOKED, state.ATTENDED]),
            Answer.WAITING: Q(booked_as=state.WAITING),
            Answer.OFFERED: Q(booked_as=state.OFFERED),
            Answer.NOT_COMING: said_no | Q(booked_as__in=[state.CANCELLED, state.APOLOGIES, state.DID_NOT_ATTEND]),
            Answer.NONE: Q(booked_as__isnull=True, declined_at__isnull=True),
        }
        chosen = self.value()
        return queryset.filter(found[Answer(chosen)]) if chosen in Answer.values else queryset


@admin.register(GraduationInvitation)
class GraduationInvitationAdmin(KeptAdmin[GraduationInvitation]):
    """Who was invited, and what they answered. To answer is theirs: the team books for somebody as for any session."""

    programme = "graduation__session__component__programme"
    may_add = may_change = False
    list_display = ("name", "graduation", "invited_at", "reminded_at", "answer", "guests_coming")
    list_filter = (("graduation", KeptFilter), Answers)
    list_select_related = ("user", "graduation")
    search_fields = ("user__name", "user__email")
    search_help_text = "Search by name or email address."
    ordering = ("-id",)
    sortable_by = ()
    fields = readonly_fields = ("name", "graduation", "invited_at", "reminded_at", "answer", "guests_coming")

    def within(self, user: User, queryset: QuerySet[GraduationInvitation]) -> QuerySet[GraduationInvitation]:
        """Return those to graduations of whose cohorts, too, this person keeps every programme."""
        graduations = Graduation.objects.filter(kept(user))
        return super().within(user, queryset).filter(graduation__in=graduations)

    def get_queryset(self, request: HttpRequest) -> QuerySet[GraduationInvitation]:
        """Return invitations with their answers."""
        rows: Any = super().get_queryset(request)
        found: QuerySet[GraduationInvitation] = rows.with_answers().select_related("user", "graduation")
        return found

    @admin.display(description="person")
    def name(self, invitation: GraduationInvitation) -> str:
        """Return the person's name."""
        return invitation.user.name

    @admin.display(description="answer")
    def answer(self, invitation: Any) -> str:
        """Say what they answered."""
        return answer_of(invitation.booked_as, invitation.declined_at).label

    @admin.display(description="guests")
    def guests_coming(self, invitation: Any) -> str:
        """Say how many guests come with them, or would."""
        answer = answer_of(invitation.booked_as, invitation.declined_at)
        expected = answer in {Answer.COMING, Answer.WAITING, Answer.OFFERED}
        return str(invitation.guests) if expected else ""

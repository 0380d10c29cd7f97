"""People: found, kept up to date, stopped from signing in, helped with a lost second factor."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from portal.access import person as signed_in_person
from portal.accounts import seeing
from portal.accounts.admin.merges import chosen_two, merge_page
from portal.accounts.erasure import CannotErase, erase_at_their_word, what_goes, what_stays, why_not
from portal.accounts.models import Role, User
from portal.accounts.names import NameField
from portal.accounts.rules import Visitor, keeps_people, keeps_person
from portal.accounts.second_factor import HOLDS_SECOND_FACTOR, reset_second_factors
from portal.administration import RuledAdmin
from portal.generics import ModelForm
from portal.questions import Deed, ask_first, people


class HoldsFilter(admin.SimpleListFilter):
    """Filter by the roles that people hold now."""

    title = "role"
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer each kind of role, and none."""
        return [*((str(kind), str(label)) for kind, label in Role.Kind.choices), ("none", "No role")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """Return the people who hold it."""
        held = Role.objects.current().filter(user=OuterRef("pk"))
        if self.value() == "none":
            return queryset.filter(~Exists(held))
        return queryset.filter(Exists(held.filter(kind=self.value()))) if self.value() else queryset


class PersonForm(ModelForm[User]):
    """Asks for what others may change about a person."""

    name = NameField()

    class Meta:
        model = User
        fields = ("name", "organisation", "job_role", "is_active")


@admin.register(User)
class PersonAdmin(RuledAdmin[User]):
    """People with an account. They come by invitation, by sign-up or by enrolment, never by a form here.

    An address is changed by its owner alone, who proves that the new one is theirs.
    """

    rule = keeps_people
    form = PersonForm
    may_add = False
    list_display = ("name", "email", "organisation", "roles_now", "is_active")
    list_filter = ("is_active", HoldsFilter)
    list_select_related = ("organisation",)
    search_fields = ("name", "email")
    ordering = ("name", "id")
    sortable_by = ("name", "email")
    autocomplete_fields = ("organisation", "job_role")
    fields = ("email", "name", "organisation", "job_role", "is_active", "roles_now", "is_superuser", "last_login")
    readonly_fields = ("email", "roles_now", "is_superuser", "last_login")
    actions = ("reset_second_factors", "put_together", "erase")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Read each person's current roles in one more statement for the whole page."""
        current = Role.objects.current().select_related("organisation")
        return super().get_queryset(request).prefetch_related(Prefetch("roles", current, to_attr="current_roles"))

    def choices(self, request: HttpRequest) -> QuerySet[User]:
        """Leave out accounts that were put together with another: that one is chosen."""
        return super().choices(request).filter(merged_into__isnull=True)

    def pages(self) -> list[URLPattern]:
        """Add putting two accounts together, and what a person sees."""
        return [
            path("<int:pk>/merge/", self.merge_page, name="accounts_user_merge"),
            path("<int:pk>/sees/<path:page>", self.sees, name="accounts_user_sees"),
        ]

    def merge_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Put two accounts of one person together; see `portal.accounts.admin.merges`."""
        return merge_page(self, request, pk)

    def choice_label(self, person: User) -> str:
        """Tell people of the same name apart where one is chosen."""
        return f"{person.name} ({person.email})"

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """A superuser's account is changed by superusers alone; one that was put together with another by nobody."""
        may = super().has_change_permission(request, obj)
        return may and (obj is None or (obj.merged_into_id is None and keeps_person(request.user, obj)))

    def sees(self, request: HttpRequest, pk: int, page: str) -> HttpResponse:
        """Show a page as somebody sees it who may sign in; see `seeing`. Nothing can be done there."""
        person = get_object_or_404(self.get_queryset(request).filter(is_active=True), pk=pk)
        start = reverse("admin:accounts_user_sees", args=[pk, "me/"])
        back = request.build_absolute_uri(reverse("admin:accounts_user_change", args=[pk]))
        pressed = request.method not in {"GET", "HEAD"}
        with suppress(Http404):
            if not pressed:
                prefix = start.removesuffix("/me/")
                by = signed_in_person(request)
                return seeing.page_of(person, f"/{page}", request, by=by, prefix=prefix, back=back)
        context = {"pressed": pressed, "start": start, "back": back}
        return render(request, "accounts/not_seen.html", context, status=405 if pressed else 404)

    @admin.display(description="roles")
    def roles_now(self, person: User) -> SafeString | str:
        """Show the roles held now, and lead to where they are given and ended."""
        address = f"{reverse('admin:accounts_role_changelist')}?user={person.pk}"
        return format_html('<a href="{}">{}</a>', address, roles_of(person) or "None")

    @admin.action(description="Remove the second step of signing in, for people who lost it", permissions=["change"])
    def reset_second_factors(self, request: HttpRequest, queryset: QuerySet[User]) -> TemplateResponse | None:
        """Let people set up a new second factor, once it is said whose is removed."""
        asking = signed_in_person(request)

        def reset(chosen: Sequence[User]) -> tuple[int, str]:
            number = reset_second_factors(chosen, reset_by=asking)
            return number, f"Second step removed for {people(number)}."

        deed: Deed[Any] = Deed(
            action="reset_second_factors",
            title="Remove the second step of signing in",
            button="Remove the second step",
            headings=("Person", "Email", "Roles"),
            cells=lambda p: (p.name, p.email, roles_of(p)),
            why_not=lambda person: why_not_reset(asking, person),
            says=lambda chosen: [
                f"This removes the authenticator apps, passkeys and recovery codes of {people(len(chosen))}.",
                "They are signed out. Whose role needs a second step sets up a new one at the next sign-in.",
                "Make sure in person or by phone that it is they who asked: a thief of a mailbox would ask too.",
            ],
            do=reset,
        )
        return ask_first(request, self, queryset.annotate(holds_second_factor=HOLDS_SECOND_FACTOR), deed)

    @admin.action(description="Put two accounts of one person together", permissions=["change"])
    def put_together(self, request: HttpRequest, queryset: QuerySet[User]) -> HttpResponse | None:
        """Lead to the page that says what would happen."""
        return chosen_two(self, request, list(queryset[:3]))

    @admin.action(description="Erase people who asked to be forgotten", permissions=["change"])
    def erase(self, request: HttpRequest, queryset: QuerySet[User]) -> TemplateResponse | None:
        """Forget who people were, once it is said what goes with that."""
        asking = signed_in_person(request)

        def forget(chosen: Sequence[User]) -> tuple[int, str]:
            number = 0
            for one in chosen:
                with suppress(CannotErase):  # something has changed since it was asked: it is counted as left
                    erase_at_their_word(one, by=asking)
                    number += 1
            return number, erased(number)

        deed: Deed[User] = Deed(
            action="erase",
            title="Erase people",
            button="Erase",
            headings=("Person", "Email", "Roles"),
            cells=lambda p: (p.name, p.email, roles_of(p)),
            why_not=lambda person: why_not_erase(asking, person),
            says=lambda chosen: says_of_erasing(len(chosen)),
            do=forget,
        )
        return ask_first(request, self, queryset, deed)


def says_of_erasing(number: int) -> list[str]:
    """Say what erasing people does, what they are told of it, and what to make sure of first."""
    whom = f"{people(number)} {'is' if number == 1 else 'are'}"
    return [
        f"This deletes for ever who {whom}. What they have booked is cancelled.",
        f"They are told by email: “We deleted {'; '.join(what_goes())}.”",
        f"And: “We keep {'; '.join(what_stays())}.”",
        "Make sure that it is they who asked. Whom a legal hold keeps is not erased until it is lifted.",
    ]


def erased(number: int) -> SafeString:
    """Say how many were erased, and lead to what they are told."""
    address = reverse("admin:retention_erasurerequest_letter")
    return format_html('Erased: {}. They are told <a href="{}">what was done</a>.', people(number), address)


def why_not_erase(user: User, person: User) -> str:
    """Say why somebody does not erase a person: nothing, if they may."""
    if person.pk == user.pk:
        return "Somebody else has to do that for you."
    return why_not(person)


def why_not_reset(user: Visitor, person: Any) -> str:
    """Say why somebody does not remove a person's second factor: nothing, if they may."""
    if not keeps_person(user, person):
        return "A superuser's account is for superusers to change."
    return "" if person.holds_second_factor else "There is no second step to remove."


def roles_of(person: User) -> str:
    """Name the roles that a person holds now, as `PersonAdmin` has read them."""
    return ", ".join(
        f"{role.get_kind_display()}{f' ({role.organisation})' if role.organisation else ''}"
        for role in getattr(person, "current_roles", ())
    )

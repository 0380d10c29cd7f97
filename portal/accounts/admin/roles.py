"""Roles: given and ended through the verbs, so that each change is in the trail."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Field, QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone

from portal.access import person as signed_in_person
from portal.accounts.models import Role
from portal.accounts.roles import end_roles, grant_role
from portal.accounts.rules import Visitor, gives_role, keeps_people, kinds_given_by
from portal.administration import RuledAdmin
from portal.generics import ModelForm
from portal.questions import Deed, ask_first, count_of, people


def choices_for(giver: Visitor) -> list[tuple[str, str]]:
    """Return the kinds of role that somebody may give, as a form offers them and accepts them."""
    given = kinds_given_by(giver)
    return [(value, label) for value, label in Role.Kind.choices if value in given]


def organisation_problem(kinds: set[str], organisation: object) -> str:
    """Say what is wrong with roles of these kinds about this organisation, or with there being none."""
    needs_one = not kinds.isdisjoint(Role.OF_AN_ORGANISATION)
    if needs_one and not organisation:
        return "Choose the organisation of the lead or sponsor"
    return ""


def why_not_end(user: Visitor, role: Role) -> str:
    """Say why somebody does not end a role: nothing, if they may."""
    if not role.is_current:
        return "It has ended already."
    if gives_role(user, role.kind, role.user):
        return ""
    if role.user.is_superuser and not user.is_superuser:
        return "A superuser's roles are for superusers to end."
    return "The provider's own lead ends this role."


class RoleForm(ModelForm[Role]):
    """Asks who gets which role."""

    class Meta:
        model = Role
        fields = ("user", "kind", "organisation", "until")

    def clean(self) -> dict[str, Any]:
        """Ask for an organisation where the role is about one, and for none elsewhere."""
        cleaned = super().clean() or self.cleaned_data
        kind, organisation, until = cleaned.get("kind"), cleaned.get("organisation"), cleaned.get("until")
        if kind and (problem := organisation_problem({kind}, organisation)):
            self.add_error("organisation", problem)
        if kind and organisation and kind not in Role.OF_AN_ORGANISATION:
            self.add_error("organisation", "Leave this empty: the role is not about one organisation")
        if until and until <= timezone.now():
            self.add_error("until", "Enter a time in the future, or leave this empty")
        # A role that was held before is renewed, not given twice.
        before = Role.objects.filter(user=cleaned.get("user"), kind=kind, organisation=organisation).first()
        self.instance = before or self.instance
        return cleaned


class CurrentFilter(admin.SimpleListFilter):
    """Show the roles held now unless the others are asked for."""

    title = "held"
    parameter_name = "held"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Offer those that ended as well; "All" stands for those held now."""
        return [("ended", "Ended")]

    def choices(self, changelist: Any) -> Any:
        """Call the one that is chosen by default by its name."""
        for choice in super().choices(changelist):
            yield choice | ({"display": "Now"} if choice["display"] == "All" else {})

    def queryset(self, request: HttpRequest, queryset: QuerySet[Role]) -> QuerySet[Role]:
        """Return the chosen roles."""
        current = Role.objects.current().values("pk")
        return queryset.exclude(pk__in=current) if self.value() == "ended" else queryset.filter(pk__in=current)


@admin.register(Role)
class RoleAdmin(RuledAdmin[Role]):
    """Who may do what beyond taking part."""

    rule = keeps_people
    form = RoleForm
    may_change = False
    list_display = ("user", "kind", "organisation", "since", "until")
    list_display_links = None
    list_filter = (CurrentFilter, "kind")
    list_select_related = ("user", "organisation")
    search_fields = ("user__name", "user__email", "organisation__name")
    ordering = ("user__name", "id")
    autocomplete_fields = ("user", "organisation")
    actions = ("end",)

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Allow the list of one person's roles, which their page leads to."""
        return lookup == "user" or super().lookup_allowed(lookup, value, request)

    def get_field_queryset(
        self, db: str | None, db_field: "Field[Any, Any]", request: HttpRequest
    ) -> QuerySet[Any] | None:
        """Offer, and accept, only people whose account the person may change."""
        rows = super().get_field_queryset(db, db_field, request)
        if rows is None or db_field.name != "user" or request.user.is_superuser:
            return rows
        return rows.filter(is_superuser=False)

    def formfield_for_choice_field(
        self, db_field: "Field[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> "forms.TypedChoiceField | None":
        """Offer, and accept, only the kinds that the person may give."""
        if db_field.name == "kind":
            kwargs["choices"] = [("", "---------"), *choices_for(request.user)]
        return super().formfield_for_choice_field(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Role, form: "forms.ModelForm[Role]", change: bool) -> None:  # noqa: FBT001  # Django's own
        """Give the role."""
        granted = grant_role(
            obj.user,
            Role.Kind(obj.kind),
            granted_by=signed_in_person(request),
            organisation=obj.organisation,
            until=obj.until,
        )
        obj.pk = granted.pk

    def log_addition(self, request: HttpRequest, obj: Role, message: Any) -> Any:
        """Add nothing: `grant_role` has recorded it."""

    @admin.action(description="End the chosen roles now", permissions=["end"])
    def end(self, request: HttpRequest, queryset: QuerySet[Role]) -> TemplateResponse | None:
        """Take roles away, once it is said whose."""
        asking = signed_in_person(request)

        def says(roles: Sequence[Role]) -> list[str]:
            number, holders = len(roles), len({role.user_id for role in roles})
            own = any(role.user_id == asking.pk for role in roles)
            return [
                f"This ends {count_of(number, 'role')} of {people(holders)}. What a role allows ends at once.",
                *(["Your own is among them."] if own else []),
                "You can give a role again at any time. That it ended stays in the trail.",
            ]

        def end(roles: Sequence[Role]) -> tuple[int, str]:
            number = end_roles(roles, ended_by=asking)
            return number, f"{count_of(number, 'role')} ended."

        deed = Deed(
            action="end",
            title="End roles",
            button="End the roles",
            headings=("Person", "Email", "Role", "Organisation"),
            cells=lambda r: (r.user.name, r.user.email, r.get_kind_display(), str(r.organisation or "")),
            why_not=lambda role: why_not_end(asking, role),
            says=says,
            do=end,
        )
        return ask_first(request, self, queryset.select_related("user", "organisation"), deed)

    def has_end_permission(self, request: HttpRequest) -> bool:
        """Say whether the person may take roles away."""
        return keeps_people(request.user)

"""The one admin site: reached only through the portal's own sign-in, and each of its pages under a rule."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast
from urllib.parse import unquote

from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import BadRequest, PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from portal.access import access, anyone
from portal.accounts.models import User
from portal.accounts.rules import Visitor, is_programme_admin
from portal.admin_needs import needs_of
from portal.administration import RuledAdmin, set_rule

V = TypeVar("V", bound=Callable[..., HttpResponseBase])


def uses_admin_pages(user: Visitor) -> bool:
    """Programme admins, of whatever scope, and superusers work here while they may sign in and count as staff."""
    return user.is_active and is_programme_admin(user) and user.is_staff


class LabelledAutocomplete(AutocompleteJsonView):
    """Answers an autocomplete field with what the page on which it stands offers there.

    An admin class with a method `choice_label` says how its rows are told apart.
    """

    def process_request(self, request: HttpRequest) -> tuple[str, Any, Any, str]:
        """Find the page, and by what it chooses. Raises PermissionDenied where it has no such field."""
        term, model_admin, field, _ = super().process_request(request)
        page = admin.site._registry.get(field.model)  # noqa: SLF001  # what Django itself does
        if not isinstance(page, RuledAdmin):
            raise PermissionDenied
        if field.name not in {*page.get_autocomplete_fields(request)} - {*page.get_readonly_fields(request)}:
            raise PermissionDenied
        self.page = page
        return term, model_admin, field, page.chosen_by(field, request)

    def has_perm(self, request: HttpRequest, obj: Any = None) -> bool:
        """Say whether the person may fill in the page; to list the other model's rows is another matter."""
        return self.page.has_add_permission(request) or self.page.has_change_permission(request)

    def get_queryset(self) -> QuerySet[Any]:
        """Return what it offers for what was typed."""
        return self.page.offered(self.source_field, self.request, self.term)

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        """Return the value by which a row is chosen, and its label."""
        label = getattr(self.model_admin, "choice_label", str)
        return {"id": str(getattr(obj, to_field_name)), "text": label(obj)}


class PortalAdminSite(admin.AdminSite):
    """The one admin site."""

    site_header = site_title = "Cohort Portal administration"
    index_title = "What needs doing today"
    # What the portal does in its own way (passwords), or would show without asking a rule (any row's own address).
    LEFT_OUT = frozenset({"password_change", "password_change_done", "view_on_site"})

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.disable_action("delete_selected")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take the portal's own pages: those that packages bring along ask no rule, and show secrets of sign-in."""
        if admin_class is not None and not admin_class.__module__.startswith(("allauth.", "django.")):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Open the admin pages to programme admins and superusers."""
        return uses_admin_pages(request.user)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead to the portal's own sign-in, with its rate limits and second factors; there is no other door."""
        target = request.GET.get("next", "")
        if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
            target = reverse("admin:index")
        if self.has_permission(request):
            return HttpResponseRedirect(target)
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(target)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Name the rule of each page, for the portal denies what names none."""
        urls = [url for url in super().get_urls() if getattr(url, "name", None) not in self.LEFT_OUT]
        for url in urls:
            if isinstance(url, URLPattern) and url.name == "login":
                url.callback = access(anyone)(url.callback)
            elif isinstance(url, URLPattern):
                set_rule(url, uses_admin_pages)
        return urls

    def admin_view(self, view: V, cacheable: bool = False) -> V:  # noqa: FBT001, FBT002  # Django's own
        """Open a page to whoever uses the admin pages, and refuse an address that PostgreSQL cannot be asked about."""
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if "\0" in unquote(request.get_full_path()):
                raise BadRequest("The address holds a character that no text has.")
            return guarded(request, *args, **kwargs)

        return cast("V", answer)

    def autocomplete_view(self, request: HttpRequest) -> HttpResponseBase:  # type: ignore[override]  # Django's as_view says no more
        """Answer an autocomplete field."""
        return LabelledAutocomplete.as_view(admin_site=self)(request)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show what needs doing today, and the way to everything else."""
        user = request.user
        needs = needs_of(user) if isinstance(user, User) else []
        return super().index(request, {"needs": needs, **(extra_context or {})})

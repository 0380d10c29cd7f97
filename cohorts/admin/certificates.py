"""The certificates that were issued: to find one, to replace it, to revoke it."""

from dataclasses import replace
from operator import attrgetter
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse

from cohorts import certificates as verbs
from cohorts.admin.keeping import KeptAdmin, KeptFilter
from cohorts.certificates import NotIssued
from cohorts.completion import with_completion
from cohorts.models import Booking, Certificate, Membership
from portal.access import person
from portal.questions import Question, ask, fill_in, goes_back, is_confirmed


class RevokeForm(forms.Form):
    """Asks why a certificate is revoked."""

    reason = forms.CharField(
        max_length=300,
        label="Why",
        widget=forms.Textarea(attrs={"rows": 3, "cols": 60}),
        help_text="You and its holder can read this. Whoever checks the certificate cannot. "
        "Leave out anything about health or family.",
    )


class Standing(admin.SimpleListFilter):
    """Filter by whether certificates stand."""

    title = "whether it stands"
    parameter_name = "stands"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [("yes", "Stands"), ("no", "Revoked or replaced")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Certificate]) -> QuerySet[Certificate]:
        """Return the certificates that were chosen."""
        found = {"yes": Q(ended_at__isnull=True), "no": Q(ended_at__isnull=False)}.get(self.value() or "", Q())
        return queryset.filter(found)


@admin.register(Certificate)
class CertificateAdmin(KeptAdmin[Certificate]):
    """Certificates, for reading. They are issued from a cohort's page, or by whoever attended a session."""

    programme = "programme"
    reasons: ClassVar = {"certificate.revoked": attrgetter("reason")}
    may_add = may_change = False
    list_display = ("serial", "of_holder", "what", "issued_at", "state", "still_so")
    list_filter = (Standing, "kind", ("programme", KeptFilter))
    list_select_related = ("holder", "replaced_by")
    search_fields = ("serial", "holder__name", "holder__email")
    search_help_text = "Search by serial, name or email address."
    ordering = ("-id",)
    sortable_by = ()
    fields = readonly_fields = (
        "serial",
        "of_holder",
        "kind",
        "programme_name",
        "cohort_name",
        "title",
        "first_day",
        "last_day",
        "cpd_points",
        "minutes",
        "issuer",
        "issued_at",
        "issued_by_name",
        "state",
        "ended_at",
        "reason",
    )

    def with_figures(self, rows: QuerySet[Certificate]) -> QuerySet[Certificate]:
        """Say of each whether what it stands on is still so."""
        membership = with_completion(Membership.objects.filter(pk=OuterRef("membership")))
        came = Booking.objects.filter(pk=OuterRef("booking"), state=Booking.State.ATTENDED)
        return rows.annotate(is_so=Exists(membership.filter(is_complete=True)) | Exists(came))

    @admin.display(description="holder")
    def of_holder(self, certificate: Certificate) -> str:
        """Return the holder's name as it is now: an earlier one is nobody's to learn."""
        return certificate.holder.name

    @admin.display(description="issued by")
    def issued_by_name(self, certificate: Certificate) -> str:
        """Return who issued it."""
        return certificate.issued_by.name

    @admin.display(description="for")
    def what(self, certificate: Certificate) -> str:
        """Return what was attended, or in which cohort the programme was completed."""
        return f"{certificate.kind.capitalize()}: {certificate.title or certificate.cohort_name}"

    @admin.display(description="state")
    def state(self, certificate: Certificate) -> str:
        """Say whether it stands."""
        if certificate.stands:
            return "Stands"
        return "Replaced" if hasattr(certificate, "replaced_by") else "Revoked"

    @admin.display(description="evidence stands", boolean=True)
    def still_so(self, certificate: Any) -> bool:
        """Say whether register and evidence still say what it says."""
        is_so: bool = certificate.is_so
        return is_so

    def pages(self) -> list[URLPattern]:
        """Add revoking and replacing one."""
        return [
            path("<int:pk>/revoke/", self.revoke_page, name="cohorts_certificate_revoke"),
            path("<int:pk>/reissue/", self.reissue_page, name="cohorts_certificate_reissue"),
        ]

    def revoke_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Revoke a certificate, once it is said why and what that does."""
        certificate = self._certificate(request, pk)
        form = RevokeForm(request.POST if request.method == "POST" else None)
        question = Question(
            title=f"Revoke {certificate}",
            says=[
                f"{certificate.holder} can no longer download it. They are not written to: write to them yourself.",
                "Whoever checks it is told that it no longer stands, and nothing else.",
                "This cannot be taken back, but you can issue a new one.",
            ],
            button="Revoke",
            about=certificate,
        )
        if request.method != "POST" or not form.is_valid() or goes_back(request):
            return fill_in(request, self, replace(question, button="Continue"), form)
        if not is_confirmed(request):
            return ask(request, self, question, form)
        return self._done(
            request,
            certificate,
            lambda: verbs.revoke(certificate, reason=form.cleaned_data["reason"], by=person(request)),
            "is revoked",
        )

    def reissue_page(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Replace a certificate by a new one with its holder's name of now, once it is said what that does."""
        certificate = self._certificate(request, pk)
        if is_confirmed(request):
            return self._done(
                request, certificate, lambda: verbs.reissue(certificate, by=person(request)), "is replaced by a new one"
            )
        question = Question(
            title=f"Replace {certificate}",
            says=[
                f"{certificate.holder} gets a new certificate with their name as it is now, and is written to.",
                "The old one no longer stands, and keeps no name.",
            ],
            button="Replace",
            about=certificate,
        )
        return ask(request, self, question)

    def _certificate(self, request: HttpRequest, pk: int) -> Certificate:
        return get_object_or_404(self.get_queryset(request).select_related("holder"), pk=pk)

    def _done(self, request: HttpRequest, certificate: Certificate, do: Any, done: str) -> HttpResponse:
        try:
            do()
        except NotIssued as refused:
            messages.error(request, f"Nothing was changed. {refused}")
        else:
            messages.success(request, f"{certificate} {done}.")
        return HttpResponseRedirect(reverse("admin:cohorts_certificate_change", args=[certificate.pk]))

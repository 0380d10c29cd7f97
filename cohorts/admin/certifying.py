"""The pages on which the team issues certificates of completion: to all of a cohort who are complete, or to one."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse

from cohorts import certificates
from cohorts.certificates import NotIssued
from cohorts.completion import with_counts
from cohorts.models import Certificate, Cohort, Membership
from portal.access import person
from portal.questions import SHOWN, Question, ask, count_of, is_confirmed, people


def certify_all(model_admin: "admin.ModelAdmin[Cohort]", request: HttpRequest, pk: int) -> HttpResponse:
    """Issue certificates to everybody who is complete and never had one, once it is said to how many."""
    cohort = get_object_or_404(model_admin.get_queryset(request).select_related("programme"), pk=pk)
    if is_confirmed(request):
        number = certificates.issue_to_all(cohort, by=person(request))
        if number:
            messages.success(request, f"Issued: {count_of(number, 'certificate')}. Whoever got one is written to.")
        else:
            messages.warning(request, "There was nobody left to issue one to.")
        listed = reverse("admin:cohorts_certificate_changelist")
        return HttpResponseRedirect(f"{listed}?programme__id__exact={cohort.programme_id}")
    due: QuerySet[Any] = certificates.without_certificate(cohort)
    number = due.count()
    question = Question(
        title=f"Issue certificates for {cohort}",
        says=_says(cohort, number),
        headings=("Person", "Organisation"),
        listed=[
            (row.user.name, str(row.organisation or ""))
            for row in due.select_related("user", "organisation").order_by("user__name", "pk")[:SHOWN]
        ],
        more=max(0, number - SHOWN),
        left_out=_not_complete(cohort),
        button=f"Issue {count_of(number, 'certificate')}" if number else "",
        about=cohort,
    )
    return ask(request, model_admin, question)


def certify_one(model_admin: "admin.ModelAdmin[Membership]", request: HttpRequest, pk: int) -> HttpResponse:
    """Issue a certificate to one person, once it is said what that does."""
    membership = get_object_or_404(model_admin.get_queryset(request).select_related("user", "cohort__programme"), pk=pk)
    if is_confirmed(request):
        try:
            certificate = certificates.issue(membership, by=person(request))
        except NotIssued as refused:
            messages.error(request, f"Nothing was issued. {refused}")
            return HttpResponseRedirect(reverse("admin:cohorts_membership_change", args=[pk]))
        messages.success(request, f"{membership.user} has certificate {certificate}.")
        return HttpResponseRedirect(reverse("admin:cohorts_certificate_change", args=[certificate.pk]))
    standing = Certificate.objects.standing().filter(membership=membership).first()
    may_issue = standing is None and certificates.complete(membership.cohort).filter(pk=pk).exists()
    if standing:
        says = f"They have certificate {standing}, which stands."
    elif may_issue:
        says = f"It says that they have completed {membership.cohort.programme}. They are written to."
    else:
        says = "They have not done all that the programme requires, so there is nothing to certify yet."
    question = Question(
        title=f"Issue a certificate to {membership.user}",
        says=[says],
        button="Issue the certificate" if may_issue else "",
        about=membership,
    )
    return ask(request, model_admin, question)


def _says(cohort: Cohort, number: int) -> list[str]:
    had = Certificate.objects.filter(membership__cohort=cohort).values("membership").distinct().count()
    said = [f"This issues certificates of completion to {people(number)}. Whoever gets one is written to."]
    if not number:
        said = ["Nobody is complete without having had a certificate, so there is nothing to issue."]
    return [*said, f"Had one before: {people(had)}."] if had else said


def _not_complete(cohort: Cohort) -> list[tuple[str, str]]:
    """Return who is not complete, each with how far they are."""
    rows: QuerySet[Any] = Membership.objects.enrolled().filter(cohort=cohort)
    others = with_counts(rows.exclude(pk__in=certificates.complete(cohort).values("pk")))
    return [
        (row.user.name, f"They have done {row.done} of the {count_of(row.asked, 'thing')} that the programme requires.")
        for row in others.select_related("user").order_by("user__name", "pk")
    ]

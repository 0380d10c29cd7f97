"""Where somebody says whether they are named under what is published of a project, and takes that back."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods

from portal.access import access, existing, person, signed_in
from portal.accounts import typed
from portal.accounts.models import User
from qi_projects import gallery, publication_rules
from qi_projects import naming as verbs
from qi_projects.models import Publication
from qi_projects.publication_forms import NamingForm
from qi_projects.refusals import BylineChanged, ProjectRefused
from qi_projects.views.published_page import page_of
from qi_projects.views.seats import INVALID, REFUSED


def _form(user: User, publication: Publication, data: QueryDict | None = None) -> NamingForm:
    said = verbs.answer_of(publication, user)
    return NamingForm(data, bylines=verbs.bylines(user), chosen=said.byline if said else None)


def _typed_form(user: User, data: QueryDict, pk: int) -> NamingForm | None:
    publication = publication_rules.asked_about(user, pk)
    return _form(user, publication, data) if publication else None


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True, no_store=True)
@access(signed_in)
@typed.told_as(typed.by_labels(_typed_form))
def naming(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what somebody would be named under and how, and put down what they say."""
    user = person(request)
    publication = existing(publication_rules.asked_about(user, pk))
    sent = request.POST if request.method == "POST" else None
    form = _form(user, publication, sent)
    refused: ProjectRefused | None = None
    if sent is not None and form.is_valid():
        try:
            verbs.answer(publication, form.chosen, by=user)
        except BylineChanged as changed:
            refused, form = changed, _form(user, publication)
        except ProjectRefused as over:
            return render(request, "qi_projects/naming_over.html", {"refused": over}, status=REFUSED)
        else:
            messages.success(request, _told(form.chosen))
            return redirect("publication_naming", pk)
    context = {
        **page_of(gallery.whole_of(publication)),
        "form": form,
        "refused": refused,
        "mine": verbs.answer_of(publication, user),
        "is_published": publication.state == Publication.State.PUBLISHED,
    }
    status = REFUSED if refused else INVALID if form.errors else None
    return render(request, "qi_projects/naming.html", context, status=status)


def _told(byline: str) -> str:
    return f"You are named as “{byline}”." if byline else "You are not named."

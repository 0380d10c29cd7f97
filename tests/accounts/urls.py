"""The portal's addresses, and a page with a form such as any app has, for whoever is signed in."""

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path

from portal.access import access, signed_in
from portal.accounts.typed import answer_if_not_found


class ReasonForm(forms.Form):
    """Asks for a reason."""

    reason = forms.CharField()
    password = forms.CharField(required=False)
    evidence = forms.FileField(required=False)


@access(signed_in)
def reason(request: HttpRequest) -> HttpResponse:
    """Take a reason."""
    form = ReasonForm(request.POST or None)
    return HttpResponse(f"taken: {form.cleaned_data['reason']}" if form.is_valid() else "asked")


@access(signed_in)
def gone(request: HttpRequest) -> HttpResponse:
    """Find nothing: it was there when the page was opened."""
    raise Http404


handler404 = answer_if_not_found
urlpatterns = [path("reason/", reason), path("gone/", gone), path("", include("portal.urls"))]

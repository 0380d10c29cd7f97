"""The portal's addresses, and a page with a form such as any app has, for whoever is signed in."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from portal.access import access, signed_in


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


urlpatterns = [path("reason/", reason), path("", include("portal.urls"))]

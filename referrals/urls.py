"""Where the form is, and what a receipt opens. These pages run without sign-in (`portal.intake`)."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

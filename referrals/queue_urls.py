"""Where the pages of the provider's team are."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []

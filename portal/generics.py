"""Django's classes by the names under which mypy knows them, with a parameter: `ModelForm[Cohort]`.

When they run they take none, and these throw it away. django-stubs-ext does so by changing Django's own classes, which
production would have to install.
"""

from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin, StackedInline
    from django.core.paginator import Paginator
    from django.forms import ModelChoiceField, ModelForm
    from django.forms.models import BaseInlineFormSet
else:
    from django import forms
    from django.contrib import admin
    from django.core import paginator
    from django.forms import models

    class Parametrised:
        """Takes a parameter, of which nothing is kept."""

        def __class_getitem__(cls, _: Any) -> type[Self]:
            return cls

    class ModelAdmin(Parametrised, admin.ModelAdmin):
        """Django's admin of one model."""

    class StackedInline(Parametrised, admin.StackedInline):
        """Rows of one model on the page of another."""

    class Paginator(Parametrised, paginator.Paginator):
        """Pages of one kind of row."""

    class ModelForm(Parametrised, forms.ModelForm):
        """A form of one model."""

    class ModelChoiceField(Parametrised, forms.ModelChoiceField):
        """A choice among rows of one model."""

    class BaseInlineFormSet(Parametrised, models.BaseInlineFormSet):
        """The forms of rows of one model, on the page of another, each a form of one class."""


__all__ = ["BaseInlineFormSet", "ModelAdmin", "ModelChoiceField", "ModelForm", "Paginator", "StackedInline"]

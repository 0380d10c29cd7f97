"""Materials: what people read before a session, and what they take home."""

from functools import partial
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from cohorts.admin.keeping import KeptAdmin
from cohorts.models import Component, Material, Session
from cohorts.rules import keeps_all_programmes, programmes_kept
from portal.access import person
from portal.accounts.models import User
from portal.attachments import attaching
from portal.attachments.fields import AttachmentField
from portal.attachments.kinds import CannotAttach
from portal.attachments.models import Attachment
from portal.attachments.receiving import Received, receive
from portal.generics import ModelForm


class MaterialForm(ModelForm[Material]):
    """One material. `by` is who fills it in."""

    by: User
    upload = AttachmentField(label="Upload a file", required=False)
    remove_file = forms.BooleanField(label="Delete the file", required=False)

    class Meta:
        model = Material
        fields = ("component", "session", "shown", "position", "title", "link", "text")
        field_classes: ClassVar = {"link": partial(forms.URLField, assume_scheme="https")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        upload = self.fields["upload"]
        upload.help_text = f"{upload.help_text} Documents keep their author's name: take out what is not to be read."
        if self.instance.file_id:
            upload.label = "Upload another in its place"

    def clean_link(self) -> str:
        """Take a link that goes over the web, and encrypted."""
        link: str = self.cleaned_data["link"]
        if link and not link.startswith("https://"):
            raise ValidationError("Enter a link that begins with https://")
        return link

    def clean_upload(self) -> Received | None:
        """Look into the file, before the row is locked: that may take a while."""
        upload = self.cleaned_data["upload"]
        try:
            return receive(upload, by=self.by) if upload else None
        except CannotAttach as refused:
            raise ValidationError(str(refused)) from refused

    def clean(self) -> dict[str, Any]:
        """Say that there is nothing in it, or that the file is too much with the others there."""
        given = super().clean() or {}
        if self.errors:
            return given
        size = self._size(given["upload"], removes=given.get("remove_file", False))
        if not (size or given["link"] or given["text"]):
            self.add_error(None, "Enter a link or a text, or choose a file.")
        elif size and bool(given["component"]) != bool(given["session"]):
            self._require_room(given["component"], given["session"], size)
        return given

    def _size(self, received: Received | None, *, removes: bool) -> int:
        """Return how many bytes the file will have with which it is saved."""
        if received:
            return received.size
        return self.instance.file.size if self.instance.file and not removes else 0

    def _require_room(self, component: Component | None, session: Session | None, size: int) -> None:
        try:
            attaching.require_room(Material(pk=self.instance.pk, component=component, session=session), size)
        except CannotAttach as refused:
            self.add_error("upload", str(refused))


@admin.register(Material)
class MaterialAdmin(KeptAdmin[Material]):
    """What goes with a component, or with one session."""

    form = MaterialForm
    may_delete = True
    list_display = ("title", "goes_with", "shown")
    list_filter = ("shown",)
    list_select_related = ("component__programme", "session__component")
    search_fields = ("title", "component__title", "session__component__title")
    autocomplete_fields = ("component", "session")
    readonly_fields = ("present_file",)
    ordering = ("-pk",)
    sortable_by = ()

    def within(self, user: User, queryset: QuerySet[Material]) -> QuerySet[Material]:
        """Return the materials of the programmes that this person keeps."""
        if keeps_all_programmes(user):
            return queryset
        kept = programmes_kept(user)
        return queryset.filter(Q(component__programme__in=kept) | Q(session__component__programme__in=kept))

    def get_fields(self, request: HttpRequest, obj: Material | None = None) -> list[Any]:
        """Ask for a file, and show the one that is there."""
        of_file = ["present_file", "upload", "remove_file"] if obj and obj.file_id else ["upload"]
        return ["component", "session", "shown", "position", "title", "link", *of_file, "text"]

    def get_form(
        self,
        request: HttpRequest,
        obj: Material | None = None,
        change: bool = False,  # noqa: FBT001, FBT002  # Django's own
        **kwargs: Any,
    ) -> Any:
        """Return the form, made for this request, which knows whose it is."""
        form = super().get_form(request, obj, change, **kwargs)
        form.by = person(request)
        return form

    def _related(self, request: HttpRequest, obj: Material) -> dict[str, QuerySet[Any]]:
        """Tell whoever comes second of another file, too."""
        file = Attachment.objects.filter(pk__in=[obj.file_id] if obj.file_id else [])
        return {**super()._related(request, obj), "file": file}

    def save_model(self, request: HttpRequest, obj: Material, form: Any, change: bool) -> None:  # noqa: FBT001  # Django's own
        """Save it with its file."""
        if received := form.cleaned_data["upload"]:
            attaching.keep(received, to=obj, by=person(request))
        elif form.cleaned_data.get("remove_file"):
            attaching.remove(obj, by=person(request))
        else:
            super().save_model(request, obj, form, change)

    @admin.display(description="goes with")
    def goes_with(self, material: Material) -> str:
        """Say with which component, or which date of one."""
        return str(material.session or material.component)

    @admin.display(description="file")
    def present_file(self, material: Material) -> SafeString | str:
        """Lead to the file, as people who have booked download it."""
        file = material.file
        if file is None:
            return ""
        address = reverse("material_file", args=[file.uid])
        return format_html('<a href="{}"><bdi>{}</bdi></a> ({})', address, file.name, filesizeformat(file.size))

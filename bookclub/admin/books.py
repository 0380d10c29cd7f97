"""The catalogue of books, which all programmes share."""

from typing import Any, ClassVar, Final

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path

from bookclub import isbn
from bookclub.books_by_file import BOOKS
from bookclub.models import Book
from bookclub.rules import WHICH, read_elsewhere
from cohorts.rules import keeps_programmes
from portal.accounts.models import User
from portal.administration import RuledAdmin
from portal.generics import ModelForm
from portal.imports.pages import import_page

READ_ELSEWHERE: Final = (
    "A cohort of a programme that you do not keep has this book on its list, or had it. So its title, authors, edition "
    "and ISBN stay as they are. For another edition, or another book, add one to the catalogue."
)


class BookForm(ModelForm[Book]):
    """One book of the catalogue."""

    # Longer than it is kept: with hyphens, and with "ISBN" before it.
    isbn = forms.CharField(
        label="ISBN", required=False, max_length=40, help_text=Book._meta.get_field("isbn").help_text
    )
    formats = forms.MultipleChoiceField(
        label="Formats", choices=Book.Format, required=False, widget=forms.CheckboxSelectMultiple
    )

    def clean_isbn(self) -> str:
        """Return the 13 digits."""
        typed: str = self.cleaned_data["isbn"]
        try:
            return isbn.read(typed) if typed else ""
        except isbn.NotAnISBN as wrong:
            raise ValidationError(str(wrong)) from wrong


@admin.register(Book)
class BookAdmin(RuledAdmin[Book]):
    """What cohorts can read."""

    rule = keeps_programmes
    may_delete = True
    form = BookForm
    fields = (*WHICH, "description", "content_warnings", "formats", "how_to_get", "offered")
    list_display = ("title", "authors", "edition", "isbn", "offered")
    list_filter: ClassVar[Any] = ("offered",)
    search_fields = ("title", "authors", "isbn")
    ordering = ("title", "id")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Take from an address also which book it is, as from that which a suggestion leads to."""
        which = {name: request.GET[name] for name in ("title", "authors") if name in request.GET}
        return super().get_changeform_initial_data(request) | which

    def is_in_use(self, obj: Book) -> bool:
        """Say whether it is, or was, on a cohort's list, or is lent or asked for."""
        return obj.listed.exists() or obj.copies.exists() or obj.copy_requests.exists()

    def pages(self) -> list[URLPattern]:
        """Return the page on which a file of books is taken."""
        return [path("import/", self.import_page, name="bookclub_book_import")]

    def import_page(self, request: HttpRequest) -> HttpResponseBase:
        """Add and change by file; see `bookclub.books_by_file`."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return import_page(self, request, BOOKS)

    def within(self, user: User, queryset: QuerySet[Book]) -> QuerySet[Book]:
        """Say of each whether a cohort reads it that is not this person's to keep: once for all that a page asks."""
        return queryset.annotate(is_read_elsewhere=Exists(read_elsewhere(user).filter(pk=OuterRef("pk"))))

    def get_readonly_fields(self, request: HttpRequest, obj: Book | None = None) -> tuple[str, ...]:
        """Let nobody turn a book into another that a cohort of a programme reads, or has read, that is not theirs."""
        return WHICH if getattr(obj, "is_read_elsewhere", False) else ()

    def get_fieldsets(self, request: HttpRequest, obj: Book | None = None) -> Any:
        """Say why it cannot be turned into another, where that is so."""
        (name, options), *others = super().get_fieldsets(request, obj)
        if getattr(obj, "is_read_elsewhere", False):
            options = {**options, "description": READ_ELSEWHERE}
        return [(name, options), *others]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> Any:
        """Find a book by its ISBN however that is written."""
        try:
            return super().get_search_results(request, queryset, isbn.read(search_term))
        except isbn.NotAnISBN:
            return super().get_search_results(request, queryset, search_term)

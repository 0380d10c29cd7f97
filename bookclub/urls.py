"""Addresses of book clubs. Those of a later piece come below `cohorts/<int:cohort>/`, in a block of their own."""

from django.urls import path

from bookclub.views import reading, suggestions

urlpatterns = [
    path("", reading.book_clubs, name="book_clubs"),
    path("books/", reading.books, name="books_read"),
    path("lists/", reading.lists, name="reading_lists"),
    path("cohorts/<int:cohort>/", reading.book_club, name="book_club"),
    path("cohorts/<int:cohort>/suggestions/", suggestions.suggestions, name="book_suggestions"),
    path("cohorts/<int:cohort>/suggestions/new/", suggestions.suggest, name="book_suggest"),
    path("cohorts/<int:cohort>/suggestions/<int:pk>/<slug:act>/", suggestions.act, name="book_suggestion_act"),
]

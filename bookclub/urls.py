"""Addresses of book clubs. Those of a later piece come below `cohorts/<int:cohort>/`, in a block of their own."""

from django.urls import path

from bookclub.views import meetings, reading, suggestions

urlpatterns = [
    path("", reading.book_clubs, name="book_clubs"),
    path("books/", reading.books, name="books_read"),
    path("lists/", reading.lists, name="reading_lists"),
    path("cohorts/<int:cohort>/", reading.book_club, name="book_club"),
    path("cohorts/<int:cohort>/books/<int:pk>/where/", reading.where, name="book_where"),
    path("cohorts/<int:cohort>/meetings/<int:pk>/", meetings.meeting, name="book_club_meeting"),
    path("cohorts/<int:cohort>/meetings/<int:pk>/plan/", meetings.plan, name="book_club_plan"),
    path("cohorts/<int:cohort>/meetings/<int:pk>/prompts/new/", meetings.new_prompt, name="book_club_prompt_new"),
    path("cohorts/<int:cohort>/meetings/<int:pk>/prompts/<int:prompt>/", meetings.prompt, name="book_club_prompt"),
    path(
        "cohorts/<int:cohort>/meetings/<int:pk>/prompts/<int:prompt>/<slug:act>/",
        meetings.prompt_act,
        name="book_club_prompt_act",
    ),
    path("cohorts/<int:cohort>/suggestions/", suggestions.suggestions, name="book_suggestions"),
    path("cohorts/<int:cohort>/suggestions/new/", suggestions.suggest, name="book_suggest"),
    path("cohorts/<int:cohort>/suggestions/<int:pk>/<slug:act>/", suggestions.act, name="book_suggestion_act"),
]

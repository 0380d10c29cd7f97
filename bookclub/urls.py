"""Addresses of book clubs. Those of a later piece come below `cohorts/<int:cohort>/`, in a block of their own."""

from django.urls import path

from bookclub.views import (
    borrowing,
    meetings,
    own_words,
    posts,
    reading,
    shared_reflections,
    sharing,
    suggestions,
    threads,
    writing,
)

urlpatterns = [
    path("", reading.book_clubs, name="book_clubs"),
    path("books/", reading.books, name="books_read"),
    path("lists/", reading.lists, name="reading_lists"),
    path("cohorts/<int:cohort>/", reading.book_club, name="book_club"),
    path("cohorts/<int:cohort>/books/<int:pk>/", reading.book, name="book_club_book"),
    path("cohorts/<int:cohort>/books/<int:pk>/where/", reading.where, name="book_where"),
    path("cohorts/<int:cohort>/meetings/<int:pk>/", meetings.meeting, name="book_club_meeting"),
    path("cohorts/<int:cohort>/meetings/<int:pk>/plan/", meetings.plan, name="book_club_plan"),
    path("cohorts/<int:cohort>/meetings/<int:pk>/prompts/", meetings.prompts, name="book_club_prompts"),
    path("cohorts/<int:cohort>/meetings/<int:pk>/prompts/new/", meetings.new_prompt, name="book_club_prompt_new"),
    path("cohorts/<int:cohort>/meetings/<int:pk>/prompts/<int:prompt>/", meetings.prompt, name="book_club_prompt"),
    path(
        "cohorts/<int:cohort>/meetings/<int:pk>/prompts/<int:prompt>/earlier/",
        meetings.move_prompt,
        name="book_club_prompt_earlier",
    ),
    path(
        "cohorts/<int:cohort>/meetings/<int:pk>/prompts/<int:prompt>/take-off/",
        meetings.take_off_prompt,
        name="book_club_prompt_take_off",
    ),
    path("cohorts/<int:cohort>/suggestions/", suggestions.suggestions, name="book_suggestions"),
    path("cohorts/<int:cohort>/suggestions/new/", suggestions.suggest, name="book_suggest"),
    path(
        "cohorts/<int:cohort>/suggestions/<int:pk>/take-back/", suggestions.take_back, name="book_suggestion_take_back"
    ),
    path("cohorts/<int:cohort>/suggestions/<int:pk>/<slug:act>/", suggestions.act, name="book_suggestion_act"),
    # Copies that the programme lends.
    path("cohorts/<int:cohort>/books/<int:pk>/copy/", borrowing.ask, name="book_copy_ask"),
    path("cohorts/<int:cohort>/copies/<int:pk>/take-back/", borrowing.take_back, name="book_copy_take_back"),
    # Reflections: somebody's own, and those that others share.
    path("reflections/", own_words.everything, name="own_reflections"),
    path("reflections/<slug:kind>/", own_words.file, name="reflections_file"),
    path("cohorts/<int:cohort>/reflections/", own_words.of_cohort, name="reflections"),
    path("cohorts/<int:cohort>/reflections/new/", writing.new, name="reflection_new"),
    path("cohorts/<int:cohort>/reflections/new/<slug:about>/", writing.new, name="reflection_new_about"),
    path("cohorts/<int:cohort>/reflections/shared/", shared_reflections.everything, name="shared_reflections"),
    path("cohorts/<int:cohort>/reflections/shared/<int:pk>/", shared_reflections.one, name="shared_reflection"),
    path("cohorts/<int:cohort>/reflections/<uuid:uid>/", own_words.one, name="reflection"),
    path("cohorts/<int:cohort>/reflections/<uuid:uid>/edit/", writing.edit, name="reflection_edit"),
    path("cohorts/<int:cohort>/reflections/<uuid:uid>/draft/", writing.draft, name="reflection_draft"),
    path("cohorts/<int:cohort>/reflections/<uuid:uid>/throw-away/", writing.throw_away, name="reflection_throw_away"),
    path("cohorts/<int:cohort>/reflections/<uuid:uid>/delete/", writing.delete, name="reflection_delete"),
    path("cohorts/<int:cohort>/reflections/<uuid:uid>/share/", sharing.share, name="reflection_share"),
    path("cohorts/<int:cohort>/reflections/<uuid:uid>/take-back/", sharing.take_back, name="reflection_take_back"),
    # What a cohort talks about around a meeting.
    path("posts/", threads.own_posts, name="own_posts"),
    path("cohorts/<int:cohort>/meetings/<int:pk>/thread/", threads.thread, name="book_club_thread"),
    path("cohorts/<int:cohort>/meetings/<int:pk>/thread/write/", posts.write, name="thread_write"),
    path("cohorts/<int:cohort>/meetings/<int:pk>/thread/close/", threads.close, name="thread_close"),
    path("cohorts/<int:cohort>/meetings/<int:pk>/thread/open-again/", threads.open_again, name="thread_open_again"),
    path("cohorts/<int:cohort>/meetings/<int:pk>/thread/posts/<int:post>/", threads.post, name="thread_post"),
    path("cohorts/<int:cohort>/meetings/<int:pk>/thread/posts/<int:post>/reply/", posts.reply, name="post_reply"),
    path("cohorts/<int:cohort>/meetings/<int:pk>/thread/posts/<int:post>/edit/", posts.edit, name="post_edit"),
    path(
        "cohorts/<int:cohort>/meetings/<int:pk>/thread/posts/<int:post>/take-back/",
        posts.take_back,
        name="post_take_back",
    ),
    path("cohorts/<int:cohort>/meetings/<int:pk>/thread/posts/<int:post>/report/", posts.report, name="post_report"),
]

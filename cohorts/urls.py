"""Addresses of programmes, sessions and bookings."""

from django.urls import path

from cohorts.views import applying, bookings, calendars, me, nominating, places, presence, programmes, registers

urlpatterns = [
    path("programmes/", programmes.programmes, name="programmes"),
    path("programmes/<slug:slug>/", programmes.programme, name="programme"),
    path("programmes/<slug:slug>/<slug:component>/dates/", programmes.series, name="series"),
    path("sessions/<int:pk>/", programmes.session, name="session"),
    path("sessions/<int:pk>/book/", bookings.book, name="book"),
    path("sessions/<int:pk>/wait/", bookings.wait, name="wait"),
    path("apply/<int:pk>/", applying.start, name="apply"),
    path("apply/<int:pk>/check/", applying.check, name="apply_check"),
    path("apply/<int:pk>/<slug:key>/", applying.question, name="apply_question"),
    path("places/<int:pk>/", places.place, name="place"),
    path("places/<int:pk>/<slug:act>/", places.act, name="place_act"),
    path("nominations/", nominating.nominations, name="nominations"),
    path("nominations/<int:pk>/new/", nominating.nominate, name="nominate"),
    path("nominations/<int:pk>/take-back/", nominating.take_back, name="nomination_take_back"),
    path("me/", me.me, name="me"),
    path("me/bookings/", me.bookings, name="bookings"),
    path("me/calendar/", calendars.calendar, name="calendar"),
    path("me/<int:membership_id>/<slug:component>/", me.component, name="component"),
    path("bookings/<uuid:uid>/", bookings.booking, name="booking"),
    path("bookings/<uuid:uid>/swap/", bookings.swap, name="swap"),
    path("bookings/<uuid:uid>/swap/<int:session_id>/", bookings.swap_to, name="swap_to"),
    path("bookings/<uuid:uid>/cancel/", bookings.cancel, name="cancel"),
    path("bookings/<uuid:uid>/accept/", bookings.accept, name="accept"),
    path("bookings/<uuid:uid>/calendar.ics", calendars.booking_calendar, name="booking_calendar"),
    path("facilitate/", registers.facilitate, name="facilitate"),
    path("facilitate/sessions/<int:pk>/register/", registers.take_register, name="register"),
    path("facilitate/sessions/<int:pk>/walk-in/", registers.walk_in, name="walk_in"),
    path("facilitate/sessions/<int:pk>/sheet/", registers.sheet, name="register_on_paper"),
    path("facilitate/sessions/<int:pk>/code/", presence.screen, name="register_code"),
    path("facilitate/sessions/<int:pk>/code.svg", presence.image, name="register_code_image"),
    path("here/", presence.here, name="here"),
    path("here/<str:code>/", presence.open_code, name="here_by_code"),
    path("calendar/<str:token>.ics", calendars.feed, name="feed"),
]

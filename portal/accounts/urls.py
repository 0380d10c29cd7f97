"""Pages about people, beside allauth's own."""

from django.urls import path

from portal.accounts import letter_pages, views

urlpatterns = [
    path("second-factor/", views.second_factor, name="second_factor"),
    path("carry-on/", views.carry_on, name="typed"),
    path("details/", views.details, name="details"),
    path("letters/", letter_pages.letters, name="letters"),
    path("letters/stop/<str:token>/", letter_pages.stop_letters, name="stop_letters"),
    path("data/", views.own_data, name="own_data"),
    path("data/what-we-hold.json", views.own_data_file, name="own_data_file"),
    path("data/delete/", views.ask_to_be_erased, name="ask_to_be_erased"),
    path("data/keep/", views.take_back_erasure, name="take_back_erasure"),
    path("no-account-yet/", views.sign_up_closed, name="sign_up_closed"),
    path("address/", views.address_not_vouched_for, name="address_not_vouched_for"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
]

"""Addresses of a demonstration, which portal.urls leaves out anywhere else."""

from django.urls import path

from portal.accounts import demo_views

urlpatterns = [
    path("sign-in/", demo_views.sign_in, name="demo_sign_in"),
    path("mail/", demo_views.mail, name="demo_mail"),
    path("mail/<str:file>/<int:number>/<int:part>/", demo_views.attachment, name="demo_mail_attachment"),
]

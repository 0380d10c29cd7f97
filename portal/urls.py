"""Where each address leads."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from portal import about, health
from portal.accounts import code_pages
from portal.views import home

handler400 = "portal.unreadable.bad_request"
handler404 = "portal.accounts.typed.answer_if_not_found"
handler500 = "portal.outages.server_error"

urlpatterns = [
    path("", home, name="home"),
    path("contact/", about.contact, name="contact"),
    path("privacy/", about.privacy, name="privacy"),
    path("accessibility/", about.accessibility, name="accessibility"),
    path("", include("cohorts.urls")),
    path("book-club/", include("bookclub.urls")),
    path("projects/", include("qi_projects.urls")),
    path("referrals/", include("referrals.urls")),
    path("queue/", include("referrals.queue_urls")),
    path("people/", include("portal.accounts.urls")),
    path("accounts/login/code/confirm/", code_pages.sign_in_code, name="account_confirm_login_code"),
    path("accounts/confirm-email/", code_pages.address_code, name="account_email_verification_sent"),
    path("accounts/password/reset/confirm/", code_pages.password_code, name="account_confirm_password_reset_code"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
]

if settings.DEMO:
    urlpatterns.append(path("demo/", include("portal.accounts.demo_urls")))

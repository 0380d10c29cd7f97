"""Where the form is, and what a receipt opens. These pages run without sign-in (`portal.sealed_path`)."""

from django.urls import path

from referrals.views import groups, intake, receipts

urlpatterns = [
    path("new/", intake.start, name="referral_new"),
    path("new/check/", intake.check, name="referral_check"),
    path("new/sent/", intake.sent, name="referral_sent"),
    path("new/<slug:key>/", intake.question, name="referral_question"),
    path("leave/", intake.leave, name="referral_leave"),
    path("elsewhere/", intake.none_fits, name="referral_none_fits"),
    path("time-out-note/", intake.time_out_note, name="referral_time_out_note"),
    path("receipt/", receipts.receipt, name="referral_receipt"),
    path("groups/", groups.dates, name="referral_groups"),
    path("groups/receipt/", groups.receipt, name="referral_group_receipt"),
    path("groups/<uuid:pk>/", groups.book, name="referral_group"),
    path("consent/", receipts.consent, name="referral_consent"),
]

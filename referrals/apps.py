"""The referrals application."""

from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    """Confidential referral to therapy."""

    name = "referrals"
    verbose_name = "Referrals"
    default_auto_field = "django.db.models.BigAutoField"

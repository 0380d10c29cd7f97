"""The referrals application."""

from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    """Confidential referral to therapy."""

    name = "referrals"
    verbose_name = "Referrals"

    def ready(self) -> None:
        """Make the team's mails known to the outbox, and lock the queue of whoever signs out."""
        from referrals import escalation, unlocking  # noqa: F401, PLC0415  # models exist only once apps are loaded

        escalation.register()

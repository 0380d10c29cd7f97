"""The referrals application."""

from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    """Confidential referral to therapy."""

    name = "referrals"
    verbose_name = "Referrals"

    def ready(self) -> None:
        """Make the team's mails known, lock the queue of whoever signs out, keep what is typed and the accounts."""
        from portal.accounts import typed  # noqa: PLC0415  # models exist only once apps are loaded
        from referrals import escalation, merging, unlocking, unsent  # noqa: F401, PLC0415  # as above

        escalation.register()
        typed.keep_elsewhere("/queue/", unsent.keep_for)

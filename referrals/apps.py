"""The referrals application."""

from django.apps import AppConfig


class ReferralsConfig(AppConfig):
    """Confidential referral to therapy."""

    name = "referrals"
    verbose_name = "Referrals"

    def ready(self) -> None:
        """Make the team's mails known, and keep what is typed on a page of the queue as a sign-in ends."""
        from portal.accounts import typed  # noqa: PLC0415  # models exist only once apps are loaded
        from referrals import escalation, unsent  # noqa: PLC0415  # as above

        escalation.register()
        typed.keep_elsewhere("/queue/", unsent.keep_for)

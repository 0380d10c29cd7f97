"""What is done about accounts at intervals."""

from celery import shared_task
from django.contrib.sessions.models import Session
from django.utils import timezone

from portal.accounts.people import forget_unproven


@shared_task
def forget_ended_sessions() -> None:
    """Delete the sessions that nobody can use any more."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()


@shared_task
def forget_unproven_accounts() -> None:
    """Delete the accounts whose address nobody has proved."""
    forget_unproven()

"""What is done about accounts at intervals."""

from celery import shared_task
from django.contrib.sessions.models import Session
from django.utils import timezone


@shared_task
def forget_ended_sessions() -> None:
    """Delete the sessions that nobody can use any more."""
    Session.objects.filter(expire_date__lt=timezone.now()).delete()

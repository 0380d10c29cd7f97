"""The portal's settings with a beat that ticks each second. What is due is decided from data: only waiting is saved."""

from datetime import timedelta

from portal import settings
from portal.settings import *  # noqa: F403  # all but what is named below is as it runs

CELERY_BEAT_SCHEDULE = {
    name: entry | {"schedule": timedelta(seconds=1)} for name, entry in settings.CELERY_BEAT_SCHEDULE.items()
}
CELERY_IMPORTS = [*settings.CELERY_IMPORTS, "tests.outbox.letters"]

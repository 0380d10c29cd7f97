"""Telling a worker that a file waits. Beat has one look in any case, a little later."""

import logging
from typing import Final

from celery import current_app
from kombu import pools
from kombu.exceptions import OperationalError
from redis import RedisError

from portal import broker
from portal.outbox.waking import TASK_LASTS, connection

logger = logging.getLogger(__name__)

TASK: Final = "portal.imports.tasks.carry_out_waiting"


def wake_importer() -> None:
    """Have a worker look for files now. Never raises, and never waits long for a broker that is away."""
    try:
        with pools.producers[connection()].acquire(block=True, timeout=broker.PATIENCE) as producer:
            current_app.send_task(TASK, producer=producer, retry=False, expires=TASK_LASTS)
    except (RedisError, OperationalError, OSError) as error:
        logger.warning("The broker could not be told that a file waits", extra={"error": type(error).__name__})

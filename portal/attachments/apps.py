"""The application of attachments."""

from django.apps import AppConfig


class AttachmentsConfig(AppConfig):
    """Files that people upload."""

    name = "portal.attachments"
    label = "attachments"
    verbose_name = "Attachments"

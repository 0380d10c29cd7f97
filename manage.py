#!/usr/bin/env python
"""Run a management command of the portal."""

import os
import sys

from django.core.management import execute_from_command_line

from portal.configured import stop_on_gap

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    stop_on_gap()
    execute_from_command_line(sys.argv)

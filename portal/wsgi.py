"""The WSGI entry point that the web server loads."""

import os

from django.core.wsgi import get_wsgi_application

from portal.malformed import refuse_malformed

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

application = refuse_malformed(get_wsgi_application())

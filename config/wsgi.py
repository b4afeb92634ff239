"""The site as a WSGI application, for the production server. Visitors' pages are kept in front of Django."""

import os
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application: Any = get_wsgi_application()
if not settings.DEBUG:  # then templates change while the site runs
    from content.kept_pages import KeptPages  # now that Django has its models

    application = KeptPages(application)

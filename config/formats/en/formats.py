"""Times as the site writes them everywhere: by the 24-hour clock. For the rest, Django's British formats hold."""

DATETIME_FORMAT = "j M Y, H:i"
TIME_FORMAT = "H:i"
SHORT_DATETIME_FORMAT = "d/m/Y H:i"

"""Times in the 24-hour clock, as everywhere on the site. Everything else is Django's British English formats."""

DATETIME_FORMAT = "j M Y, H:i"
TIME_FORMAT = "H:i"
SHORT_DATETIME_FORMAT = "d/m/Y H:i"

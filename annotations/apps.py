from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    """What a reader notes on a page for themselves alone."""

    name = "annotations"

from django.apps import AppConfig


class AnnotationsConfig(AppConfig):
    """A reader's private notes on pages."""

    name = "annotations"

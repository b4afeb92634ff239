from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ContentConfig(AppConfig):
    """Guidance pages: drafts, versions that never change, and the roles of the people who edit them."""

    name = "content"

    def ready(self) -> None:
        """Create the triggers and the role groups after every `migrate`: a rebuilt table loses its triggers."""
        from . import changes, roles
        from .history import triggers

        post_migrate.connect(triggers.after_migrate, sender=self)
        post_migrate.connect(changes.after_migrate, sender=self)
        post_migrate.connect(roles.after_migrate, sender=self)

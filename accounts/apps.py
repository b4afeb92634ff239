from importlib import import_module

from django.apps import AppConfig, apps
from django.contrib import admin
from django.contrib.admin import apps as admin_apps


class AccountsConfig(AppConfig):
    """Who may use the site, and how much a visitor may read before signing in."""

    default = True
    name = "accounts"

    def ready(self) -> None:
        """Connect to the signals of Django and allauth: a new second factor, and the events that the log records."""
        from allauth.mfa.signals import authenticator_added

        from .second_factors import rules as second_factor_rules

        authenticator_added.connect(second_factor_rules.added)
        import_module("accounts.audit")


class EditingConfig(admin_apps.AdminConfig):
    """Django's admin, on a site of our own and without allauth's pages."""

    default = False
    default_site = "accounts.admin_site.AdminSite"

    def ready(self) -> None:
        """Find the admin's pages, except allauth's: those show secrets, session keys and tokens, and can set them."""
        super().ready()
        for model in apps.get_models():
            if model._meta.app_config.name.startswith("allauth.") and admin.site.is_registered(model):
                admin.site.unregister(model)

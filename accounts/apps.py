from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Who may use the site, and how much a visitor may read before signing in."""

    name = "accounts"

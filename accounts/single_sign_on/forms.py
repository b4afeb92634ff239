"""allauth's forms for single sign-on, in the site's words."""

from typing import Any

from allauth.socialaccount import forms
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from accounts.sign_in.forms import MayLoseRace, OwnWords

from .adapter import connected


class _WithItsConnection(forms.SignupForm):
    """Creates the account together with its connection to the provider, or neither."""

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Create both in one transaction."""
        with transaction.atomic():
            return super().try_save(request)


class SingleSignOnSignUpForm(MayLoseRace, OwnWords, _WithItsConnection):
    """Sign-up after single sign-on: the same questions, without a password."""

    def clean(self) -> dict[str, Any]:
        """Raise `ValidationError` if the person already has an account: they may have signed up in another tab."""
        cleaned: dict[str, Any] = super().clean()
        identity = self.sociallogin.account
        if SocialAccount.objects.filter(provider=identity.provider, uid=identity.uid).exists():
            provider = self.sociallogin.provider.name
            raise ValidationError(f"You already have an account. Go to the sign-in page and sign in with {provider}.")
        return cleaned


class DisconnectForm(forms.DisconnectForm):
    """Disconnects a provider from the account. It does not show providers that are no longer in settings."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accounts: QuerySet[SocialAccount] = connected(SocialAccount.objects.filter(user=self.request.user))
        self.fields["account"].queryset = self.accounts
        self.fields["account"].error_messages["required"] = "Choose what to disconnect."
        mine = {account.provider for account in self.accounts}
        providers = get_adapter().list_providers(self.request)
        self.unconnected = [provider for provider in providers if provider.app.provider_id not in mine]

from typing import Any

from allauth.account.adapter import get_adapter
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join

from . import audit, registers, registration_check
from .forms import RegistrationFields
from .lists import LeanAdmin
from .models import User
from .personal_data import deletion
from .second_factors import rules as second_factor_rules

FACTORS = {"totp": "authenticator app", "webauthn": "passkey", "recovery_codes": "recovery codes"}


class RegistrationFilter(admin.SimpleListFilter):
    """Filters accounts by the state of their registration."""

    title = "registration"
    parameter_name = "registration"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the states: none given, given but not verified, verified."""
        return [("none", "None"), ("to-verify", "To verify"), ("verified", "Verified")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        """Return the accounts whose registration is in the chosen state."""
        match self.value():
            case "none":
                return queryset.filter(register="")
            case "to-verify":
                return queryset.exclude(register="").filter(registration_verified_at=None)
            case "verified":
                return queryset.exclude(registration_verified_at=None)
        return queryset


class AccountForm(RegistrationFields, UserChangeForm):
    """An account as an administrator changes it. A changed registration is no longer verified.

    Changes that the owner has made since the form was opened stay, unless the administrator changed the same field.
    """

    THEIRS = ("name", "profession", "country", "register", "registration_number")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in self.THEIRS:
            if name in self.fields:
                self.fields[name].show_hidden_initial = True

    def clean(self) -> dict[str, Any]:
        """Take the owner's later changes into the data, and compare the registration with the account's."""
        cleaned = super().clean()
        self.seen = cleaned.get("register", ""), cleaned.get("registration_number", "")
        touched = set(self.changed_data)
        if touched & {"register", "registration_number"}:
            touched |= {"register", "registration_number"}
        for name in self.THEIRS:
            if name in cleaned and name not in touched:
                cleaned[name] = getattr(self.instance, name)
        if not self.errors and "register" in cleaned:
            self.instance.change_registration(cleaned["register"], cleaned["registration_number"])
        return cleaned


class NewAccountForm(AdminUserCreationForm):
    """An account as an administrator adds it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        password: Any = self.fields["usable_password"]
        password.label, password.choices = "Password", [("true", "Set one now"), ("false", "None")]
        password.help_text = "Without a password, the person signs in with a code that we email to them."


@admin.register(User)
class UserAdmin(LeanAdmin, DjangoUserAdmin):
    """Accounts, for administrators: who may enter the admin, in which role, and whose registration is verified."""

    form = AccountForm
    add_form = NewAccountForm
    change_form_template = "admin/accounts/user/change_form.html"
    ordering = ["email"]
    list_display = [
        "email",
        "name",
        "profession",
        "country",
        "standing",
        "is_staff",
        "is_active",
    ]
    list_filter = [RegistrationFilter, "is_staff", "is_active", "profession", "groups"]
    search_fields = ["email", "name", "registration_number"]
    readonly_fields = ["declared_at", "joined_at", "last_login", "second_factors", "verification", "same_registration"]
    filter_horizontal = ["groups"]

    fieldsets = [
        (None, {"fields": ["email", "password", "second_factors"]}),
        ("Person", {"fields": ["name", "profession", "country", "declared_at"]}),
        (
            "Registration",
            {
                "fields": ["register", "registration_number", "verification", "same_registration"],
                "description": "If you change the register or the number, the registration is no longer verified.",
            },
        ),
        ("Role", {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
        ("Dates", {"fields": ["joined_at", "last_login"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "name", "usable_password", "password1", "password2"]})]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[Any]:
        """Make the address of an existing account read-only: its owner changes it, and confirms the new one."""
        return [*self.readonly_fields, "email"] if obj else [*self.readonly_fields]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """Return the account with this address or registration number; if there is none, those with these words."""
        said = search_term.strip()
        known = (
            User.objects.filter(Q(email=said.lower()) | Q(registration_number=said)) if said else User.objects.none()
        )
        if pks := [*known.values_list("pk", flat=True)]:
            return queryset.filter(pk__in=pks), False
        return super().get_search_results(request, queryset, search_term)

    @admin.display(description="registration", ordering="registration_number")
    def standing(self, user: User) -> str:
        """Return the registration and its state."""
        if not user.register:
            return user.registration_state
        initials = registers.REGISTERS[user.register].initials
        return f"{initials} {user.registration_number}: {user.registration_state.lower()}"

    @admin.display(description="verified")
    def verification(self, user: User) -> str:
        """Return when and by whom the registration was verified, or “No”."""
        if user.registration_verified_at is None:
            return "No"
        day = date_format(timezone.localtime(user.registration_verified_at), "j M Y")
        return f"{day} by {user.registration_verified_by_name} (account {user.registration_verified_by_id})"

    @admin.display(description="other accounts with this registration")
    def same_registration(self, user: User) -> str:
        """Return links to accounts with the same number: one person has two, or someone gave another person's."""
        held = User.objects.filter(register=user.register, registration_number=user.registration_number)
        same = held.exclude(pk=user.pk).exclude(register="")
        return (
            format_html_join(
                ", ",
                '<a href="{}">{}</a>',
                ((reverse("admin:accounts_user_change", args=[other.pk]), other.email) for other in same),
            )
            or "None"
        )

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        """Save the account. If the administrator chose so, verify the registration or remove its verification."""
        super().save_model(request, obj, form, change)
        by: Any = request.user
        if change and "_verify" in request.POST:
            try:
                if registration_check.verify(user=obj, seen=form.seen, by=by):
                    super().log_change(request, obj, "Verified the registration.")
            except registration_check.RegistrationChanged:
                messages.error(request, "Not verified: this is not the registration you saw. Check the new one.")
        elif change and "_take_back" in request.POST and registration_check.take_back(user=obj, by=by):
            super().log_change(request, obj, "Removed the verification of the registration.")

    def response_change(self, request: HttpRequest, obj: User) -> HttpResponse:
        """Show the account again to an administrator who verified a registration or removed its verification."""
        if "_verify" in request.POST or "_take_back" in request.POST:
            return redirect(request.path)
        return super().response_change(request, obj)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Change another person's password, and tell them by email.

        For their own, an administrator goes to the site's page. That asks for the current password, so that nobody can
        take over the account at an unattended computer.
        """
        person = self.get_object(request, unquote(id))
        if person == request.user:
            return redirect("account_change_password")
        response = super().user_change_password(request, id, form_url)
        if person and User.objects.filter(pk=person.pk).exclude(password=person.password).exists():
            get_adapter().send_notification_mail("account/email/password_changed", person)
        return response

    def log_addition(self, request: HttpRequest, obj: User, message: Any) -> Any:
        """Record in the log of accounts, too, that an administrator added an account."""
        audit.record("added_by_administrator", request=request, account=obj, by=request.user.pk)
        return super().log_addition(request, obj, message)

    def log_change(self, request: HttpRequest, obj: User, message: Any) -> Any:
        """Record in the log of accounts, too, that an administrator changed an account."""
        audit.record("changed_by_administrator", request=request, account=obj, by=request.user.pk)
        return super().log_change(request, obj, message)

    # Deletion follows the rule in `deletion`, the only one.

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[Any], dict[str, int], set[str], Any]:
        """Return what is deleted and what stays, and why an account cannot be deleted.

        This replaces Django's list of rows, which would name the rows of any person.
        """
        shown: list[Any] = []
        for user in objs:
            stays = deletion.find_consequences(user).stays
            shown += [str(user), ["Everything that belongs to the account is deleted, the person's annotations too."]]
            shown += ["What stays, in the words that the person would see", stays] if stays else []
        obstacles = [f"{user}: {why}" for user in objs if (why := deletion.find_obstacle(user, along_with=objs))]
        return shown, {str(User._meta.verbose_name_plural): len(objs)}, set(), obstacles

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        """Delete the account by the rule."""
        self.delete_queryset(request, User.objects.filter(pk=obj.pk))

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Delete each account by the rule; if it refuses one, delete none and raise `PermissionDenied`."""
        by: Any = request.user
        try:
            with transaction.atomic():
                for user in queryset:
                    deletion.delete_account(user=user, by=by)
        except deletion.Refused as refusal:
            raise PermissionDenied(str(refusal)) from refusal

    def get_urls(self) -> list[URLPattern]:
        """Add the page that removes second factors, for a person who has lost their phone."""
        view = self.admin_site.admin_view(self.second_factors_view)
        return [path("<int:pk>/second-factors/", view, name="accounts_user_second_factors"), *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Offer to remove second factors if this administrator may do so for this account."""
        user = context.get("original")
        context["may_remove_second_factors"] = user and user.has_second_factor and _may_remove(request, user)
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="two-step sign-in")
    def second_factors(self, user: User) -> str:
        """Return the kinds of second factor that the account has, without any secret."""
        types = user.authenticator_set.order_by("pk").values_list("type", flat=True)
        return ", ".join(FACTORS[type] for type in types).capitalize() or "Off"

    def second_factors_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Say what to check first; POST removes all second factors of a person who has lost them."""
        user = get_object_or_404(User, pk=pk)
        if not _may_remove(request, user):
            raise PermissionDenied
        if request.method == "POST" and user.has_second_factor:
            by: Any = request.user
            second_factor_rules.remove_all(user=user, by=by)
            super().log_change(request, user, "Turned off two-step sign-in.")
            done = f"Turned off. {user} is signed out everywhere, was told by email, and signs in by password or code."
            self.message_user(request, done, messages.SUCCESS)
            return redirect("admin:accounts_user_change", pk)
        context = self.admin_site.each_context(request) | {
            "title": f"Turn off two-step sign-in for {user}",
            "person": user,
            "second_factors": self.second_factors(user),
            "opts": self.opts,
        }
        return render(request, "admin/accounts/user/second_factors.html", context)


def _may_remove(request: HttpRequest, user: User) -> bool:
    """Return whether this user may remove this account's second factors: an administrator, but never their own.

    Someone who has stolen their session must not remove their second factor with it.
    """
    return bool(request.user.is_superuser) and request.user != user

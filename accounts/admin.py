from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.http import HttpRequest

from .models import User


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    """Accounts, for administrators: who may enter the admin and in which role."""

    ordering = ["email"]
    list_display = ["email", "name", "profession", "is_staff", "is_active"]
    list_filter = ["is_staff", "is_active", "profession", "groups"]
    search_fields = ["email", "name"]
    readonly_fields = ["declared_at", "joined_at", "last_login"]
    filter_horizontal = ["groups"]

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[Any]:
        """A person changes their address themselves, and confirms the new one."""
        return [*self.readonly_fields, "email"] if obj else [*self.readonly_fields]

    fieldsets = [
        (None, {"fields": ["email", "password"]}),
        ("Person", {"fields": ["name", "profession", "declared_at"]}),
        ("Role", {"fields": ["is_active", "is_staff", "is_superuser", "groups"]}),
        ("Dates", {"fields": ["joined_at", "last_login"]}),
    ]
    add_fieldsets = [(None, {"fields": ["email", "name", "usable_password", "password1", "password2"]})]

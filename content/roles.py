"""Who may do what. The roles are groups, made after every `migrate` from the table `ROLES`."""

from typing import Any

from django.apps import AppConfig
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import connections

EDITOR = "Editor"
REVIEWER = "Reviewer"

_EDITS = {
    "page": ("view", "add", "change"),
    "draft": ("view", "add", "change"),
    "topic": ("view", "add", "change"),
    "code": ("view", "add", "change", "delete"),
    "searchterm": ("view", "add", "delete"),
    "synonym": ("view", "add", "delete"),
    "contributor": ("view", "add", "change", "delete"),
    "homeentry": ("view", "add", "change", "delete"),
    "version": ("view",),
    "review": ("view",),
    "errorreport": ("view", "change"),
    "missingpage": ("view", "change"),
    "unfoundword": ("view",),
}
ROLES: dict[str, dict[str, tuple[str, ...]]] = {
    EDITOR: _EDITS,
    REVIEWER: _EDITS | {"version": ("view", "publish"), "review": ("view", "add")},
}


def after_migrate(sender: AppConfig, using: str, **kwargs: Any) -> None:
    """Receive `post_migrate`: give each role's group exactly its permissions, and create it if necessary."""
    if "auth_group" not in connections[using].introspection.table_names():
        return  # migrated back to a state without groups
    create_permissions(sender, using=using, verbosity=0)
    for role, table in ROLES.items():
        codenames = {f"{action}_{noun}" for noun, actions in table.items() for action in actions}
        group, _ = Group.objects.using(using).get_or_create(name=role)
        group.permissions.set(
            Permission.objects.using(using).filter(content_type__app_label="content", codename__in=codenames)
        )

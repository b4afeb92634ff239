"""Who may do what: the roles are groups, made after every `migrate` from the one table below."""

from typing import Any

from django.contrib.auth.management import create_permissions

EDITOR = "Editor"
REVIEWER = "Reviewer"

_EDITS = {
    "page": ("view", "add", "change"),
    "draft": ("view", "add", "change"),
    "topic": ("view", "add", "change"),
    "code": ("view", "add", "change", "delete"),
    "contributor": ("view", "add", "change", "delete"),
    "version": ("view",),
    "review": ("view",),
}
ROLES: dict[str, dict[str, tuple[str, ...]]] = {
    EDITOR: _EDITS,
    REVIEWER: _EDITS | {"version": ("view", "publish"), "review": ("view", "add")},
}


def after_migrate(sender: Any, using: str, apps: Any, **kwargs: Any) -> None:
    """The `post_migrate` receiver: make each role's group with exactly its permissions."""
    create_permissions(sender, using=using, apps=apps, verbosity=0)
    group_model = apps.get_model("auth", "Group")
    permission_model = apps.get_model("auth", "Permission")
    for role, table in ROLES.items():
        codenames = {f"{action}_{noun}" for noun, actions in table.items() for action in actions}
        group, _ = group_model.objects.using(using).get_or_create(name=role)
        group.permissions.set(
            permission_model.objects.using(using).filter(content_type__app_label="content", codename__in=codenames)
        )

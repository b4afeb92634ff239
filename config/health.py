"""Addresses for monitoring: `/healthz` for the process, `/readyz` for what it needs."""

from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from content import changes
from content.history import triggers


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer that the process is running, and nothing else."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Answer 200 if database, migrations and triggers are ready, else 503 with the one that is not."""
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        in_place = waiting or (triggers.is_in_place(connection) and changes.are_noticed())
        problem = "migrations wait" if waiting else "" if in_place else "triggers missing"
    except DatabaseError:
        problem = "no database"
    return HttpResponse(f"{problem or 'ok'}\n", content_type="text/plain", status=503 if problem else 200)

"""`python manage.py serve`: the web server and the worker under one roof. `make run` calls it."""

from __future__ import annotations

import errno
import os
import socket
import sys
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError

from idance import signing_key
from idance.checks import SERVICES
from idance.files import leftovers
from idance.first_admin import CannotBeMade, make_first_admin, passed_over_email
from idance.lib import system_libraries
from idance.postgresql.turns import in_turn
from idance.supervisor import Program, Supervisor

#: As somebody types it in the folder of the project.
_SETS_ANOTHER = ".venv/bin/python manage.py changepassword"


class Command(BaseCommand):
    help = (
        "Serve iDance: migrate, make the first admin, then run the web server and the worker until stopped."
    )
    # They run below, after what can be said better in one sentence.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--only", choices=["web", "worker"], help="run one of the two alone")
        parser.add_argument(
            "--stop-with-parent", action="store_true", help="stop when the process that started this is gone"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        only: str | None = options["only"]
        missing = system_libraries.missing()
        if missing and only != "web":
            raise CommandError(system_libraries.advice(missing))
        listener = None if only == "worker" else listen(settings.HOST, settings.PORT)
        self.check()
        Path(settings.STATIC_ROOT).mkdir(exist_ok=True)
        leftovers.remove()
        self._prepare_database(may_change=only != "worker")
        # The database has answered; Redis and the storage are asked here.
        self.check(tags=[SERVICES], include_deployment_checks=True)
        if listener is not None:
            with in_turn():
                signing_key.note()
        programs = []
        if listener is not None:
            programs.append(web(listener))
            self.stdout.write(self.style.SUCCESS(self._addresses()))
        if only != "web":
            programs.append(Program("worker", [sys.executable, "manage.py", "worker"]))
        self.stdout.write("Ctrl-C stops everything." if only is None else f"Ctrl-C stops the {only}.")
        self.stdout.flush()
        connection.close()
        supervisor = Supervisor(
            programs,
            label=settings.LOG_FORMAT == "text",
            stop_with_parent=options["stop_with_parent"],
        )
        os.chdir(settings.BASE_DIR)
        sys.exit(supervisor.run())

    def _prepare_database(self, *, may_change: bool) -> None:
        try:
            if may_change:
                with in_turn():  # of several machines that start at once, one migrates
                    call_command("migrate", interactive=False, verbosity=0)
                    self._first_admin()
            elif _unapplied_migrations():
                raise CommandError("The database is not up to date. Start the web server first: it migrates.")
        except OperationalError as error:
            raise CommandError(f"The database does not answer: {str(error).strip()}") from None

    def _first_admin(self) -> None:
        try:
            admin = make_first_admin()
        except CannotBeMade as error:
            raise CommandError(str(error)) from None
        if admin and admin.generated_password:
            password = self.style.WARNING(admin.generated_password)
            self.stdout.write(f"The first admin is {admin.email} with the password {password}")
            self.stdout.write(f"It is shown this once. `{_SETS_ANOTHER} {admin.email}` sets another.")
        elif admin:
            self.stdout.write(f"The first admin is {admin.email}.")
        elif passed_over := passed_over_email():
            self.stdout.write(
                f"There is an admin already, so DJANGO_SUPERUSER_EMAIL makes none of {passed_over}; "
                f"`{_SETS_ANOTHER} EMAIL` gives the one there is a new password."
            )

    def _addresses(self) -> str:
        url = settings.PUBLIC_URL
        return f"iDance is at {url}   (API docs {url}/api/docs, console {url}/admin/)"


def listen(host: str, port: int) -> socket.socket:
    """The socket that gunicorn will serve.

    Opened here and not by gunicorn: a port in use is known before anything starts, and when the server has to
    start again, connections wait for it instead of being refused.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server(found[4][:2], family=found[0], backlog=2048)
    except OSError as error:
        raise CommandError(_why_not(error, host, port)) from None


def _why_not(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return (
            f"Port {port} is in use by another program. "
            f"Stop that program, or take another port: PORT={port % 65535 + 1} make run"
        )
    if error.errno == errno.EACCES:
        return (
            f"This user may not open port {port}. Take one above 1023, with a proxy in front for 80 and 443."
        )
    return f"IDANCE_HOST {host!r} is not an address of this machine: {error.strerror or error}."


def web(listener: socket.socket) -> Program:
    """gunicorn on an open socket."""
    number = listener.fileno()
    command = [sys.executable, "-m", "gunicorn", "-c", "python:idance.gunicorn_config"]
    return Program("web", [*command, "-b", f"fd://{number}", "idance.wsgi"], pass_fds=[number])


def _unapplied_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))

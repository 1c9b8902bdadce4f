"""``python -m demo_app``: serve the shop."""

from __future__ import annotations

import argparse
import importlib
import os
import sys

import uvicorn

from dorm import ImproperlyConfigured, settings


def main() -> None:
    """Choose the database, then serve."""
    parser = argparse.ArgumentParser(prog="python -m demo_app", description="Serve the ticket shop.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (%(default)s)")
    parser.add_argument(
        "--database",
        metavar="URL",
        help="postgresql://… or sqlite:///… (default: DATABASE_URL, else the file demo.sqlite3 here)",
    )
    arguments = parser.parse_args()
    if arguments.database:
        os.environ["DATABASE_URL"] = arguments.database
    try:
        app = importlib.import_module("demo_app.main").app  # reads the settings
    except ImproperlyConfigured as error:
        sys.exit(f"demo_app: {error}")
    database = settings.DATABASES["default"]
    address = f"http://{arguments.host}:{arguments.port}"
    sys.stdout.write(f"Boxoffice on {database.engine}: {database.name}\n  {address}/\n  {address}/docs\n")
    sys.stdout.flush()
    uvicorn.run(app, host=arguments.host, port=arguments.port)


if __name__ == "__main__":
    main()

"""A bare Flask route with one insert, served as `huajie web` is: the same gunicorn, worker and threads.

A connection for each thread, which commits each statement. Run with DATABASE and PORT in the environment.
"""

import os
import threading
from typing import Any

import psycopg
from flask import Flask, request

from shared.runtime.serve import serve

TABLE = """CREATE TABLE IF NOT EXISTS petition
    (id uuid PRIMARY KEY, channel text, received_on date, title text, text text, township text, place text)"""
COLUMNS = ("petition_id", "channel", "received_on", "title", "text", "township", "place")
INSERT = "INSERT INTO petition VALUES (%s, %s, %s, %s, %s, %s, %s)"
local = threading.local()


def make_app() -> Flask:
    app = Flask(__name__)

    @app.post("/petitions")
    def register() -> tuple[dict[str, Any], int]:
        if not hasattr(local, "connection"):
            local.connection = psycopg.connect(os.environ["DATABASE"], autocommit=True)
        body = request.get_json()
        local.connection.execute(INSERT, [body[name] for name in COLUMNS])
        return {"id": body["petition_id"]}, 201

    @app.get("/health/live")
    def live() -> dict[str, Any]:
        return {}

    return app


if __name__ == "__main__":
    with psycopg.connect(os.environ["DATABASE"], autocommit=True) as connection:
        connection.execute(TABLE)
    serve(make_app, host="127.0.0.1", port=int(os.environ["PORT"]), threads=4)

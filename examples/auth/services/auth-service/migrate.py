"""Brings the database to the shape of this version. It may run twice."""

import os

import psycopg

with psycopg.connect(os.environ["DATABASE_URL"]) as database:
    database.execute(
        """
        CREATE TABLE IF NOT EXISTS accounts (
            id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
            email citext NOT NULL UNIQUE,
            salt bytea NOT NULL,
            password bytea NOT NULL,
            created timestamptz NOT NULL DEFAULT now()
        )
        """
    )
print("the table accounts is there")

package main

import _ "github.com/jackc/pgx/v5/stdlib"

func openPostgreSQL(database database) (store, error) {
	return openSQL("pgx", database.url.String(), dialect{
		numbered:     true,
		insertNew:    "INSERT",
		insertNewEnd: " ON CONFLICT DO NOTHING",
		lock:         "SELECT pg_advisory_lock(20250)",
		unlock:       "SELECT pg_advisory_unlock(20250)",
	})
}

package main

import (
	"net/url"
	"strings"

	"github.com/go-sql-driver/mysql"
)

func openMariaDB(database database) (store, error) {
	return openSQL("mysql", mariaDBSource(database.url), dialect{
		insertNew: "INSERT IGNORE",
		lock:      "DO GET_LOCK('migration', 600)",
		unlock:    "DO RELEASE_LOCK('migration')",
	})
}

// The driver has a form of its own for addresses.
func mariaDBSource(address *url.URL) string {
	source := mysql.NewConfig()
	source.Net, source.Addr = "tcp", address.Host
	source.User = address.User.Username()
	source.Passwd, _ = address.User.Password()
	source.DBName = strings.TrimPrefix(address.Path, "/")
	source.Timeout, source.ReadTimeout, source.WriteTimeout = patience, patience, patience
	// A row that is there already counts as found, though nothing of it changes.
	source.ClientFoundRows = true
	return source.FormatDSN()
}

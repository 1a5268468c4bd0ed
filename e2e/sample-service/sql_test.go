package main

import (
	"net/url"
	"testing"

	"github.com/go-sql-driver/mysql"
)

func TestAStatementIsWrittenAsItsEngineHasIt(t *testing.T) {
	numbered := &sqlStore{dialect: dialect{numbered: true, insertNew: "INSERT", insertNewEnd: " ON CONFLICT DO NOTHING"}}
	plain := &sqlStore{dialect: dialect{insertNew: "INSERT IGNORE"}}
	if got := numbered.newRow("t (a, b) VALUES (?, ?)"); got != "INSERT INTO t (a, b) VALUES ($1, $2) ON CONFLICT DO NOTHING" {
		t.Error(got)
	}
	if got := plain.newRow("t (a) VALUES (?)"); got != "INSERT IGNORE INTO t (a) VALUES (?)" {
		t.Error(got)
	}
}

func TestAMariaDBPasswordMayHaveAnyLetter(t *testing.T) {
	address, err := url.Parse("mysql://user_a:p%40ss%2Fw%3Ard%3F@server:3306/inventory_db")
	if err != nil {
		t.Fatal(err)
	}
	read, err := mysql.ParseDSN(mariaDBSource(address))
	if err != nil {
		t.Fatal(err)
	}
	if read.User != "user_a" || read.Passwd != "p@ss/w:rd?" || read.Addr != "server:3306" || read.DBName != "inventory_db" {
		t.Errorf("%+v", read)
	}
}

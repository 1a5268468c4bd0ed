package main

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// settings is all that the environment says.
type settings struct {
	// The service's name: what a broker lets it declare begins with it.
	service string
	role    string
	port    string
	// Both by name.
	databases    []database
	dependencies []dependency
	// Where events go, and where they come from.
	exchange, queue string
	// To which version of the schema a migration leads.
	schema int
	// How a migration ends: "" well, "fail" or "hang" as a test asks for it.
	migration string
	// The JWK Set of who signs tokens.
	keys string
	// Added to every payment, so that there is time to disturb it.
	paymentTime time.Duration
}

// database is where the service keeps something.
type database struct {
	name string
	url  *url.URL
	// A cache may forget, so nothing that it was told counts as kept.
	cache bool
	// The prefix of every key, where the server is shared by it.
	keyPrefix string
}

// dependency is another service.
type dependency struct{ name, url string }

const (
	suffix        = "_URL"
	newestSchema  = 3
	defaultSchema = 2
)

// The schemes of databases; http is a dependency's.
var schemes = []string{"postgresql", "mysql", "redis", "amqp", "s3"}

func readSettings(environment []string) (settings, error) {
	variables := map[string]string{}
	for _, line := range environment {
		name, value, _ := strings.Cut(line, "=")
		variables[name] = value
	}
	read := settings{
		service:   variables["SERVICE"],
		role:      variables["ROLE"],
		port:      or(variables["PORT"], "8000"),
		exchange:  variables["EXCHANGE"],
		queue:     variables["QUEUE"],
		migration: variables["MIGRATION"],
		keys:      or(variables["JWKS"], `{"keys": []}`),
	}
	if read.service == "" {
		return read, fmt.Errorf("SERVICE is not set: it is the service's name")
	}
	if !slices.Contains([]string{"", "fail", "hang"}, read.migration) {
		return read, fmt.Errorf("MIGRATION is %q: it is fail, hang, or not set", read.migration)
	}
	var err error
	if read.schema, err = strconv.Atoi(or(variables["SCHEMA"], strconv.Itoa(defaultSchema))); err != nil || read.schema < 1 || read.schema > newestSchema {
		return read, fmt.Errorf("SCHEMA is %q: it is a number from 1 to %d", variables["SCHEMA"], newestSchema)
	}
	if read.paymentTime, err = time.ParseDuration(or(variables["PAYMENT_TIME"], "0s")); err != nil {
		return read, fmt.Errorf("PAYMENT_TIME is %q: it is a time, as 300ms or 2s", variables["PAYMENT_TIME"])
	}
	return read, read.readAddresses(variables)
}

// Each variable that ends with _URL is the address of a database or a dependency; which of
// them, its scheme says.
func (read *settings) readAddresses(variables map[string]string) error {
	caches := strings.Split(variables["CACHES"], ",")
	for variable, value := range variables {
		name, found := strings.CutSuffix(variable, suffix)
		if !found || value == "" {
			continue
		}
		name = strings.ToLower(name)
		// The error of url.Parse has the whole URL in it, and so the password.
		address, err := url.Parse(value)
		switch {
		case err == nil && address.Scheme == "http":
			name = strings.ReplaceAll(name, "_", "-")
			read.dependencies = append(read.dependencies, dependency{name, value})
		case err == nil && slices.Contains(schemes, address.Scheme):
			read.databases = append(read.databases, database{
				name:      name,
				url:       address,
				cache:     slices.Contains(caches, name),
				keyPrefix: variables[strings.ToUpper(name)+"_KEY_PREFIX"],
			})
		default:
			return fmt.Errorf("%s is no URL of http, %s", variable, strings.Join(schemes, ", "))
		}
	}
	slices.SortFunc(read.databases, func(a, b database) int { return strings.Compare(a.name, b.name) })
	slices.SortFunc(read.dependencies, func(a, b dependency) int { return strings.Compare(a.name, b.name) })
	return nil
}

func or(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}

// Sample-service stands in for every service of an application. What it is follows from its
// environment only: it uses each database whose URL it is given, calls each dependency, and
// does besides what its ROLE says.
//
//	sample-service            serves until SIGTERM, and then finishes what it began
//	sample-service migrate    brings its databases to the schema of its version
//	sample-service seed       fills them with data to try things with
//	sample-service read       prints what was written to each, or why it cannot be read
//	sample-service expire     asks for the end of orders that got stuck
package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	slog.SetDefault(slog.New(slog.NewJSONHandler(os.Stdout, nil)))
	if err := run(os.Args[1:], os.Environ()); err != nil {
		slog.Error(err.Error())
		os.Exit(1)
	}
}

func run(arguments, environment []string) error {
	settings, err := readSettings(environment)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	command := "serve"
	if len(arguments) > 0 {
		command = arguments[0]
	}
	if command == "expire" {
		return expire(ctx, settings, arguments[1:])
	}
	service, err := newService(settings)
	if err != nil {
		return err
	}
	defer service.close()
	switch command {
	case "serve":
		return service.serve(ctx)
	case "migrate":
		return service.migrate(ctx)
	case "seed":
		return service.seed(ctx)
	case "read":
		return service.read(ctx, os.Stdout)
	}
	return fmt.Errorf("there is no command %q: it is serve, migrate, seed, read or expire", command)
}

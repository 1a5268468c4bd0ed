// Program compose is what Compose itself says of the files that `gravity generate compose`
// writes. It loads them with Compose's own loader, each merged into those before it as
// `docker compose -f` does it, and prints the project that comes of it as JSON. What Compose
// would refuse is refused, and so is what it would only warn of, as of a variable without a
// value.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/sirupsen/logrus"
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "Usage: compose FILE…")
		os.Exit(2)
	}
	project, err := judge(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Printf("%s\n", project)
}

func judge(files []string) ([]byte, error) {
	// Variables have their values from `.env` alone, so that all machines judge alike.
	os.Clearenv()
	var warned warnings
	logrus.SetOutput(io.Discard)
	logrus.AddHook(&warned)
	// A name is not given, for the loader takes the one that the files have.
	options, err := cli.NewProjectOptions(files,
		cli.WithWorkingDirectory(filepath.Dir(files[0])),
		cli.WithEnvFiles(),
		cli.WithDotEnv,
		cli.WithProfiles([]string{"*"}),
		cli.WithResolvedPaths(true),
		cli.WithConsistency(true),
	)
	if err != nil {
		return nil, err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return nil, err
	}
	if err := project.CheckContainerNameUnicity(); err != nil {
		return nil, err
	}
	// The loader leaves these to `docker compose up`.
	for name, secret := range project.Secrets {
		warned.addIfUnset("secret", name, types.FileObjectConfig(secret), project.Environment)
	}
	for name, config := range project.Configs {
		warned.addIfUnset("config", name, types.FileObjectConfig(config), project.Environment)
	}
	if len(warned) > 0 {
		// What is loaded is in maps, which have no order.
		slices.Sort(warned)
		return nil, errors.New(strings.Join(slices.Compact(warned), "\n"))
	}
	return project.MarshalJSON()
}

// What Compose would let through, but not in silence; a hook that collects it.
type warnings []string

func (w *warnings) Levels() []logrus.Level { return []logrus.Level{logrus.WarnLevel} }

func (w *warnings) Fire(entry *logrus.Entry) error {
	*w = append(*w, entry.Message)
	return nil
}

func (w *warnings) addIfUnset(kind, name string, object types.FileObjectConfig, known types.Mapping) {
	variable := object.Environment
	if _, set := known[variable]; variable != "" && !set && object.Content == "" {
		*w = append(*w, fmt.Sprintf("The %q variable of %s %q is not set.", variable, kind, name))
	}
}

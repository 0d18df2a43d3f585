// Command compose-config reads compose files as `docker compose config` does, with the library that
// it is made of, and says what is wrong with them.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
)

func main() {
	profiles := flag.String("profiles", "", "the profiles to start, separated by commas")
	flag.Parse()
	chosen := []string{}
	if *profiles != "" {
		chosen = strings.Split(*profiles, ",")
	}
	options, err := cli.NewProjectOptions(flag.Args(), cli.WithOsEnv, cli.WithProfiles(chosen))
	if err == nil {
		project, failed := options.LoadProject(context.Background())
		if failed == nil {
			fmt.Println(strings.Join(project.ServiceNames(), "\n"))
			return
		}
		err = failed
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

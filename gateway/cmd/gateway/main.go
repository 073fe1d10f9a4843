// Command gateway is the edge of the fleet.
package main

import (
	"os"

	_ "golang.org/x/crypto/x509roots/fallback" // the image has no file with the roots of public authorities

	"github.com/fusionems/quantum/gateway"
	"github.com/fusionems/quantum/pkg/run"
)

func main() {
	ctx, cancel := run.SignalContext()
	code := gateway.Main(ctx, os.Args[1:], os.Environ(), os.Stdout, os.Stderr)
	cancel()
	os.Exit(code)
}

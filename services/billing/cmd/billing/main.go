// Command billing runs the billing service.
package main

import (
	"os"

	"github.com/fusionems/quantum/pkg/service"
	"github.com/fusionems/quantum/services/billing"
)

func main() { os.Exit(service.Main(billing.Definition())) }

// Command agency runs the agency service.
package main

import (
	"os"

	"github.com/fusionems/quantum/pkg/service"
	"github.com/fusionems/quantum/services/agency"
)

func main() { os.Exit(service.Main(agency.Definition())) }

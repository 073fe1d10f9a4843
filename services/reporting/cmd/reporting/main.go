// Command reporting runs the reporting service.
package main

import (
	"os"

	"github.com/fusionems/quantum/pkg/service"
	"github.com/fusionems/quantum/services/reporting"
)

func main() { os.Exit(service.Main(reporting.Definition())) }

// Command audit runs the audit service and verifies its log.
package main

import (
	"os"

	"github.com/fusionems/quantum/pkg/service"
	"github.com/fusionems/quantum/services/audit"
)

func main() { os.Exit(service.Main(audit.Definition())) }

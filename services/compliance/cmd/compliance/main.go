// Command compliance runs the compliance service.
package main

import (
	"os"

	"github.com/fusionems/quantum/pkg/service"
	"github.com/fusionems/quantum/services/compliance"
)

func main() { os.Exit(service.Main(compliance.Definition())) }

// Command clinical serves fleet.clinical.v1.
package main

import (
	"os"

	"github.com/fusionems/quantum/pkg/service"
	"github.com/fusionems/quantum/services/clinical"
)

func main() { os.Exit(service.Main(clinical.Definition())) }

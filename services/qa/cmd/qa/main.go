// Command qa runs the quality-review service.
package main

import (
	"os"

	"github.com/fusionems/quantum/pkg/service"
	"github.com/fusionems/quantum/services/qa"
)

func main() { os.Exit(service.Main(qa.Definition())) }

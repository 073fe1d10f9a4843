package service

import (
	"context"
	"io/fs"
)

// Definition is what makes one service different from the others.
type Definition struct {
	// Name of the service: its schema, its SPIFFE id, its binary.
	Name string
	// Migrations of the service's own tables.
	Migrations fs.FS
	// NewSettings returns a pointer to settings of its own; nil means Config alone.
	NewSettings func() Settings
	// MaxMessage is the largest request in bytes; 0 means 4 MiB.
	MaxMessage int
	// Register puts servers, event handlers and background work into the kit.
	Register func(ctx context.Context, k *Kit) error
	// AcrossAgencies are readings that go across agencies by design, as "group/table", each with the reason: the self-test expects of all
	// others that they do not.
	AcrossAgencies map[string]string
	// Commands are further subcommands, by name.
	Commands map[string]Command
}

// Command is a subcommand of a service's binary.
type Command struct {
	Help string
	Run  func(ctx context.Context, args []string, environ []string) error
}

func (d Definition) settings() Settings {
	if d.NewSettings == nil {
		return &Config{}
	}
	return d.NewSettings()
}

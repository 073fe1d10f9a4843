package store

import "embed"

// Migrations of the schema.
//
//go:embed migrations/*.sql
var Migrations embed.FS

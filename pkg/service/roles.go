package service

import (
	"fmt"
	"io"

	"github.com/fusionems/quantum/pkg/db"
)

// roles prints what a superuser runs once in the service's database, and again after an upgrade that adds a role. It sets no
// password: the logins get theirs from whoever keeps the vault.
func roles(def Definition, out io.Writer) error {
	script, err := db.BootstrapSQL(db.BootstrapConfig{Schema: def.Name})
	if err == nil {
		_, err = io.WriteString(out, script)
	}
	if err != nil {
		return fmt.Errorf("service: roles: %w", err)
	}
	return nil
}

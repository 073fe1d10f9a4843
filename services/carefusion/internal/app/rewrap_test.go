package app_test

import (
	"os"
	"strings"
	"testing"

	"github.com/fusionems/quantum/services/carefusion/internal/seal"
)

// TestTheDataKeyRotates seals everything anew by the command, takes the older key away and reads everything.
func TestTheDataKeyRotates(t *testing.T) {
	s := newScene(t)
	older, err := os.ReadFile(s.cfg.DataKeyFile)
	if err != nil {
		t.Fatal(err)
	}
	newer := seal.NewKey()
	path := file(t, t.TempDir(), "keys", []byte(newer+"\n"+string(older)+"\n"))
	proc := s.process("CAREFUSION_DATA_KEY_FILE=" + path)
	cmd, out := proc.command("rewrap")
	if err := cmd.Run(); err != nil {
		t.Fatal(out)
	}
	if strings.HasPrefix(out.String(), "0 ") {
		t.Errorf("nothing was sealed anew: %s", out)
	}
	if cmd, again := proc.command("rewrap"); cmd.Run() != nil || !strings.HasPrefix(again.String(), "0 ") {
		t.Errorf("again: %s", again)
	}
	if err := os.WriteFile(path, []byte(newer), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := s.cfg
	cfg.DataKeyFile, cfg.ListenAddr, cfg.AdminAddr = path, free(t), free(t)
	s.beside(cfg)
	for _, who := range []string{"patient0", "provider"} {
		read := s.get(who, "appointments/"+s.ids["appointment_id"]).text + s.get(who, "appointments/"+s.ids["appointment_id"]+"/messages").text +
			s.get(who, "notes/"+s.ids["note_id"]).text + s.get(who, "patients/"+s.ids["patient_id"]).text
		for _, want := range []string{"marker-of-patient0 in a message", "marker-of-patient0 in a note", "reason of patient0", "Given-patient0"} {
			if !strings.Contains(read, want) {
				t.Errorf("%s does not read %q with the newer key alone", who, want)
			}
		}
	}
	if cmd, out := proc.command("verify"); cmd.Run() != nil {
		t.Errorf("verify: %s", out)
	}
	// The command without the older key, on values of that key, changes nothing and says so.
	if err := os.WriteFile(path, []byte(seal.NewKey()), 0o600); err != nil {
		t.Fatal(err)
	}
	if cmd, out := proc.command("rewrap"); cmd.Run() == nil || !strings.Contains(out.String(), "older keys") {
		t.Errorf("without the key: %s", out)
	}
}

// TestEverySealedColumnRotates compares the schema with what the command found to do: a new column cannot be forgotten.
func TestEverySealedColumnRotates(t *testing.T) {
	s := newScene(t)
	newer := s.process("CAREFUSION_DATA_KEY_FILE=" + file(t, t.TempDir(), "keys", append([]byte(seal.NewKey()+"\n"), mustRead(t, s.cfg.DataKeyFile)...)))
	before := map[string]any{}
	sealed := strings.Fields(s.behind(`SELECT string_agg(table_name || '.' || column_name, ' ') FROM information_schema.columns WHERE table_schema = 'carefusion' AND column_name LIKE 'sealed%'`).(string))
	sum := func(c string) any {
		table, column, _ := strings.Cut(c, ".")
		return s.behind(`SELECT COALESCE(string_agg(encode(substring(` + column + ` FOR 5), 'hex'), ' ' ORDER BY ctid), 'none') FROM carefusion.` + table + ` WHERE ` + column + ` IS NOT NULL`)
	}
	for _, c := range sealed {
		if before[c] = sum(c); before[c] == "none" {
			t.Errorf("%s is empty; the scene must fill every sealed column", c)
		}
	}
	if cmd, out := newer.command("rewrap"); cmd.Run() != nil {
		t.Fatal(out)
	}
	for _, c := range sealed {
		if sum(c) == before[c] {
			t.Errorf("%s was not sealed anew", c)
		}
	}
	if len(sealed) < 5 {
		t.Errorf("only %v", sealed)
	}
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

//go:build delivery

package images_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestCosignAccepts asks cosign itself, which make images-test builds; the tests without a tag verify with sigstore's library.
func TestCosignAccepts(t *testing.T) {
	cosign := os.Getenv("COSIGN")
	if cosign == "" {
		t.Fatal("COSIGN names no cosign; make images-test does")
	}
	private, public := keyPair(t, "")
	_, otherPublic := keyPair(t, "")
	host := localRegistry(t)
	all := buildAll(t, checkout(t), amd64)
	signed, unsigned := all["qa"], all["gateway"]
	sign(t, &signed, private)
	push(t, host, signed)
	push(t, host, unsigned)
	ask := func(key, ref string) (string, error) {
		cmd := exec.CommandContext(t.Context(), cosign, "verify", "--key", key, "--insecure-ignore-tlog=true", ref)
		cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	repo := host + "/" + signed.Target.Repository
	for d := range signed.Signatures {
		if out, err := ask(public, repo+"@"+d.String()); err != nil || !strings.Contains(out, d.String()) {
			t.Errorf("cosign refuses %s: %v\n%s", d, err, out)
		}
	}
	if len(signed.Signatures) != 3 {
		t.Errorf("%d signatures", len(signed.Signatures))
	}
	if out, err := ask(otherPublic, repo+"@"+digest(t, signed)); err == nil {
		t.Errorf("cosign accepts another key: %s", out)
	}
	if out, err := ask(public, host+"/"+unsigned.Target.Repository+"@"+digest(t, unsigned)); err == nil {
		t.Errorf("cosign accepts an unsigned image: %s", out)
	}
}

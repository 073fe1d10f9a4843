package local

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

// envKeys are the keys of fleet.env, in the order in which it holds them.
var envKeys = []string{
	"GATEWAY_URL", "OIDC_ISSUER", "CA_FILE", "DATABASE_URL", "NATS_URL", "REDIS_URL",
	"DEMO_CLIENT_ID", "DEMO_PASSWORD", "DEMO_USERS", "DEMO_CLIENTS",
}

// writeEnv writes the file that a shell sources: values in single quotes, readable by its owner only.
func writeEnv(path string, env map[string]string) error {
	var b strings.Builder
	for _, k := range envKeys {
		fmt.Fprintf(&b, "%s=%s\n", k, shellQuote(env[k]))
	}
	return writeFile(path, []byte(b.String()), 0o600)
}

func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// ReadEnv reads the fleet.env of a directory back.
func ReadEnv(dir string) (map[string]string, error) {
	f, err := os.Open(layout{dir}.envFile())
	if err != nil {
		return nil, err
	}
	defer f.Close()
	env := map[string]string{}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		k, v, ok := strings.Cut(lines.Text(), "=")
		if !ok {
			continue
		}
		v = strings.TrimSuffix(strings.TrimPrefix(v, "'"), "'")
		env[k] = strings.ReplaceAll(v, `'\''`, "'")
	}
	return env, lines.Err()
}

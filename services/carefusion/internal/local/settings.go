package local

import (
	"os"
	"strconv"
)

// settings is the whole environment of a child.
func (l *launcher) settings() []string {
	p := l.Layout.path
	own := []string{
		"LISTEN_ADDR=127.0.0.1:" + strconv.Itoa(l.state.Edge), "ADMIN_ADDR=127.0.0.1:" + strconv.Itoa(l.state.Admin),
		"TLS_CERT_FILE=" + p("pki", "edge.crt"), "TLS_KEY_FILE=" + p("pki", "edge.key"),
		"DATABASE_URL_FILE=" + p("secrets", "database-url"), "MIGRATOR_DATABASE_URL_FILE=" + p("secrets", "migrator-database-url"),
		"DATA_KEY_FILE=" + p("secrets", "data.key"),
		"ISSUER=" + l.state.URL + "/realms/carefusion", "ISSUER_CA_FILE=" + l.Layout.CA(),
		"LOCAL_REALM_FILE=" + p("secrets", "realm.json"), "LOCAL_KEY_FILE=" + p("secrets", "issuer.pem"),
		"REMINDER_DIR=" + p("reminders"), "CHECK_IN_LEAD=24h", // whoever tries it out does not want to wait
		"PUBLIC_URL=" + l.state.URL, "CLIENT_ID=" + pageClient,
		"NATS_URL=nats://127.0.0.1:" + strconv.Itoa(l.state.Broker),
		"LIVEKIT_API_URL=http://127.0.0.1:" + strconv.Itoa(l.state.Video), "LIVEKIT_URL=wss://127.0.0.1:" + strconv.Itoa(l.state.Edge),
		"LIVEKIT_KEY_FILE=" + p("secrets", "video.key"), "LIVEKIT_PROXY=true", "LIVEKIT_HOOK_ADDR=127.0.0.1:" + strconv.Itoa(l.state.Hook),
	}
	// Nothing of the launcher's own environment: settings of another deployment could be in it.
	out := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "LC_ALL=C.UTF-8"}
	for _, s := range own {
		out = append(out, "CAREFUSION_"+s)
	}
	return out
}

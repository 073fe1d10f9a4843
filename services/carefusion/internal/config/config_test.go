package config

import (
	"strings"
	"testing"
)

func whole(more ...string) []string {
	return append([]string{"CAREFUSION_TLS_CERT_FILE=c", "CAREFUSION_TLS_KEY_FILE=k", "CAREFUSION_DATABASE_URL_FILE=d", "CAREFUSION_DATA_KEY_FILE=s",
		"CAREFUSION_ISSUER=https://id.example/realms/carefusion", "HOME=/"}, more...)
}

func TestSettings(t *testing.T) {
	cfg, err := Load(whole())
	if err != nil || cfg.Check() != nil {
		t.Fatalf("%v %v", err, cfg.Check())
	}
	if cfg, err := Load(whole("CAREFUSION_NATS_URL=nats://127.0.0.1:4222", "CAREFUSION_OTLP_ENDPOINT=http://127.0.0.1:4317")); err != nil || cfg.Check() != nil {
		t.Errorf("plain on the machine: %v %v", err, cfg.Check())
	}
	if cfg.Recording {
		t.Error("recording is on by default")
	}
	if _, err := Load(whole("CAREFUSION_RECORDNG=true")); err == nil || !strings.Contains(err.Error(), "CAREFUSION_RECORDNG") {
		t.Errorf("an unknown setting: %v", err)
	}
	for bad, names := range map[string]string{
		"CAREFUSION_REMINDER_LEAD=25h": "REMINDER_LEAD", "CAREFUSION_ROOM_TOKEN_TTL=24h": "ROOM_TOKEN_TTL",
		"CAREFUSION_ISSUER=http://id.example": "ISSUER", "CAREFUSION_ISSUER=": "ISSUER", "CAREFUSION_LOCAL_REALM_FILE=r": "LOCAL_KEY_FILE", "CAREFUSION_RATE_PER_SUBJECT=0": "rates",
		"CAREFUSION_SMTP_URL_FILE=f":                "SMTP_FROM",
		"CAREFUSION_LIVEKIT_API_URL=http://livekit": "LIVEKIT_KEY_FILE", "CAREFUSION_LIVEKIT_KEY_FILE=k": "LIVEKIT_API_URL", "CAREFUSION_LIVEKIT_PROXY=true": "LIVEKIT_API_URL",
	} {
		cfg, err := Load(whole(bad))
		if err != nil {
			t.Errorf("%s: %v", bad, err)
			continue
		}
		if err := cfg.Check(); err == nil || !strings.Contains(err.Error(), names) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestTableNamesEverySetting(t *testing.T) {
	var b strings.Builder
	if err := Table(&b); err != nil {
		t.Fatal(err)
	}
	for _, f := range fields() {
		if !strings.Contains(b.String(), prefix+f.Tag.Get("env")) || f.Tag.Get("desc") == "" {
			t.Errorf("%s is not in the table or has no description", f.Name)
		}
	}
}

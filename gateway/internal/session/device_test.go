package session

import "testing"

func TestDevice(t *testing.T) {
	const webkit = "AppleWebKit/537.36 (KHTML, like Gecko) "
	for agent, want := range map[string]string{
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) " + webkit + "Chrome/140.0.0.0 Safari/537.36":                                                     "Chrome on Windows",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) " + webkit + "Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0":                                       "Edge on Windows",
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Safari/605.1.15":                      "Safari on macOS",
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/140.0.0.0 Mobile/15E148 Safari/604.1": "Chrome on iPhone",
		"Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1":             "Safari on iPad",
		"Mozilla/5.0 (Linux; Android 10; K) " + webkit + "SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36":                                 "Samsung Internet on Android",
		"Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0":                                                                     "Firefox on Linux",
		"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) " + webkit + "Chrome/140.0.0.0 Safari/537.36":                                                      "Chrome on ChromeOS",
		"Mozilla/5.0 (X11; Linux x86_64) " + webkit + "HeadlessChrome/140.0.0.0 Safari/537.36":                                                       "Chrome on Linux",
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) something new":                                                                                    "Browser on Windows",
		"curl/8.5.0": "Unknown device", "": "Unknown device", "<script>alert(1)</script>": "Unknown device", "Firefox/143.0": "Firefox",
	} {
		if got := Device(agent); got != want {
			t.Errorf("%q: %q, want %q", agent, got, want)
		}
	}
}

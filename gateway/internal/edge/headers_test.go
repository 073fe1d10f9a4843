package edge

import (
	"net/http"
	"net/netip"
	"testing"
)

func TestClientAddress(t *testing.T) {
	proxies := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}
	for name, tc := range map[string]struct {
		remote    string
		forwarded []string
		want      string
	}{
		"direct":                        {"198.51.100.7:5000", nil, "198.51.100.7"},
		"direct and lying":              {"198.51.100.7:5000", []string{"203.0.113.1"}, "198.51.100.7"},
		"through a proxy":               {"10.1.2.3:5000", []string{"203.0.113.1"}, "203.0.113.1"},
		"through two":                   {"10.1.2.3:5000", []string{"203.0.113.1, 10.9.9.9"}, "203.0.113.1"},
		"through two, two headers":      {"10.1.2.3:5000", []string{"203.0.113.1", "10.9.9.9"}, "203.0.113.1"},
		"lying through a proxy":         {"10.1.2.3:5000", []string{"192.0.2.1, 203.0.113.1"}, "203.0.113.1"},
		"nonsense through a proxy":      {"10.1.2.3:5000", []string{"somebody"}, "10.1.2.3"},
		"proxy alone":                   {"10.1.2.3:5000", nil, "10.1.2.3"},
		"all trusted":                   {"10.1.2.3:5000", []string{"10.4.4.4"}, "10.4.4.4"},
		"with a port":                   {"10.1.2.3:5000", []string{"203.0.113.1:99"}, "203.0.113.1"},
		"IPv6 counts by its network":    {"[2001:db8:1:2:3:4:5:6]:5000", nil, "2001:db8:1:2::"},
		"IPv4 in IPv6":                  {"[::ffff:198.51.100.7]:5000", nil, "198.51.100.7"},
		"IPv6 proxy":                    {"[fd00::1]:5000", []string{"2001:db8:9::1"}, "2001:db8:9::"},
		"an address nobody understands": {"pipe", nil, "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			r := &http.Request{RemoteAddr: tc.remote, Header: http.Header{}}
			if tc.forwarded != nil {
				r.Header["X-Forwarded-For"] = tc.forwarded
			}
			if got := ClientAddress(r, proxies); got != tc.want {
				t.Fatalf("got %s, want %s", got, tc.want)
			}
		})
	}
}

func TestForeignTrace(t *testing.T) {
	for header, want := range map[string]string{
		"": "",
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00",
		"00-00000000000000000000000000000000-b7ad6b7169203331-01": "",
		"nonsense": "",
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\nx: y": "",
	} {
		r := &http.Request{Header: http.Header{"Traceparent": {header}}}
		if got := foreignTrace(r); got != want {
			t.Errorf("%q: got %q", header, got)
		}
	}
}

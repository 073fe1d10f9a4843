package edge

import (
	"log/slog"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Signals leads /rtc of this origin to a LiveKit server, so that a page needs one origin and one policy. Only what joins a room
// passes; the server's API has other paths.
func Signals(target *url.URL, transport http.RoundTripper) http.Handler {
	proxy := &httputil.ReverseProxy{
		Transport: transport,
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			// What the browser keeps for this origin is not LiveKit's to see.
			r.Out.Header.Del("Cookie")
		},
		ModifyResponse: func(r *http.Response) error {
			// LiveKit permits every origin.
			for h := range r.Header {
				if strings.HasPrefix(h, "Access-Control-") {
					r.Header.Del(h)
				}
			}
			return nil
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, _ error) {
			write(w, r, status.New(codes.Unavailable, "There is no video at the moment."))
		},
		// Its messages name addresses, and tokens in them.
		ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug),
	}
	mux := http.NewServeMux()
	for _, path := range []string{"/rtc", "/rtc/validate", "/rtc/v1", "/rtc/v1/validate"} {
		mux.Handle("GET "+path, proxy)
	}
	return mux
}

package livekit

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // what TURN servers compute, too
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/fusionems/quantum/services/carefusion/internal/room"
)

// turnLife is how long a TURN credential is good: a visit with its delays.
const turnLife = 4 * time.Hour

// ICE is which STUN and TURN servers clients use. The zero value is none.
type ICE struct {
	stun, turn []string
	secret     string
}

// NewICE takes addresses (stun:, turn:, turns:) and the secret that TURN servers share with this service.
func NewICE(addresses []string, secret string) (ICE, error) {
	i := ICE{secret: secret}
	for _, a := range addresses {
		scheme, host, _ := strings.Cut(a, ":")
		switch {
		case host == "" || strings.ContainsAny(a, " @/"):
			return ICE{}, fmt.Errorf("livekit: %q is not stun:, stuns:, turn: or turns: with host:port", a)
		case scheme == "stun" || scheme == "stuns":
			i.stun = append(i.stun, a)
		case scheme == "turn" || scheme == "turns":
			i.turn = append(i.turn, a)
		default:
			return ICE{}, fmt.Errorf("livekit: %q is not stun:, stuns:, turn: or turns: with host:port", a)
		}
	}
	if len(i.turn) > 0 && secret == "" {
		return ICE{}, errors.New("livekit: TURN servers need the secret that they share with this service")
	}
	return i, nil
}

// For is what one join is told. The TURN password ends by itself: it is an HMAC of the time and the join.
func (i ICE) For(identity string, now time.Time) []room.ICEServer {
	var out []room.ICEServer
	if len(i.stun) > 0 {
		out = append(out, room.ICEServer{URLs: i.stun})
	}
	if len(i.turn) > 0 {
		name := fmt.Sprintf("%d:%s", now.Add(turnLife).Unix(), identity)
		mac := hmac.New(sha1.New, []byte(i.secret))
		mac.Write([]byte(name))
		out = append(out, room.ICEServer{URLs: i.turn, Username: name, Credential: base64.StdEncoding.EncodeToString(mac.Sum(nil))})
	}
	return out
}

package livekit

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/livekit/protocol/auth"

	"github.com/fusionems/quantum/services/carefusion/internal/room"
)

// Token lets one person into one room, to watch. It is no right to send: a token can be used again by whoever has it.
func (s *Server) Token(_ context.Context, g room.Grant) (room.Credential, error) {
	if g.Room == "" || g.Identity == "" || g.TTL <= 0 {
		return room.Credential{}, errors.New("livekit: a token needs a room, an identity and a lifetime")
	}
	token, err := s.join(g.Room, g.Identity, g.TTL)
	if err != nil {
		return room.Credential{}, err
	}
	return room.Credential{Token: token, URL: s.o.URL, ICE: s.o.ICE.For(g.Identity, s.o.Clock())}, nil
}

func (s *Server) join(name, identity string, ttl time.Duration) (string, error) {
	grant := &auth.VideoGrant{RoomJoin: true, Room: name}
	// What is not said is permitted: a grant without these would let the holder send and name themselves.
	grant.SetCanPublish(false)
	grant.SetCanPublishData(false)
	grant.SetCanSubscribe(true)
	grant.SetCanUpdateOwnMetadata(false)
	token, err := auth.NewAccessToken(s.o.Key, s.o.Secret).SetIdentity(identity).SetVideoGrant(grant).SetValidFor(ttl).ToJWT()
	if err != nil {
		return "", fmt.Errorf("livekit: %w", err)
	}
	return token, nil
}

// ErrAutoCreate is what Open answers for a server whose tokens make rooms: a room that was closed would come back.
var ErrAutoCreate = errors.New("livekit: tokens make rooms there; set room.auto_create to false in its configuration")

// trust tries a token on a room that nobody opened, once.
func (s *Server) trust(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.trusted {
		return nil
	}
	if err := s.Check(ctx); err != nil {
		return err
	}
	s.trusted = true
	return nil
}

// Check reports whether the server believes our key and refuses rooms that nobody opened.
func (s *Server) Check(ctx context.Context) error {
	token, err := s.join(room.NewName(), room.NewIdentity(), adminLife)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(s.o.APIURL, "/")+"/rtc/validate?"+url.Values{"access_token": {token}}.Encode(), nil)
	if err != nil {
		return errors.New("livekit: the API's address is not valid")
	}
	res, err := s.o.Client.Do(req)
	if err != nil {
		// The error would quote the address with the token.
		return errors.New("livekit: no answer")
	}
	_ = res.Body.Close()
	switch res.StatusCode {
	case http.StatusNotFound:
		return nil
	case http.StatusOK:
		return ErrAutoCreate
	}
	return fmt.Errorf("livekit: a token was answered with status %d; is the key the server's?", res.StatusCode)
}

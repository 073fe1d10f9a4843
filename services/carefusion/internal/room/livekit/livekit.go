package livekit

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"
	"github.com/twitchtv/twirp"

	"github.com/fusionems/quantum/services/carefusion/internal/room"
)

// Options names a server.
type Options struct {
	// APIURL is where the service asks (http or https), URL is what clients are given (ws or wss).
	APIURL, URL string
	Key, Secret string
	ICE         ICE
	// Client speaks to APIURL.
	Client *http.Client
	Clock  func() time.Time
}

// Server implements room.Room.
type Server struct {
	o      Options
	rooms  livekit.RoomService
	events chan room.Event
	seen   *seen

	mu      sync.Mutex
	trusted bool
}

const (
	// callTime bounds one call: callers hold the lock of a session meanwhile.
	callTime = 3 * time.Second
	// adminLife is how long a token of the service's own is good, which is made for one call.
	adminLife = 30 * time.Second
	// day is how long an empty room stays: it must not end by itself and be opened again while a consent epoch lasts.
	day = 24 * 60 * 60
	// most are in a visit, with joins that have not been noticed to be over.
	most = 8
)

// New checks the options; it does not call the server.
func New(o Options) (*Server, error) {
	api, err := url.Parse(o.APIURL)
	if err != nil || (api.Scheme != "http" && api.Scheme != "https") || api.Host == "" {
		return nil, errors.New("livekit: the API's address must be http or https")
	}
	client, err := url.Parse(o.URL)
	if err != nil || (client.Scheme != "ws" && client.Scheme != "wss") || client.Host == "" {
		return nil, errors.New("livekit: the clients' address must be ws or wss")
	}
	if o.Key == "" || len(o.Secret) < 32 {
		return nil, errors.New("livekit: a key, and a secret of at least 32 characters, are needed")
	}
	return &Server{o: o, rooms: livekit.NewRoomServiceProtobufClient(strings.TrimSuffix(o.APIURL, "/"), o.Client),
		events: make(chan room.Event, 256), seen: newSeen(o.Clock)}, nil
}

// ParseKey reads "key: secret", as LiveKit's own key file has it.
func ParseKey(text string) (key, secret string, err error) {
	key, secret, ok := strings.Cut(strings.TrimSpace(text), ":")
	key, secret = strings.TrimSpace(key), strings.TrimSpace(secret)
	if !ok || key == "" || secret == "" || strings.ContainsAny(secret, "\n:") {
		return "", "", errors.New("livekit: the key file must hold one line, key: secret")
	}
	return key, secret, nil
}

// as is a context that carries a token with one right, and bounds the call.
func (s *Server) as(ctx context.Context, grant *auth.VideoGrant) (context.Context, context.CancelFunc, error) {
	token, err := auth.NewAccessToken(s.o.Key, s.o.Secret).SetIdentity("carefusion").SetVideoGrant(grant).SetValidFor(adminLife).ToJWT()
	if err != nil {
		return nil, nil, fmt.Errorf("livekit: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, callTime)
	ctx, err = twirp.WithHTTPRequestHeaders(ctx, http.Header{"Authorization": {"Bearer " + token}})
	if err != nil {
		cancel()
		return nil, nil, fmt.Errorf("livekit: %w", err)
	}
	return ctx, cancel, nil
}

func gone(err error) bool {
	var t twirp.Error
	return errors.As(err, &t) && t.Code() == twirp.NotFound
}

// wrap keeps what the server answers out of errors but for its code: messages of others may quote anything.
func wrap(doing string, err error) error {
	var t twirp.Error
	if errors.As(err, &t) {
		return fmt.Errorf("livekit: %s: %s", doing, t.Code())
	}
	if err != nil {
		return fmt.Errorf("livekit: %s: no answer", doing)
	}
	return nil
}

// Open makes the room. A server that would let tokens make rooms gets none.
func (s *Server) Open(ctx context.Context, name string) error {
	if err := s.trust(ctx); err != nil {
		return err
	}
	ctx, cancel, err := s.as(ctx, &auth.VideoGrant{RoomCreate: true})
	if err != nil {
		return err
	}
	defer cancel()
	_, err = s.rooms.CreateRoom(ctx, &livekit.CreateRoomRequest{Name: name, EmptyTimeout: day, DepartureTimeout: day, MaxParticipants: most})
	return wrap("create room", err)
}

// SetConsent drops tracks and refuses new ones, or permits camera and microphone.
func (s *Server) SetConsent(ctx context.Context, name, identity string, publish bool) error {
	ctx, cancel, err := s.as(ctx, &auth.VideoGrant{RoomAdmin: true, Room: name})
	if err != nil {
		return err
	}
	defer cancel()
	_, err = s.rooms.UpdateParticipant(ctx, &livekit.UpdateParticipantRequest{Room: name, Identity: identity,
		// The permission is replaced as a whole: what is not named here is taken away.
		Permission: &livekit.ParticipantPermission{CanSubscribe: true, CanPublish: publish, CanPublishSources: sources()}})
	if gone(err) {
		return room.ErrClosed
	}
	return wrap("set permission", err)
}

func sources() []livekit.TrackSource {
	return []livekit.TrackSource{livekit.TrackSource_CAMERA, livekit.TrackSource_MICROPHONE}
}

// Remove disconnects. The same token would let the participant in again, to watch, until it ends or the room does.
func (s *Server) Remove(ctx context.Context, name, identity string) error {
	ctx, cancel, err := s.as(ctx, &auth.VideoGrant{RoomAdmin: true, Room: name})
	if err != nil {
		return err
	}
	defer cancel()
	_, err = s.rooms.RemoveParticipant(ctx, &livekit.RoomParticipantIdentity{Room: name, Identity: identity})
	if gone(err) {
		return nil
	}
	return wrap("remove participant", err)
}

// Close deletes the room. No token makes it again, and nobody opens a room of that name again.
func (s *Server) Close(ctx context.Context, name string) error {
	ctx, cancel, err := s.as(ctx, &auth.VideoGrant{RoomCreate: true})
	if err != nil {
		return err
	}
	defer cancel()
	_, err = s.rooms.DeleteRoom(ctx, &livekit.DeleteRoomRequest{Room: name})
	if gone(err) {
		return nil
	}
	return wrap("delete room", err)
}

// Participants are who is in the room.
func (s *Server) Participants(ctx context.Context, name string) ([]room.Participant, error) {
	ctx, cancel, err := s.as(ctx, &auth.VideoGrant{RoomAdmin: true, Room: name})
	if err != nil {
		return nil, err
	}
	defer cancel()
	res, err := s.rooms.ListParticipants(ctx, &livekit.ListParticipantsRequest{Room: name})
	if gone(err) {
		return nil, room.ErrClosed
	}
	if err != nil {
		return nil, wrap("list participants", err)
	}
	out := make([]room.Participant, 0, len(res.GetParticipants()))
	for _, p := range res.GetParticipants() {
		if p.GetState() == livekit.ParticipantInfo_DISCONNECTED {
			continue
		}
		out = append(out, room.Participant{Identity: p.GetIdentity(), Publish: p.GetPermission().GetCanPublish()})
	}
	return out, nil
}

// Rooms are those of the named rooms that are there. No names are no rooms: to the server they would mean all.
func (s *Server) Rooms(ctx context.Context, names []string) ([]string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	ctx, cancel, err := s.as(ctx, &auth.VideoGrant{RoomList: true})
	if err != nil {
		return nil, err
	}
	defer cancel()
	res, err := s.rooms.ListRooms(ctx, &livekit.ListRoomsRequest{Names: names})
	if err != nil {
		return nil, wrap("list rooms", err)
	}
	out := make([]string, 0, len(res.GetRooms()))
	for _, r := range res.GetRooms() {
		out = append(out, r.GetName())
	}
	return out, nil
}

package embedded_test

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	lk "github.com/livekit/protocol/livekit"

	"github.com/fusionems/quantum/services/carefusion/internal/room"
)

func TestItListensOnThisMachineOnly(t *testing.T) {
	open(t)
	inodes := map[string]bool{}
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		if to, err := os.Readlink("/proc/self/fd/" + fd.Name()); err == nil {
			inodes[strings.Trim(strings.TrimPrefix(to, "socket:"), "[]")] = true
		}
	}
	mine := 0
	for _, table := range []string{"tcp", "udp", "tcp6", "udp6"} {
		text, err := os.ReadFile("/proc/self/net/" + table)
		if err != nil {
			continue
		}
		for _, line := range strings.Split(string(text), "\n")[1:] {
			f := strings.Fields(line)
			if len(f) < 10 || !inodes[f[9]] {
				continue
			}
			mine++
			if !strings.HasPrefix(f[1], "0100007F:") {
				t.Errorf("%s %s is not on the loopback address", table, f[1])
			}
		}
	}
	if mine < 3 {
		t.Errorf("%d sockets of this process were found, want its ports for signals, media and webhooks", mine)
	}
}

func TestATokenIsForOneRoomAndMakesNone(t *testing.T) {
	t.Parallel()
	v := open(t)
	a, b := v.mustOpen(t), v.mustOpen(t)
	g := v.mustEnter(t, a)
	if in := v.inside(t, a); !slices.Equal(in, []string{g.identity}) {
		t.Errorf("in the room: %v", in)
	}
	if in := v.inside(t, b); len(in) != 0 {
		t.Errorf("in the other room: %v", in)
	}
	g.mu.Lock()
	ice := g.ice
	g.mu.Unlock()
	if len(ice) == 0 {
		t.Error("the server names no STUN server, so it would name third parties'")
	}
	for _, url := range ice {
		if !strings.HasPrefix(url, "stun:127.0.0.1:") {
			t.Errorf("clients are told to ask %s", url)
		}
	}
	never := room.NewName()
	token, identity := v.token(t, never)
	if _, err := v.enter(t, token, identity); err == nil {
		t.Error("a token came into a room that nobody opened")
	}
	if there, err := v.room.Rooms(t.Context(), []string{never, a}); err != nil || !slices.Equal(there, []string{a}) {
		t.Errorf("rooms: %v %v, want only the one that was opened", there, err)
	}
	if there, err := v.room.Rooms(t.Context(), nil); err != nil || len(there) != 0 {
		t.Errorf("no names: %v %v", there, err)
	}
}

func publish(g *guest, n int) error {
	_, err := g.AddStaticTrack("audio/opus", fmt.Sprint("mic", n), "mic")
	return err
}

func TestOnlyConsentLetsSend(t *testing.T) {
	t.Parallel()
	v := open(t)
	name := v.mustOpen(t)
	patient, doctor := v.mustEnter(t, name), v.mustEnter(t, name)
	set := func(publish bool) {
		t.Helper()
		if err := v.room.SetConsent(t.Context(), name, patient.identity, publish); err != nil {
			t.Fatal(err)
		}
	}
	if err := publish(patient, 0); err == nil {
		t.Fatal("published without consent")
	}
	set(true)
	if err := publish(patient, 1); err != nil {
		t.Fatal(err)
	}
	heard := doctor.BytesReceived()
	eventually(t, "the doctor hears the patient", func() bool { return doctor.BytesReceived() > heard+200 })

	set(false)
	eventually(t, "the track is gone", func() bool { return len(tracksOf(doctor, patient)) == 0 })
	// The server ends a track with some frames of silence of its own.
	eventually(t, "a second without a byte", func() bool {
		before := doctor.BytesReceived()
		time.Sleep(time.Second)
		return doctor.BytesReceived() == before
	})
	if err := publish(patient, 2); err == nil {
		t.Error("published again after consent was withdrawn")
	}
	found, err := v.room.Participants(t.Context(), name)
	if err != nil || slices.ContainsFunc(found, func(p room.Participant) bool { return p.Publish }) {
		t.Errorf("who may send: %v %v", found, err)
	}
}

func tracksOf(seer, seen *guest) []*lk.TrackInfo {
	for _, p := range seer.RemoteParticipants() {
		if p.GetIdentity() == seen.identity {
			return p.GetTracks()
		}
	}
	return nil
}

func TestOtherSourcesAreRefused(t *testing.T) {
	t.Parallel()
	v := open(t)
	name := v.mustOpen(t)
	g := v.mustEnter(t, name)
	if err := v.room.SetConsent(t.Context(), name, g.identity, true); err != nil {
		t.Fatal(err)
	}
	if err := g.SendRequest(&lk.SignalRequest{Message: &lk.SignalRequest_AddTrack{AddTrack: &lk.AddTrackRequest{Cid: "screen", Type: lk.TrackType_VIDEO, Source: lk.TrackSource_SCREEN_SHARE}}}); err != nil {
		t.Fatal(err)
	}
	if err := publish(g, 0); err != nil {
		t.Fatal(err)
	}
	watcher := v.mustEnter(t, name)
	eventually(t, "the microphone is there", func() bool { return len(tracksOf(watcher, g)) > 0 })
	for _, track := range tracksOf(watcher, g) {
		if track.GetSource() != lk.TrackSource_MICROPHONE {
			t.Errorf("published: %s", track.GetSource())
		}
	}
}

func TestAClosedRoomRefusesEveryToken(t *testing.T) {
	t.Parallel()
	v := open(t)
	name := v.mustOpen(t)
	token, identity := v.token(t, name)
	spare, other := v.token(t, name)
	g, err := v.enter(t, token, identity)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.room.SetConsent(t.Context(), name, identity, true); err != nil {
		t.Fatal(err)
	}
	if err := v.room.Remove(t.Context(), name, identity); err != nil {
		t.Fatal(err)
	}
	eventually(t, "who was removed is out", func() bool { return len(v.inside(t, name)) == 0 })
	<-g.over
	// A token can be used again; what it cannot is send.
	again, err := v.enter(t, token, identity)
	if err != nil {
		t.Fatal(err)
	}
	if err := publish(again, 0); err == nil {
		t.Error("a token that was used before lets send")
	}
	refreshed := again.RefreshToken()
	if err := v.room.Close(t.Context(), name); err != nil {
		t.Fatal(err)
	}
	<-again.over
	for what, c := range map[string][2]string{"the same token": {token, identity}, "one that was not used": {spare, other}, "the server's own refreshed one": {refreshed, identity}} {
		if c[0] == "" {
			t.Errorf("%s was not seen", what)
		}
		if _, err := v.enter(t, c[0], c[1]); err == nil {
			t.Errorf("%s came into the closed room", what)
		}
	}
	if there, err := v.room.Rooms(t.Context(), []string{name}); err != nil || len(there) != 0 {
		t.Errorf("the closed room is there: %v %v", there, err)
	}
	if err := v.room.SetConsent(t.Context(), name, identity, true); !errors.Is(err, room.ErrClosed) {
		t.Errorf("consent in a closed room: %v", err)
	}
	if _, err := v.room.Participants(t.Context(), name); err != nil && !errors.Is(err, room.ErrClosed) {
		t.Errorf("participants of a closed room: %v", err)
	}
	if err := errors.Join(v.room.Close(t.Context(), name), v.room.Remove(t.Context(), name, identity)); err != nil {
		t.Errorf("closing again: %v", err)
	}
}

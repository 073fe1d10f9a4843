package local

import (
	"context"
	"crypto/rand"
	"strconv"

	"github.com/fusionems/quantum/services/carefusion/internal/room/embedded"
	"github.com/fusionems/quantum/services/carefusion/internal/room/livekit"
)

// videoKey is what the service and the video server know each other by.
func (l Layout) videoKey() (string, error) {
	return l.once("video.key", func() (string, error) { return "API" + rand.Text() + ": " + rand.Text() + rand.Text() + "\n", nil })
}

// Video runs the video server of an installation until the context is over: in a process of its own, so that a call outlives
// the service, as it does in a cluster.
func Video(ctx context.Context, l Layout) error {
	s, err := l.State()
	if err != nil {
		return err
	}
	line, err := l.videoKey()
	if err != nil {
		return err
	}
	key, secret, err := livekit.ParseKey(line)
	if err != nil {
		return err
	}
	embedded.LogErrors()
	server, err := embedded.Start(ctx, embedded.Options{Port: s.Video, UDPPort: s.Media, HookURL: "http://127.0.0.1:" + strconv.Itoa(s.Hook) + "/", Key: key, Secret: secret})
	if err != nil {
		return err
	}
	<-ctx.Done()
	server.Stop()
	return nil
}

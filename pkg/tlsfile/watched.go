package tlsfile

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

// recheck is how often files are looked at: a renewed certificate is in use this soon.
const recheck = 5 * time.Second

// watched is what some files hold, read again when one of them changed.
type watched[T any] struct {
	files   []string
	load    func() (T, error)
	recheck time.Duration

	mu    sync.Mutex
	value T
	read  bool
	stamp string
	asked time.Time
}

func (w *watched[T]) get() (T, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.read && time.Since(w.asked) < w.recheck {
		return w.value, nil
	}
	w.asked = time.Now()
	stamp, err := w.stampOf()
	if w.read && err == nil && stamp == w.stamp {
		return w.value, nil
	}
	value, err := w.load()
	switch {
	case err == nil:
		w.value, w.stamp, w.read = value, stamp, true
		return value, nil
	case w.read:
		// Half-written files of a renewal: keep what works until the next look.
		return w.value, nil
	default:
		return value, fmt.Errorf("tlsfile: %w", err)
	}
}

func (w *watched[T]) stampOf() (string, error) {
	var b strings.Builder
	for _, f := range w.files {
		st, err := os.Stat(f)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%d/%d ", st.ModTime().UnixNano(), st.Size())
	}
	return b.String(), nil
}

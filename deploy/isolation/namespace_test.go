//go:build isolation

package isolation

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// place is where a side runs: a network namespace with a loopback of its own and one cable to the other's, or this machine.
type place struct {
	name, link, address string
}

// places makes the two namespaces and the cable. Where the machine does not allow it, both sides run on the machine, and it says so.
func places(t *testing.T) (fleet, care place, counted bool) {
	t.Helper()
	tag := fmt.Sprint(os.Getpid())
	fleet = place{"fleet-" + tag, "vf" + tag, "192.0.2.1"}
	care = place{"care-" + tag, "vc" + tag, "192.0.2.2"}
	if err := cable(t, fleet, care); err != nil {
		fmt.Printf("Packets are not counted: this machine allows no network namespaces (%v). The rest is tested.\n", err)
		return place{}, place{}, false
	}
	return fleet, care, true
}

func cable(t *testing.T, a, b place) error {
	t.Helper()
	t.Cleanup(func() {
		for _, p := range []place{a, b} {
			_ = exec.CommandContext(context.Background(), "ip", "netns", "del", p.name).Run()
		}
	})
	for _, line := range []string{
		"netns add " + a.name,
		"netns add " + b.name,
		"-n " + a.name + " link add " + a.link + " type veth peer name " + b.link + " netns " + b.name,
	} {
		if err := ip(strings.Fields(line)...); err != nil {
			return err
		}
	}
	for _, ends := range [][2]place{{a, b}, {b, a}} {
		p, other := ends[0], ends[1]
		// IPv6 would greet its neighbours by itself.
		cmd := p.command(context.Background(), "sh", "-c", "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6; echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, out)
		}
		for _, line := range []string{
			"-n " + p.name + " link set lo up",
			"-n " + p.name + " address add " + p.address + "/30 dev " + p.link,
			"-n " + p.name + " link set " + p.link + " up",
			// Whatever is not on loopback takes the cable: a question to a name server or a stranger is counted too.
			"-n " + p.name + " route add default via " + other.address + " onlink dev " + p.link,
		} {
			if err := ip(strings.Fields(line)...); err != nil {
				return err
			}
		}
	}
	return nil
}

func ip(args ...string) error {
	out, err := exec.CommandContext(context.Background(), "ip", args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ip %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}

// command runs something in the place.
func (p place) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	if p.name == "" {
		return exec.CommandContext(ctx, name, args...)
	}
	return exec.CommandContext(ctx, "ip", append([]string{"netns", "exec", p.name, name}, args...)...)
}

// packets counts what went through this end of the cable, in and out, refused or not.
func (p place) packets(t *testing.T) int64 {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "ip", "-n", p.name, "-s", "-j", "link", "show", "dev", p.link).Output()
	if err != nil {
		t.Fatal(err)
	}
	type direction struct{ Packets, Dropped, Errors int64 }
	var links []struct {
		Stats64 struct{ RX, TX direction }
	}
	if err := json.Unmarshal(out, &links); err != nil || len(links) != 1 {
		t.Fatalf("%v: %s", err, out)
	}
	s := links[0].Stats64
	return s.RX.Packets + s.TX.Packets + s.RX.Dropped + s.TX.Dropped + s.RX.Errors + s.TX.Errors
}

// control sends a few packets across on purpose: a counter that stands still then shows nothing.
func control(t *testing.T, from, to place) {
	t.Helper()
	before := to.packets(t)
	const sent = 5
	script := fmt.Sprintf("for i in $(seq %d); do echo x > /dev/udp/%s/9; sleep 0.05; done", sent, to.address)
	// An answer that the port is closed ends the script early; what counts is the counter.
	out, err := from.command(t.Context(), "bash", "-c", script).CombinedOutput()
	deadline := time.Now().Add(time.Minute)
	for to.packets(t)-before < sent && time.Now().Before(deadline) {
		time.Sleep(50 * time.Millisecond)
	}
	if got := to.packets(t) - before; got < sent {
		t.Fatalf("%d packets of %d were counted on purpose: %v %s", got, sent, err, out)
	} else {
		// The kernel asks after a while whether a neighbour it spoke with is still there.
		for _, p := range []place{from, to} {
			if err := ip("-n", p.name, "neigh", "flush", "dev", p.link); err != nil {
				t.Fatal(err)
			}
		}
		t.Logf("positive control: %d packets sent to %s, %d counted with their answers", sent, to.name, got)
	}
}

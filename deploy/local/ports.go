package local

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
)

// Ports come from below the kernel's range for outgoing connections (32768 and up on Linux): from inside it, some connection
// could be sitting on a killed process's port at the moment it comes back.
const firstPort, lastPort = 20000, 31999

// FreePorts gives each name a loopback port that nobody has, for what stands beside a fleet.
func FreePorts(names ...string) (map[string]int, error) { return assignPorts(names, nil) }

// assignPorts gives each name a free loopback port, the one it had before where that is still free.
func assignPorts(names []string, before map[string]int) (map[string]int, error) {
	ports := map[string]int{}
	// All stay taken until the last one is found, or two names could get the same.
	var held []net.Listener
	defer func() {
		for _, l := range held {
			l.Close()
		}
	}()
	take := func(port int) bool {
		l, err := net.Listen("tcp", loopback(port))
		if err != nil {
			return false
		}
		held = append(held, l)
		return true
	}
	for _, name := range names {
		port := before[name]
		found := port != 0 && take(port)
		for tries := 0; !found; tries++ {
			if tries == 1000 {
				return nil, errors.New("no free loopback port found")
			}
			port = firstPort + rand.IntN(lastPort-firstPort+1)
			found = take(port)
		}
		ports[name] = port
	}
	return ports, nil
}

func loopback(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

package local

import (
	"maps"
	"net"
	"slices"
	"testing"
)

func TestPortsAreKeptWhileFreeAndNeverShared(t *testing.T) {
	names := []string{"a", "b", "c"}
	first, err := assignPorts(names, nil)
	if err != nil {
		t.Fatal(err)
	}
	ports := slices.Sorted(maps.Values(first))
	if len(slices.Compact(ports)) != len(names) {
		t.Fatalf("ports = %v, want one each", first)
	}
	for name, port := range first {
		if port < firstPort || port > lastPort {
			t.Errorf("%s = %d, want between %d and %d", name, port, firstPort, lastPort)
		}
	}
	taken, err := net.Listen("tcp", loopback(first["b"]))
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	second, err := assignPorts(names, first)
	if err != nil {
		t.Fatal(err)
	}
	if second["a"] != first["a"] || second["c"] != first["c"] || second["b"] == first["b"] {
		t.Errorf("ports = %v after %v with b taken; want only b to move", second, first)
	}
}

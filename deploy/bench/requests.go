package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"
)

// concurrency is the number of connections, each with one request under way: CPU per request depends on it.
const concurrency = 32

// request asks for a path over and over for some time and answers the latencies in microseconds, in ascending order.
func request(ctx context.Context, addr, path, token string, d time.Duration) ([]float64, error) {
	raw := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: %s\r\nAuthorization: Bearer %s\r\n\r\n", path, addr, token)
	ctx, cancel := context.WithTimeout(ctx, d+10*time.Second)
	defer cancel()
	var (
		group     sync.WaitGroup
		mu        sync.Mutex
		latencies []float64
		problems  []error
	)
	until := time.Now().Add(d)
	for range concurrency {
		group.Go(func() {
			mine, err := connection(ctx, addr, []byte(raw), until)
			mu.Lock()
			defer mu.Unlock()
			latencies, problems = append(latencies, mine...), append(problems, err)
		})
	}
	group.Wait()
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	slices.Sort(latencies)
	return latencies, nil
}

func connection(ctx context.Context, addr string, raw []byte, until time.Time) ([]float64, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	in := bufio.NewReader(conn)
	var latencies []float64
	for time.Now().Before(until) {
		start := time.Now()
		if _, err := conn.Write(raw); err != nil {
			return nil, err
		}
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			return nil, err
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			return nil, err
		}
		if resp.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s instead of 200", resp.Status)
		}
		latencies = append(latencies, float64(time.Since(start).Nanoseconds())/1000)
	}
	return latencies, nil
}

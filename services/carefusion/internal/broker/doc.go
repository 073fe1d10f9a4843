// Package broker is CareFusion's own NATS: a stream of events that name what changed and carry nothing of it.
package broker

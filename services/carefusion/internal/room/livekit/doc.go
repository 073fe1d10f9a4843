// Package livekit is a room.Room on a LiveKit server that somebody else runs.
//
// What it needs of the server: room.auto_create off, so that a token cannot make a room (it looks, and opens none otherwise), a
// webhook to this service (without one it asks), and no more than that. Muting is not used: a client can unmute itself.
package livekit

// Package room is what the service needs of a video server, and no more: who may come in, who may be seen, and that it ends.
//
// A video server is trusted with as little as it can be. Its tokens are good for minutes, one person and one room, and can be
// used again until they end; muting is undone by a client. So a room lives for one consent epoch: a withdrawal closes it, and
// the next call has another name that older tokens do not fit.
package room

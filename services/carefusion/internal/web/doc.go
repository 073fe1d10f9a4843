// Package web serves the page and keeps its sessions: tokens are in sealed cookies that no script can read.
package web

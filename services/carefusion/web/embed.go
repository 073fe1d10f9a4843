package web

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Site is the built page; empty when the service was compiled before it was built.
func Site() fs.FS {
	site, err := fs.Sub(dist, "dist/site")
	if err != nil {
		return embed.FS{}
	}
	return site
}

// Package images builds the fleet's OCI images from Go binaries, without a container engine.
//
// An image is one static binary on an empty base, so there is no base image to patch and nothing beside the binary to attack.
// The same sources give the same digest: paths and build ids are left out of binaries, and every time in an image is that of the commit.
package images

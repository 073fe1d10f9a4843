// Package demo fills a fresh fleet with two invented agencies, a person for every role in each, and charts, through the public
// edge and as nobody special: what it can do, a founder and an agency administrator can.
package demo

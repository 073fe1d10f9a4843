// Package seal encrypts health information before it reaches the database, with a key of CareFusion's own.
package seal

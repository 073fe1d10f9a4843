// Package config reads the service's settings from variables that begin with CAREFUSION_; one that it does not know is an error.
package config

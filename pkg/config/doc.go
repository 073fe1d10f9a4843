// Package config loads a program's settings from FLEET_* environment variables: strict, documented, and with secrets that are refused when missing or weak.
package config

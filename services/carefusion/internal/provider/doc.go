// Package provider keeps clinicians: registered by themselves, approved by an administrator, licensed state by state.
package provider

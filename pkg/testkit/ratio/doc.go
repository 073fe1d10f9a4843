// Package ratio measures two or more ways of doing a thing in one run and compares them by ratio, because absolute figures of a shared machine mean nothing an hour later.
package ratio

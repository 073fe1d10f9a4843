// Package rewrap seals everything with the newest data key, so that an older one can be destroyed.
package rewrap

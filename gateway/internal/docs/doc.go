// Package docs serves the OpenAPI document and a page that people can read, without a script.
package docs

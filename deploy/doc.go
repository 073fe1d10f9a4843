// Package deploy holds the tests over the whole repository: who may import whom, and whether the documents are true.
package deploy

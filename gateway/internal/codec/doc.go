// Package codec turns request bodies into messages and messages into answers: strict JSON, and XML documents as they are.
package codec

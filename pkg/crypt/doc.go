// Package crypt encrypts records with a key per agency, and wraps these keys with a key-encryption key.
//
// A data-encryption key (DEK) is a Tink AES-256-GCM keyset made for one agency. It exists unwrapped in memory only; a
// service stores it wrapped by the key-encryption key (KEK), in a row of the agency. The KEK is any Tink
// AEADWithContext: a key file here (ParseKEK), a KMS or Vault transit client where there is one.
//
// What is sealed is bound to its place: agency and record name are the associated data, so a ciphertext that was copied
// to another row or another agency does not open, with whatever key. The wrapped key is bound to its agency likewise.
//
// # Rotation
//
// KEK: put a new key below the old one in the key file and restart the services, put it first and restart them again, have
// every stored key pass through Envelope.Rewrap, then drop the old line. Put first at once, it would wrap keys that
// replicas which were not restarted yet cannot open. Sealed records are not touched.
//
// DEK: store a further key of the agency under the next version number; new records are sealed with the newest, and each
// record keeps the version it was sealed with. Old versions stay as long as a record names them. Sealing old records
// again is a job of the service that owns them.
//
// A lost KEK makes every record unreadable: it must be kept apart from the database and its backups.
package crypt

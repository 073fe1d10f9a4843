// Package switchboard decides which modules of the product are on for an agency.
//
// The registry of modules, and which module needs which, is data: modules.json. A module is on until the founder
// switches it off, may be switched off only while nothing that needs it is on, and on only while what it needs is on.
package switchboard

// Package route knows the REST routes of the fleet, read from the google.api.http options of the linked services.
package route

// Package reminder tells patients of an appointment, once, and says nothing of why they have it or with whom.
package reminder

// Package pg starts a private PostgreSQL and gives tests a database of their own in it.
//
// One cluster serves a whole test process; each test gets a database cloned from a migrated template in some 30 ms.
// TEST_DATABASE_URL (a superuser's URL) points the tests at a server that runs already. The same starter, with durable
// settings and a data directory that stays, is what the launcher of the local mode uses.
package pg

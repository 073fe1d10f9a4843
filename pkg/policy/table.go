package policy

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/fusionems/quantum/pkg/db"
)

// DDL is what the service's own migration must hold: the copies, written by <schema>_system only. A version never
// changes; only the time of its activation moves forward, when an older version is put in force again.
func DDL(schema string) string {
	return fmt.Sprintf(`CREATE TABLE %[1]s.policy_version (
    key           text        NOT NULL,
    version       integer     NOT NULL CHECK (version > 0),
    sha256        text        NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    document      text        NOT NULL,
    activate_time timestamptz NOT NULL,
    receive_time  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (key, version)
);
CREATE INDEX policy_version_in_force ON %[1]s.policy_version (key, activate_time DESC, version DESC);
GRANT SELECT, INSERT, UPDATE (activate_time) ON %[1]s.policy_version TO %[1]s_system;
`, schema)
}

type table struct{ name string }

func tableOf(schema string) table {
	return table{name: pgx.Identifier{schema, "policy_version"}.Sanitize()}
}

// put stores a copy. The same version with another hash is refused: the evidence service does not do that.
func (t table) put(ctx context.Context, tx *db.Tx, c Copy) error {
	tag, err := tx.Exec(ctx, `INSERT INTO `+t.name+` AS p (key, version, sha256, document, activate_time)
VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (key, version) DO UPDATE SET activate_time = greatest(p.activate_time, excluded.activate_time)
WHERE p.sha256 = excluded.sha256`, c.Key, c.Version, c.SHA256, string(c.Document), c.ActivateTime)
	if err == nil && tag.RowsAffected() == 0 {
		err = fmt.Errorf("policy: %s version %d is known with another hash", c.Key, c.Version)
	}
	return err
}

// inForce reads the version in force. The document comes along only when its hash is not the known one.
func (t table) inForce(ctx context.Context, tx *db.Tx, key, knownSHA256 string) (Copy, bool, error) {
	c := Copy{Ref: Ref{Key: key}}
	var doc *string
	err := tx.QueryRow(ctx, `SELECT version, sha256, activate_time, CASE WHEN sha256 <> $2 THEN document END
FROM `+t.name+` WHERE key = $1 ORDER BY activate_time DESC, version DESC LIMIT 1`, key, knownSHA256).
		Scan(&c.Version, &c.SHA256, &c.ActivateTime, &doc)
	if errors.Is(err, pgx.ErrNoRows) {
		return Copy{}, false, nil
	}
	if doc != nil {
		c.Document = []byte(*doc)
	}
	return c, err == nil, err
}

// missing returns the keys that have no copy yet.
func (t table) missing(ctx context.Context, tx *db.Tx, keys []string) ([]string, error) {
	rows, err := tx.Query(ctx, `SELECT k FROM unnest($1::text[]) AS k
WHERE NOT EXISTS (SELECT FROM `+t.name+` p WHERE p.key = k) ORDER BY k`, keys)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}

const (
	firstWait = 200 * time.Millisecond
	maxWait   = 10 * time.Second
	// refresh is how often the copies are compared with the evidence service: an activation whose event is older than
	// what the broker keeps must not be missed for ever.
	refresh = 5 * time.Minute
)

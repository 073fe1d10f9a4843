-- The issuer's own schema, created by whoever prepares the database and owned by the issuer's login.
-- Nothing in it is needed to judge an access token: losing it logs people out and forgets lockouts, no more.

CREATE TABLE IF NOT EXISTS issuer.login_attempt (
    -- A hash, so that what strangers type into the user name field is not kept as text; it is there for unknown names too,
    -- because a lockout that only real users get would tell them apart.
    username_hash bytea       PRIMARY KEY,
    failures      integer     NOT NULL DEFAULT 0,
    failed_time   timestamptz NOT NULL,
    locked_until  timestamptz
);

CREATE TABLE IF NOT EXISTS issuer.used_code (
    subject uuid   NOT NULL,
    step    bigint NOT NULL,
    PRIMARY KEY (subject, step)
);

CREATE TABLE IF NOT EXISTS issuer.session (
    id           uuid        PRIMARY KEY,
    subject      uuid        NOT NULL,
    client_id    text        NOT NULL,
    scope        text        NOT NULL,
    auth_time    timestamptz NOT NULL,
    expires_time timestamptz NOT NULL
);

CREATE TABLE IF NOT EXISTS issuer.refresh_token (
    hash         bytea       PRIMARY KEY,
    session_id   uuid        NOT NULL REFERENCES issuer.session ON DELETE CASCADE,
    expires_time timestamptz NOT NULL,
    used_time    timestamptz
);

CREATE INDEX IF NOT EXISTS refresh_token_session ON issuer.refresh_token (session_id);

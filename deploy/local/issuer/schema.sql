-- The issuer's own schema, created by whoever prepares the database and owned by the issuer's login.
-- Nothing in it is needed to judge an access token: losing it logs people out, forgets lockouts, and has those who enrolled an
-- authenticator by themselves enrol again.

-- Replicas that start at once would otherwise race in making the same table.
SELECT pg_advisory_xact_lock(7234501);

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

-- A browser that somebody signed in with. The client sessions that came of it end with it.
CREATE TABLE IF NOT EXISTS issuer.browser_session (
    id           uuid        PRIMARY KEY,
    cookie_hash  bytea       NOT NULL UNIQUE,
    subject      uuid        NOT NULL,
    auth_time    timestamptz NOT NULL,
    -- The last authorization it was used for; after a while without one the person is asked again.
    used_time    timestamptz NOT NULL,
    expires_time timestamptz NOT NULL
);

ALTER TABLE issuer.session ADD COLUMN IF NOT EXISTS browser_id uuid REFERENCES issuer.browser_session ON DELETE CASCADE;
CREATE INDEX IF NOT EXISTS session_browser ON issuer.session (browser_id);

-- A sign-in that is under way: what the client asked for, and how far the person has come.
CREATE TABLE IF NOT EXISTS issuer.login_flow (
    id           uuid        PRIMARY KEY,
    browser_hash bytea       NOT NULL,
    request      jsonb       NOT NULL,
    step         text        NOT NULL,
    subject      uuid,
    -- The sealed secret of the authenticator that is being enrolled.
    secret       bytea,
    expires_time timestamptz NOT NULL
);

-- A code stays for as long as the session that came of it: its second use has to be noticed.
CREATE TABLE IF NOT EXISTS issuer.authorization_code (
    hash         bytea       PRIMARY KEY,
    browser_id   uuid        NOT NULL REFERENCES issuer.browser_session ON DELETE CASCADE,
    session_id   uuid        REFERENCES issuer.session ON DELETE CASCADE,
    request      jsonb       NOT NULL,
    subject      uuid        NOT NULL,
    auth_time    timestamptz NOT NULL,
    expires_time timestamptz NOT NULL,
    used_time    timestamptz
);

CREATE INDEX IF NOT EXISTS authorization_code_browser ON issuer.authorization_code (browser_id);
CREATE INDEX IF NOT EXISTS authorization_code_session ON issuer.authorization_code (session_id);

-- Authenticators that people enrolled themselves, sealed with a key that is not in the database.
CREATE TABLE IF NOT EXISTS issuer.authenticator (
    subject        uuid        PRIMARY KEY,
    secret         bytea       NOT NULL,
    confirmed_time timestamptz NOT NULL
);

-- +goose Up

-- The service's copies of the governance policies it judges by, kept by pkg/policy. They belong to the platform, not to an
-- agency, and only the service itself reads them.
CREATE TABLE billing.policy_version (
    key           text        NOT NULL,
    version       integer     NOT NULL CHECK (version > 0),
    sha256        text        NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    document      text        NOT NULL,
    activate_time timestamptz NOT NULL,
    receive_time  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (key, version)
);
CREATE INDEX policy_version_in_force ON billing.policy_version (key, activate_time DESC, version DESC);
GRANT SELECT, INSERT, UPDATE (activate_time) ON billing.policy_version TO billing_system;

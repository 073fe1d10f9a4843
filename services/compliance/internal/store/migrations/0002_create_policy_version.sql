-- +goose Up

-- The service's copies of the governance policies it judges by, kept by pkg/policy. They belong to the platform, not to an
-- agency; whoever reads registrations reads the rule that dates their status.
CREATE TABLE compliance.policy_version (
    key           text        NOT NULL,
    version       integer     NOT NULL CHECK (version > 0),
    sha256        text        NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    document      text        NOT NULL,
    activate_time timestamptz NOT NULL,
    receive_time  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (key, version)
);
CREATE INDEX policy_version_in_force ON compliance.policy_version (key, activate_time DESC, version DESC);
GRANT SELECT, INSERT, UPDATE (activate_time) ON compliance.policy_version TO compliance_system;
GRANT SELECT ON compliance.policy_version TO compliance_founder, compliance_compliance, compliance_cross;

-- The audit trails of all tenants, the newest line first.
CREATE INDEX audit_by_at ON audit (at, tenant, seq);

-- What nodes let through in the last minute, by who asked, for the others to count. By the
-- clock of the database, in milliseconds.
CREATE TABLE quota (
    who  TEXT   NOT NULL,
    node TEXT   NOT NULL,
    at   BIGINT NOT NULL,
    n    BIGINT NOT NULL,
    PRIMARY KEY (who, node, at)
);
CREATE INDEX quota_by_age ON quota (at);

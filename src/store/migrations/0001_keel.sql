-- One set for SQLite and PostgreSQL. Instants are microseconds since 1970 in UTC. Text is
-- compared byte by byte on both: see `COLUMN_TEXT`.

-- Every mutable object of the house, with the columns that lists are filtered and sorted by.
CREATE TABLE object (
    tenant     TEXT   NOT NULL,
    kind       TEXT   NOT NULL,
    id         TEXT   NOT NULL,
    revision   BIGINT NOT NULL CHECK (revision > 0),
    parent     TEXT   NOT NULL,
    state      TEXT   NOT NULL,
    label      TEXT   NOT NULL,
    search     TEXT   NOT NULL,
    amount     BIGINT NOT NULL,
    currency   TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    body       TEXT   NOT NULL,
    PRIMARY KEY (tenant, kind, id)
);
CREATE INDEX object_by_created ON object (tenant, kind, created_at, id);
CREATE INDEX object_by_state   ON object (tenant, kind, state, created_at, id);
CREATE INDEX object_by_parent  ON object (tenant, kind, parent, created_at, id);

-- How many objects of a kind are in a state, kept in the commit that moves them.
CREATE TABLE tally (
    tenant TEXT   NOT NULL,
    kind   TEXT   NOT NULL,
    state  TEXT   NOT NULL,
    n      BIGINT NOT NULL,
    PRIMARY KEY (tenant, kind, state)
);

-- Amounts that may not pass a limit: impressions of a product on a day, a tenant's budget.
CREATE TABLE counter (
    tenant TEXT   NOT NULL,
    space  TEXT   NOT NULL,
    cell   TEXT   NOT NULL,
    used   BIGINT NOT NULL CHECK (used >= 0),
    PRIMARY KEY (tenant, space, cell)
);

-- What was answered under an idempotency key.
CREATE TABLE answer (
    tenant    TEXT   NOT NULL,
    caller    TEXT   NOT NULL,
    key       TEXT   NOT NULL,
    operation TEXT   NOT NULL,
    digest    TEXT   NOT NULL,
    body      TEXT   NOT NULL,
    at        BIGINT NOT NULL,
    PRIMARY KEY (tenant, caller, key)
);
CREATE INDEX answer_by_age ON answer (at);

-- Where a tenant's feed and audit chain end.
CREATE TABLE head (
    tenant     TEXT   NOT NULL PRIMARY KEY,
    feed       BIGINT NOT NULL,
    audit      BIGINT NOT NULL,
    audit_hash TEXT   NOT NULL
);

-- What happened, numbered per tenant without gaps.
CREATE TABLE event (
    tenant TEXT   NOT NULL,
    seq    BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    name   TEXT   NOT NULL,
    kind   TEXT   NOT NULL,
    object TEXT   NOT NULL,
    detail TEXT   NOT NULL,
    PRIMARY KEY (tenant, seq)
);
CREATE INDEX event_by_object ON event (tenant, kind, object, seq);

-- Every command, chained by hash per tenant.
CREATE TABLE audit (
    tenant          TEXT   NOT NULL,
    seq             BIGINT NOT NULL,
    at              BIGINT NOT NULL,
    actor           TEXT   NOT NULL,
    role            TEXT   NOT NULL,
    action          TEXT   NOT NULL,
    object          TEXT   NULL,
    revision_before BIGINT,
    revision_after  BIGINT,
    outcome         TEXT   NOT NULL,
    detail          TEXT   NOT NULL,
    previous        TEXT   NOT NULL,
    hash            TEXT   NOT NULL,
    PRIMARY KEY (tenant, seq)
);

-- Background work: a lease with a fencing number that grows at every claim.
CREATE TABLE task (
    id          TEXT   NOT NULL PRIMARY KEY,
    tenant      TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    object      TEXT   NOT NULL,
    state       TEXT   NOT NULL,
    run_at      BIGINT NOT NULL,
    lease_by    TEXT   NOT NULL,
    lease_until BIGINT NOT NULL,
    fence       BIGINT NOT NULL,
    wakes       BIGINT NOT NULL,
    attempts    BIGINT NOT NULL,
    last_error  TEXT   NOT NULL,
    created_at  BIGINT NOT NULL,
    UNIQUE (tenant, kind, object)
);
CREATE INDEX task_due ON task (state, run_at);

-- Things that all nodes on this database share, such as signing secrets.
CREATE TABLE shared (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

-- What a list shows of an object beside its columns, as a few bytes of JSON, so that a list
-- reads no bodies. Of the object's current revision only: one of another revision was left
-- behind by a program that does not know this table, and counts as none.
CREATE TABLE glance (
    tenant   TEXT   NOT NULL,
    kind     TEXT   NOT NULL,
    id       TEXT   NOT NULL,
    revision BIGINT NOT NULL,
    body     TEXT   NOT NULL,
    PRIMARY KEY (tenant, kind, id)
);

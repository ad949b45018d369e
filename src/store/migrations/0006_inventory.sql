-- What a tenant's ad server has, as it was last read there: one row for each thing, so that a
-- hundred thousand of them can be brought page by page. `run` is the number of the last run that
-- met it; what a full run did not meet is in the state `gone`.
CREATE TABLE inventory (
    tenant    TEXT   NOT NULL,
    kind      TEXT   NOT NULL,
    id        TEXT   NOT NULL,
    parent    TEXT   NOT NULL,
    name      TEXT   NOT NULL,
    search    TEXT   NOT NULL,
    state     TEXT   NOT NULL,
    run       BIGINT NOT NULL,
    seen_at   BIGINT NOT NULL,
    body      TEXT   NOT NULL,
    PRIMARY KEY (tenant, kind, id)
);

CREATE INDEX inventory_by_name ON inventory (tenant, kind, name, id);

-- An object as it is shown to whoever asks for it, written out, so that it need be neither read
-- nor put together again. Of the object's current revision only, and only for programs that
-- show it in the same shape: anything else was left behind, and counts as none.
CREATE TABLE shown (
    tenant   TEXT   NOT NULL,
    kind     TEXT   NOT NULL,
    id       TEXT   NOT NULL,
    revision BIGINT NOT NULL,
    shape    TEXT   NOT NULL,
    body     TEXT   NOT NULL,
    PRIMARY KEY (tenant, kind, id)
);

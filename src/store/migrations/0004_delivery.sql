-- What was counted of a line on one day, in UTC: the totals at its end, kept for ever, and those
-- at the end of each of its hours, emptied when they are old. Both as JSON: a day is written
-- whole and read whole, and one row of it takes a tenth of the room of twenty-four.
CREATE TABLE delivery_day (
    tenant TEXT   NOT NULL,
    line   TEXT   NOT NULL,
    day    TEXT   NOT NULL,
    last   TEXT   NOT NULL,
    hours  TEXT   NOT NULL,
    PRIMARY KEY (tenant, line, day)
);

CREATE INDEX delivery_day_by_day ON delivery_day (day) WHERE hours <> '';

-- When an object begins, for those that stand in a calendar: bookings of slots, their holds, and
-- who waits for one. Zero for all others, which no list asks for by time.
ALTER TABLE object ADD COLUMN begins BIGINT NOT NULL DEFAULT 0;
CREATE INDEX object_by_begins ON object (tenant, kind, begins, id) WHERE begins > 0;

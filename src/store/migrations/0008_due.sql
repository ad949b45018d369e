-- Background work in the order in which it is due: what is ready by its time, what runs by the end
-- of its lease. Asked again at every look, with however much work waits.
DROP INDEX task_due;
CREATE INDEX task_next ON task ((CASE state WHEN 'ready' THEN run_at WHEN 'running' THEN lease_until END), id, kind);

-- What a command changed of its object, as JSON; empty where it told nothing.
ALTER TABLE audit ADD COLUMN changes TEXT NOT NULL DEFAULT '';

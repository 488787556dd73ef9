-- Repairs are counted on the shard's row, so that a projector notices one within its own transaction. Runs before the
-- code that needs it.
ALTER TABLE views.progress ADD COLUMN repairs bigint NOT NULL DEFAULT 0;

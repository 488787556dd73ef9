-- How far the views have come on each shard. The row moves in the transaction of the effects, by compare-and-set.
CREATE TABLE views.progress (
    shard integer PRIMARY KEY,
    next_offset bigint NOT NULL DEFAULT 0,       -- the next record to read from the shard's partition
    position bigint NOT NULL DEFAULT 0,          -- highest position of the shard that was taken in
    recorded_at bigint NOT NULL DEFAULT 0,       -- microseconds UTC of the newest event that was applied
    repairs bigint NOT NULL DEFAULT 0            -- counts repairs: a projector that missed one must look again
) WITH (fillfactor = 10);

-- The last version of each stream that was applied: lower is a duplicate, a hole blocks the stream.
CREATE TABLE views.streams (
    stream_id text COLLATE "C" PRIMARY KEY,
    shard integer NOT NULL,
    version bigint NOT NULL
) WITH (fillfactor = 70);

-- Streams that the projector refuses to go on with. Their later events are skipped until somebody repairs them.
CREATE TABLE views.blocked_streams (
    stream_id text COLLATE "C" PRIMARY KEY,
    shard integer NOT NULL,
    reason text NOT NULL,                        -- gap, undecodable, apply_failed, write_failed
    detail text NOT NULL,
    record_offset bigint NOT NULL,               -- of the record that could not be applied
    position bigint,                             -- its position in the shard, if its headers could be read
    last_version bigint NOT NULL,                -- the last version that was applied
    blocked_at timestamptz NOT NULL DEFAULT now()
);

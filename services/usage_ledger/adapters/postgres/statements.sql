-- The statements of the event store, each under its name. `%s` stands for a parameter; arrays come as binary (%b).

-- name: lock
-- First statement of every append: the row lock is the fence.
SELECT shard, last_position, last_recorded_at, incarnation
  FROM ledger.shards WHERE shard = ANY(%b) ORDER BY shard FOR UPDATE

-- name: select_facts_position
-- Asked once the lock is held: a statement that waited for it would still see the facts from before it began to wait,
-- and whoever reacts to a new fact relies on it that nothing decided after it is ignorant of it.
SELECT facts_position FROM ledger.shards WHERE shard = 0

-- name: move_on
-- Positions are handed out under the lock; the row says how far.
UPDATE ledger.shards AS s
   SET last_position = m.last_position, last_recorded_at = m.last_recorded_at,
       facts_position = greatest(s.facts_position, m.facts_position)
  FROM unnest(%b::int[], %b::bigint[], %b::bigint[], %b::bigint[])
       AS m (shard, last_position, last_recorded_at, facts_position)
 WHERE s.shard = m.shard

-- name: insert_events
-- One part a transaction. A version that exists already is an error: the unique key is the second fence.
INSERT INTO ledger.events
       (shard, position, stream_id, stream_version, recorded_at, fingerprint, prev_leaf, leaf, body)
SELECT * FROM unnest(%b::int[], %b::bigint[], %b::text[], %b::bigint[], %b::bigint[], %b::bytea[], %b::bytea[],
                     %b::bytea[], %b::bytea[])

-- name: insert_facts
INSERT INTO ledger.facts (position) SELECT unnest(%b::bigint[])

-- name: insert_commands
-- Positions come with blanks between them: an array of arrays would have to be of one length.
INSERT INTO ledger.commands
       (digest, request_hash, outcome, code, detail, facts, answer, positions, recorded_at)
SELECT c.digest, c.request_hash, c.outcome, c.code, c.detail, c.facts::jsonb, c.answer,
       string_to_array(c.positions, ' '), c.recorded_at
  FROM unnest(%b::bytea[], %b::bytea[], %b::text[], %b::text[], %b::text[], %b::text[], %b::bytea[], %b::text[],
              %b::bigint[])
       AS c (digest, request_hash, outcome, code, detail, facts, answer, positions, recorded_at)

-- name: insert_attempts
-- Sorted by key, so that neighbouring rows meet the same index pages.
INSERT INTO ledger.attempts (key, content, shard, position)
SELECT * FROM unnest(%b::bytea[], %b::bytea[], %b::int[], %b::bigint[])

-- name: move_attempts
-- What was taken before is held by another event from now on.
UPDATE ledger.attempts AS attempt SET position = moved.position
  FROM unnest(%b::bytea[], %b::bigint[]) AS moved (key, position)
 WHERE attempt.key = moved.key

-- name: put_quarantined
INSERT INTO ledger.quarantined (key, disposition, tenant, workspace_id, reason)
SELECT * FROM unnest(%b::bytea[], %b::text[], %b::text[], %b::text[], %b::text[])
ON CONFLICT (key, disposition) DO UPDATE SET workspace_id = excluded.workspace_id, reason = excluded.reason

-- name: take_quarantined
DELETE FROM ledger.quarantined AS kept
 USING unnest(%b::bytea[], %b::text[]) AS gone (key, disposition)
 WHERE kept.key = gone.key AND kept.disposition = gone.disposition

-- name: put_suspended
-- A row that is there already would mean that a line was recorded twice: an error, which must not pass in silence.
INSERT INTO ledger.suspended (key, shard, model, currency, tenant, account_id, occurred_at)
SELECT * FROM unnest(%b::bytea[], %b::int[], %b::text[], %b::text[], %b::text[], %b::text[], %b::bigint[])

-- name: take_suspended
DELETE FROM ledger.suspended WHERE key = ANY(%b)

-- name: insert_named_sources
-- An attempt may come again, or be rejected before it is taken.
INSERT INTO ledger.named_sources (attempt, source) SELECT * FROM unnest(%b::bytea[], %b::text[])
ON CONFLICT (attempt, source) DO NOTHING

-- name: insert_workspaces
-- A workspace begins once.
INSERT INTO ledger.workspaces (shard, tenant, workspace_id, organization_id)
SELECT * FROM unnest(%b::int[], %b::text[], %b::text[], %b::text[])

-- name: insert_holds
INSERT INTO ledger.holds (digest, tenant, account_id, workspace_id, state, position, used_by)
SELECT * FROM unnest(%b::bytea[], %b::text[], %b::text[], %b::text[], %b::text[], %b::bigint[], %b::text[])

-- name: close_holds
-- Settled, released or expired: once, whatever names the hold afterwards (H4).
UPDATE ledger.holds AS hold SET state = closed.state
  FROM unnest(%b::bytea[], %b::text[]) AS closed (digest, state)
 WHERE hold.digest = closed.digest

-- name: put_due
INSERT INTO ledger.due (tenant, account_id, shard, next_due)
SELECT * FROM unnest(%b::text[], %b::text[], %b::int[], %b::bigint[])
ON CONFLICT (tenant, account_id) DO UPDATE SET next_due = excluded.next_due

-- name: take_due
DELETE FROM ledger.due AS due
 USING unnest(%b::text[], %b::text[]) AS gone (tenant, account_id)
 WHERE due.tenant = gone.tenant AND due.account_id = gone.account_id

-- name: insert_business_keys
INSERT INTO ledger.business_keys (digest, content, answer)
SELECT * FROM unnest(%b::bytea[], %b::text[], %b::bytea[])

-- name: insert_service_key
INSERT INTO ledger.service_keys
       (key_id, tenant, secret_hash, prefix, scopes, source, account_id, workspace_id, tenants, expires_at, capabilities,
        models, bill_to, circuit)
VALUES (%b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b, %b)

-- name: rotate_service_key
-- The secret of before stays beside the new one; one that was there already is forgotten, so two admit at most.
UPDATE ledger.service_keys SET old_secret_hash = secret_hash, secret_hash = %b, old_valid_until = %b WHERE key_id = %b

-- name: revoke_service_key
UPDATE ledger.service_keys SET revoked_at = %b WHERE key_id = %b AND revoked_at IS NULL

-- name: upsert_snapshots
-- The newest wins; a snapshot may be dropped at any time.
INSERT INTO ledger.snapshots (stream_id, stream_version, leaf, state, format)
SELECT * FROM unnest(%b::text[], %b::bigint[], %b::bytea[], %b::bytea[], %b::int[])
ON CONFLICT (stream_id) DO UPDATE
   SET stream_version = excluded.stream_version, format = excluded.format, leaf = excluded.leaf, state = excluded.state

-- name: select_commands
SELECT digest, request_hash, outcome, code, detail, facts::text, answer, positions, recorded_at
  FROM ledger.commands WHERE digest = ANY(%b)

-- name: select_attempts
SELECT key, content FROM ledger.attempts WHERE key = ANY(%b)

-- name: select_attempt_positions
SELECT key, position FROM ledger.attempts WHERE key = ANY(%b)

-- name: select_quarantined
SELECT key, disposition, tenant, workspace_id, reason FROM ledger.quarantined WHERE key = ANY(%b)

-- name: select_holds
SELECT digest, tenant, account_id, workspace_id, state, position, used_by FROM ledger.holds WHERE digest = ANY(%b)

-- name: select_business_keys
SELECT digest, content, answer FROM ledger.business_keys WHERE digest = ANY(%b)

-- name: select_snapshots
SELECT stream_id, stream_version, leaf, state FROM ledger.snapshots WHERE stream_id = ANY(%b) AND format = %b

-- name: select_streams
-- Many streams in one query, each after the version that is known already.
SELECT e.shard, e.position, e.recorded_at, e.prev_leaf, e.leaf, e.stream_id, e.stream_version,
       e.fingerprint || e.body
  FROM unnest(%b::text[], %b::bigint[]) AS known (stream_id, stream_version)
  JOIN ledger.events AS e
    ON e.shard = %b AND e.stream_id = known.stream_id AND e.stream_version > known.stream_version
 ORDER BY e.stream_id, e.stream_version

-- name: select_stream_since
-- The index gives the stream's events in order; bodies of those that are too old are not even read.
SELECT shard, position, recorded_at, prev_leaf, leaf, stream_id, stream_version, fingerprint || body
  FROM ledger.events
 WHERE shard = %b AND stream_id = %b AND stream_version > %b AND recorded_at >= %b
 ORDER BY stream_version LIMIT %b

-- name: select_last_of_stream
SELECT shard, position, recorded_at, prev_leaf, leaf, stream_id, stream_version, fingerprint || body
  FROM ledger.events WHERE shard = %b AND stream_id = %b ORDER BY stream_version DESC LIMIT 1

-- name: select_events_after
SELECT shard, position, recorded_at, prev_leaf, leaf, stream_id, stream_version, fingerprint || body
  FROM ledger.events WHERE shard = %b AND position > %b ORDER BY position LIMIT %b

-- name: select_events_at
SELECT shard, position, recorded_at, prev_leaf, leaf, stream_id, stream_version, fingerprint || body
  FROM ledger.events WHERE shard = %b AND position = ANY(%b) ORDER BY position

-- name: select_facts_after
SELECT e.shard, e.position, e.recorded_at, e.prev_leaf, e.leaf, e.stream_id, e.stream_version, e.fingerprint || e.body
  FROM ledger.facts AS f JOIN ledger.events AS e ON e.shard = 0 AND e.position = f.position
 WHERE f.position > %b ORDER BY f.position

-- name: select_stream_of_library
-- The event sourcing library's own question: one stream, a range of versions, either direction.
SELECT shard, position, recorded_at, prev_leaf, leaf, stream_id, stream_version, fingerprint || body
  FROM ledger.events
 WHERE shard = %(shard)s AND stream_id = %(stream_id)s
   AND (%(gt)s::bigint IS NULL OR stream_version > %(gt)s)
   AND (%(lte)s::bigint IS NULL OR stream_version <= %(lte)s)
 ORDER BY CASE WHEN %(desc)s THEN -stream_version ELSE stream_version END
 LIMIT %(limit)s

-- name: select_positions_of_library
SELECT shard, position, recorded_at, prev_leaf, leaf, stream_id, stream_version, fingerprint || body
  FROM ledger.events
 WHERE shard = %(shard)s AND position >= %(start)s
   AND (%(stop)s::bigint IS NULL OR position <= %(stop)s)
 ORDER BY position LIMIT %(limit)s

-- name: select_last_position
SELECT max(position) FROM ledger.events WHERE shard = %s

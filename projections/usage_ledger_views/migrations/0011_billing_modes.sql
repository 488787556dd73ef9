-- Billing modes: runs, named states, their history. Runs before the code that needs it, with the projectors stopped; the new
-- tables hold what is recorded from then on.

ALTER TABLE views.workspace_billing
    ADD COLUMN organization_id text COLLATE "C",
    ADD COLUMN registry_version text,
    ADD COLUMN states text[],
    ADD COLUMN faults text[],
    ADD COLUMN answered_position bigint,
    ADD COLUMN run_id text,
    ADD COLUMN run_mode text,
    ADD COLUMN run_provider text,
    ADD COLUMN version bigint;

-- Until now no workspace named an organization, nothing but its own stream said its mode, and there were no runs.
UPDATE views.workspace_billing AS workspace
   SET organization_id = CASE WHEN mode IS NOT NULL THEN tenant END, states = '{}', faults = '{}',
       answered_position = CASE WHEN mode IS NULL THEN 0 ELSE position END,
       version = coalesce((SELECT stream.version FROM views.streams AS stream
                            WHERE stream.stream_id = tenant || '/workspace-' || workspace_id), 0);

ALTER TABLE views.workspace_billing
    ALTER COLUMN states SET NOT NULL,
    ALTER COLUMN faults SET NOT NULL,
    ALTER COLUMN answered_position SET NOT NULL,
    ALTER COLUMN version SET NOT NULL;

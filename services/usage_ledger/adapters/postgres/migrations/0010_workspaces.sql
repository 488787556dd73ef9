-- Every workspace, so that a fact about all of them, or about an organization, finds whom it concerns. Runs before the
-- code that needs it. What an older process registers while versions change is missing here: its events are right, and
-- so is every answer, but its views learn of such a fact only with its next change.

CREATE TABLE ledger.workspaces (
    shard integer NOT NULL,
    tenant text COLLATE "C" NOT NULL,
    workspace_id text COLLATE "C" NOT NULL,
    organization_id text COLLATE "C" NOT NULL,   -- the tenant's own is called like the tenant
    PRIMARY KEY (shard, tenant, workspace_id)
);

-- Those of one organization.
CREATE INDEX workspaces_by_organization ON ledger.workspaces (tenant, organization_id, workspace_id);

-- Those that there are already: none of them could name an organization. A slash is in no id, but in names of models.
INSERT INTO ledger.workspaces (shard, tenant, workspace_id, organization_id)
SELECT shard, split_part(stream_id, '/', 1), substr(split_part(stream_id, '/', 2), length('workspace-') + 1),
       split_part(stream_id, '/', 1)
  FROM ledger.events
 WHERE stream_version = 1 AND stream_id ~ '^[^/]+/workspace-[^/]+$';

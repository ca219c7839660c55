-- What stands between a network and the desk: files of customers' posts, what is wrong with an account, connecting on the
-- network's own page, what became of what we sent.
CREATE TABLE post_files (
  workspace_id BIGINT NOT NULL,
  post_id BIGINT NOT NULL,
  number BIGINT NOT NULL,                -- its place among the post's attachments, from 0
  account_id BIGINT NOT NULL,
  journal_seq BIGINT NOT NULL,           -- the item the post was read from: the channel fetches by it
  reference TEXT NOT NULL,               -- the channel's word for the file
  state TEXT NOT NULL,                   -- wanted, kept, gone (the network has it no more), refused (too large …)
  tries BIGINT NOT NULL DEFAULT 0,
  next_try_at BIGINT,                    -- NULL: nothing to do
  name TEXT NOT NULL DEFAULT '',
  content_type TEXT NOT NULL DEFAULT '',
  size_bytes BIGINT NOT NULL DEFAULT 0,
  body BLOB,
  PRIMARY KEY (workspace_id, post_id, number)
);
CREATE INDEX post_files_due ON post_files (next_try_at) WHERE next_try_at IS NOT NULL;

-- What a person must mend, each told once: credentials (the network refuses them), webhook, subscription.
CREATE TABLE account_problems (
  workspace_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  since BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, account_id, kind)
);
-- Times when an account was away, and what came afterwards of that time.
CREATE TABLE account_gaps (
  workspace_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  closed_at BIGINT NOT NULL,
  away_since BIGINT NOT NULL,
  posts BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, account_id, closed_at)
);
-- Somebody is on a network's page to agree. One use, ten minutes.
CREATE TABLE sign_ins (
  state_hash TEXT PRIMARY KEY,           -- SHA-256, hex
  workspace_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,            -- 0: a new one
  network TEXT NOT NULL,
  user_id BIGINT NOT NULL,
  session_hash TEXT NOT NULL,            -- the browser that went there is the one that may come back
  keep BLOB NOT NULL,                    -- sealed
  redirect_url TEXT NOT NULL,
  expires_at BIGINT NOT NULL
);
ALTER TABLE identities ADD COLUMN relation TEXT NOT NULL DEFAULT '';  -- following, blocked; '' = not told
ALTER TABLE identities ADD COLUMN relation_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE outbox ADD COLUMN receipt TEXT NOT NULL DEFAULT '';       -- delivered, read, failed
ALTER TABLE outbox ADD COLUMN receipt_detail TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN receipt_at BIGINT;
-- What was sent through accounts of networks that count: the outbox keeps to their rates, also after a restart.
CREATE TABLE sends (
  workspace_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  id BIGINT NOT NULL,
  action TEXT NOT NULL,                  -- as in Capabilities::rates
  PRIMARY KEY (workspace_id, account_id, at, id)
);

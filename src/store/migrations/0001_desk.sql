-- The desk's first schema. One text for SQLite and PostgreSQL: the runner maps BLOB to BYTEA for PostgreSQL.
-- Times are Unix milliseconds, ids 63-bit integers chosen by the program, booleans 0/1, JSON is text.
-- Every key of workspace data starts with workspace_id, so that PostgreSQL can be distributed by it.

CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);

-- People who work here, and where they may work.
CREATE TABLE users (
  id BIGINT PRIMARY KEY,
  email TEXT NOT NULL UNIQUE,            -- folded to lower case
  name TEXT NOT NULL,
  initials TEXT NOT NULL DEFAULT '',     -- signature and avatar
  password_hash TEXT NOT NULL,           -- argon2id, libsodium's own format
  language TEXT NOT NULL DEFAULT 'ja',
  preferences TEXT NOT NULL DEFAULT '{}',  -- theme, density, enter_sends …
  created_at BIGINT NOT NULL,
  disabled_at BIGINT
);
CREATE TABLE workspaces (
  id BIGINT PRIMARY KEY,
  name TEXT NOT NULL,
  time_zone TEXT NOT NULL DEFAULT 'Asia/Tokyo',
  language TEXT NOT NULL DEFAULT 'ja',
  settings TEXT NOT NULL DEFAULT '{}',
  next_case_number BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  archived_at BIGINT
);
CREATE TABLE memberships (
  workspace_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  role TEXT NOT NULL,                    -- owner, administrator, lead, agent, viewer
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, user_id)
);
CREATE INDEX memberships_by_user ON memberships (user_id);
CREATE TABLE invitations (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  role TEXT NOT NULL,
  email TEXT NOT NULL DEFAULT '',
  token_hash TEXT NOT NULL UNIQUE,       -- SHA-256, hex; the token itself is shown once
  created_by BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT,
  used_by BIGINT,
  PRIMARY KEY (workspace_id, id)
);
CREATE TABLE sessions (
  token_hash TEXT PRIMARY KEY,
  user_id BIGINT NOT NULL,
  csrf_token TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  last_seen_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  remote_ip TEXT NOT NULL DEFAULT '',
  user_agent TEXT NOT NULL DEFAULT ''
);
CREATE INDEX sessions_by_user ON sessions (user_id);
-- Tokens for programs: bound to a channel account (the open channel) or, with account_id NULL, to a role in the workspace.
CREATE TABLE api_tokens (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  account_id BIGINT,
  role TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,
  created_by BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  last_used_at BIGINT,
  revoked_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);

-- Where posts come from and replies go to.
CREATE TABLE accounts (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  network TEXT NOT NULL,                 -- the channel's folder name: bluesky, open …
  kind TEXT NOT NULL DEFAULT 'account',  -- account, or listener (public stream, cannot reply)
  external_id TEXT NOT NULL,             -- DID …
  handle TEXT NOT NULL,
  name TEXT NOT NULL DEFAULT '',
  avatar_url TEXT NOT NULL DEFAULT '',
  settings TEXT NOT NULL DEFAULT '{}',
  status TEXT NOT NULL DEFAULT 'starting',  -- starting, ok, waiting (network away), action_needed, paused
  status_detail TEXT NOT NULL DEFAULT '',
  status_at BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  removed_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX accounts_by_external ON accounts (workspace_id, network, kind, external_id);
CREATE INDEX accounts_by_network ON accounts (network, external_id);
CREATE TABLE account_secrets (           -- sealed with the data directory's key
  workspace_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  sealed BLOB NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, account_id, name)
);
CREATE TABLE cursors (                   -- workspace_id 0: streams that serve all workspaces
  workspace_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, account_id, name)
);
CREATE TABLE topics (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  name TEXT NOT NULL,
  keywords TEXT NOT NULL DEFAULT '[]',
  excluded TEXT NOT NULL DEFAULT '[]',
  enabled BIGINT NOT NULL DEFAULT 1,
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  archived_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);

-- Journal: what came in, raw, before anything else. Ids grow in the order of the commit (journal_seq), so the stage after
-- it keeps one cursor ("journal.applied" in meta) and moves it in the same transaction as its work.
CREATE TABLE journal (
  seq BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  source TEXT NOT NULL,                  -- the channel's word for the shape: bluesky.notification, open.post …
  body BLOB NOT NULL
);
CREATE TABLE journal_failures (
  workspace_id BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  source TEXT NOT NULL,
  error TEXT NOT NULL,
  place TEXT NOT NULL DEFAULT '',
  failed_at BIGINT NOT NULL,
  attempts BIGINT NOT NULL DEFAULT 1,
  PRIMARY KEY (workspace_id, seq)
);

-- Customers.
CREATE TABLE persons (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  name TEXT NOT NULL,
  note TEXT NOT NULL DEFAULT '',
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE TABLE identities (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  person_id BIGINT NOT NULL,
  network TEXT NOT NULL,
  external_id TEXT NOT NULL,
  handle TEXT NOT NULL,
  name TEXT NOT NULL,
  avatar_url TEXT NOT NULL DEFAULT '',
  bio TEXT NOT NULL DEFAULT '',
  followers BIGINT,                      -- NULL: not known
  url TEXT NOT NULL DEFAULT '',
  profile_at BIGINT NOT NULL DEFAULT 0,  -- when the profile was fetched; 0 = only what came with a post
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX identities_by_external ON identities (workspace_id, network, external_id);
CREATE INDEX identities_by_person ON identities (workspace_id, person_id);

-- Threads and needs.
CREATE TABLE conversations (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  network TEXT NOT NULL,
  external_id TEXT NOT NULL,             -- the thread, as the channel names it; a thread has one for each customer
  visibility TEXT NOT NULL,              -- public, private
  identity_id BIGINT NOT NULL,
  case_id BIGINT NOT NULL,               -- the case it belongs to now
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX conversations_by_external ON conversations (workspace_id, external_id, identity_id);
CREATE INDEX conversations_by_case ON conversations (workspace_id, case_id);
CREATE TABLE cases (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  number BIGINT NOT NULL,                -- 1, 2, 3 … in the workspace, for people
  person_id BIGINT NOT NULL,
  identity_id BIGINT NOT NULL,           -- who wrote, on the network where it began
  account_id BIGINT NOT NULL,
  network TEXT NOT NULL,                 -- of the last post; what the row's mark shows
  status TEXT NOT NULL,                  -- found, open, waiting, snoozed, resolved, dismissed
  origin TEXT NOT NULL,                  -- addressed, found
  title TEXT NOT NULL DEFAULT '',         -- first line of the first post, until somebody gives another one
  title_set BIGINT NOT NULL DEFAULT 0,   -- 1: given by hand, and searched for by itself
  preview TEXT NOT NULL DEFAULT '',      -- first line of the last post from the customer
  preview_marks TEXT NOT NULL DEFAULT '[]',  -- [[start,end],…] UTF-16, matched keywords in preview
  assignee_id BIGINT,
  due_at BIGINT,                         -- promise of the next reply; NULL: nothing promised now
  waiting_since BIGINT,                  -- first customer post not answered yet
  snoozed_until BIGINT,
  dismiss_reason TEXT NOT NULL DEFAULT '',
  post_count BIGINT NOT NULL DEFAULT 0,
  last_post_at BIGINT NOT NULL,
  opened_at BIGINT NOT NULL,
  resolved_at BIGINT,
  first_reply_at BIGINT,
  last_in_at BIGINT,                     -- the customer's newest post; preview is of it
  last_out_at BIGINT,                    -- our newest answer
  version BIGINT NOT NULL DEFAULT 1,     -- grows with every change; for optimistic editing
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX cases_by_due ON cases (workspace_id, status, due_at, id);
CREATE INDEX cases_by_last_post ON cases (workspace_id, status, last_post_at, id);
CREATE INDEX cases_by_assignee ON cases (workspace_id, assignee_id, status, due_at, id);
CREATE INDEX cases_by_person ON cases (workspace_id, person_id, last_post_at);
CREATE INDEX cases_snoozed ON cases (snoozed_until) WHERE snoozed_until IS NOT NULL;
-- How many cases stand in each state, kept in the transaction of every change; assignee_id 0 = nobody.
CREATE TABLE case_counts (
  workspace_id BIGINT NOT NULL,
  status TEXT NOT NULL,
  assignee_id BIGINT NOT NULL,
  cases BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, status, assignee_id)
);
CREATE TABLE case_tags (
  workspace_id BIGINT NOT NULL,
  case_id BIGINT NOT NULL,
  tag TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, case_id, tag)
);
CREATE INDEX case_tags_by_tag ON case_tags (workspace_id, tag, case_id);
CREATE TABLE posts (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  case_id BIGINT NOT NULL,
  conversation_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  identity_id BIGINT,                    -- author; NULL for our own posts
  network TEXT NOT NULL,
  direction TEXT NOT NULL,               -- in, out, context (others in the thread)
  reason TEXT NOT NULL DEFAULT '',       -- mention, reply, quote, message, found; why it is here
  external_id TEXT NOT NULL,
  parent_external_id TEXT NOT NULL DEFAULT '',
  revision TEXT NOT NULL DEFAULT '',     -- cid or version; another one is an edit
  text TEXT NOT NULL,
  language TEXT NOT NULL DEFAULT '',
  url TEXT NOT NULL DEFAULT '',
  marks TEXT NOT NULL DEFAULT '[]',      -- matched keywords, [[start,end],…] UTF-16
  topic_ids TEXT NOT NULL DEFAULT '[]',
  extra TEXT NOT NULL DEFAULT '{}',      -- attachments, links, reply reference (root, parent)
  author_user_id BIGINT,                 -- our agent, for direction out
  posted_at BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  edited_at BIGINT,
  deleted_at BIGINT,                     -- the text is emptied then
  journal_seq BIGINT,
  PRIMARY KEY (workspace_id, id)
);
-- The id first: a public stream asks "does any workspace hold this?" for each of its posts.
CREATE UNIQUE INDEX posts_by_external ON posts (external_id, workspace_id);
CREATE INDEX posts_by_case ON posts (workspace_id, case_id, posted_at, id);
-- Deletions that came before their post: the post is not shown any more when it comes.
CREATE TABLE tombstones (
  workspace_id BIGINT NOT NULL,
  external_id TEXT NOT NULL,
  deleted_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, external_id)
);
-- Our own posts, written in the network's app, that answer a post which has not come yet: read again when it comes.
CREATE TABLE early_answers (
  workspace_id BIGINT NOT NULL,
  parent_external_id TEXT NOT NULL,
  journal_seq BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, parent_external_id, journal_seq)
);
-- Which topics wanted a case, for lists by topic; and how many posts each found, per hour (Unix milliseconds / 3,600,000).
CREATE TABLE case_topics (
  workspace_id BIGINT NOT NULL,
  topic_id BIGINT NOT NULL,
  case_id BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, topic_id, case_id)
);
CREATE TABLE topic_counts (
  workspace_id BIGINT NOT NULL,
  topic_id BIGINT NOT NULL,
  hour BIGINT NOT NULL,
  posts BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, hour, topic_id)
);
CREATE TABLE notes (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  case_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  text TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  deleted_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX notes_by_case ON notes (workspace_id, case_id, id);
CREATE TABLE drafts (
  workspace_id BIGINT NOT NULL,
  case_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  kind TEXT NOT NULL,                    -- reply, note
  text TEXT NOT NULL,
  attachment_ids TEXT NOT NULL DEFAULT '[]',
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, case_id, user_id, kind)
);
CREATE TABLE attachments (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  content_type TEXT NOT NULL,            -- found from the content, not from its name
  bytes BIGINT NOT NULL,
  alt TEXT NOT NULL DEFAULT '',
  sha256 TEXT NOT NULL,
  width BIGINT,
  height BIGINT,
  body BLOB NOT NULL,
  created_by BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);

-- Outbox: what leaves. A reply is also a row in posts (direction out) with the same external_id.
CREATE TABLE outbox (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  case_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  post_id BIGINT,                        -- our post, for action reply
  action TEXT NOT NULL,                  -- reply, like, unlike, repost, unrepost, delete
  target_external_id TEXT NOT NULL,      -- what is answered, liked …
  network_key TEXT NOT NULL DEFAULT '',  -- id on the network, chosen beforehand where it allows that
  request_id TEXT NOT NULL,              -- chosen by the client: the same request is one reply
  body TEXT NOT NULL DEFAULT '{}',
  state TEXT NOT NULL,                   -- held (undo still possible), queued, sending, unclear, sent, confirmed, failed, cancelled
  attempts BIGINT NOT NULL DEFAULT 0,
  next_at BIGINT,                        -- when to act next; NULL: nothing to do
  error TEXT NOT NULL DEFAULT '',
  error_code TEXT NOT NULL DEFAULT '',
  created_by BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  sent_at BIGINT,
  confirmed_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX outbox_due ON outbox (next_at) WHERE next_at IS NOT NULL;
CREATE UNIQUE INDEX outbox_by_request ON outbox (workspace_id, request_id);
CREATE INDEX outbox_by_account ON outbox (workspace_id, account_id, id);
CREATE INDEX outbox_failed ON outbox (workspace_id) WHERE state = 'failed';
CREATE INDEX outbox_by_case ON outbox (workspace_id, case_id, id);
CREATE INDEX outbox_by_post ON outbox (workspace_id, post_id, id);
CREATE TABLE deliveries (                -- every try of an outgoing webhook, for the delivery log
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  outbox_id BIGINT NOT NULL,
  url TEXT NOT NULL,
  attempted_at BIGINT NOT NULL,
  duration_ms BIGINT NOT NULL,
  status BIGINT NOT NULL,                -- HTTP status; 0 = no answer
  outcome TEXT NOT NULL,                 -- delivered, refused, failed
  excerpt TEXT NOT NULL DEFAULT '',      -- of the answer or the error
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX deliveries_by_outbox ON deliveries (workspace_id, outbox_id, id);
CREATE INDEX deliveries_by_account ON deliveries (workspace_id, account_id, id);

-- The event log: every change of a case, in the change's own transaction.
CREATE TABLE events (
  seq BIGINT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  at BIGINT NOT NULL,
  kind TEXT NOT NULL,
  case_id BIGINT,
  post_id BIGINT,
  actor_id BIGINT,                       -- user; NULL: the network or the desk itself
  data TEXT NOT NULL DEFAULT '{}'
);
CREATE INDEX events_by_workspace ON events (workspace_id, seq);
CREATE INDEX events_by_case ON events (workspace_id, case_id, seq);

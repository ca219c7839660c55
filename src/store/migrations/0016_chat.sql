-- The web chat: visitors of the brand's site, what they and the desk said, and how they are reached later.
CREATE TABLE chat_visitors (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  user_key TEXT NOT NULL DEFAULT '',     -- the brand's own id of them, proven by its signed token
  name TEXT NOT NULL DEFAULT '',
  email TEXT NOT NULL DEFAULT '',
  language TEXT NOT NULL DEFAULT '',
  page TEXT NOT NULL DEFAULT '',         -- where they wrote last
  last_seq BIGINT NOT NULL DEFAULT 0,    -- of their messages: every change takes the next
  read_seq BIGINT NOT NULL DEFAULT 0,    -- how far they have read
  created_at BIGINT NOT NULL,
  seen_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX chat_visitors_by_user ON chat_visitors (workspace_id, account_id, user_key) WHERE user_key <> '';
-- A browser of a visitor. The token itself is kept by the browser alone.
CREATE TABLE chat_tokens (
  token_hash TEXT PRIMARY KEY,
  workspace_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  visitor_id BIGINT NOT NULL,
  proof_hash TEXT NOT NULL DEFAULT '',   -- the signed token it brought last
  proven_until BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL
);
-- Which browser brought a signed token first: in another one it is a stolen one.
CREATE TABLE chat_proofs (
  workspace_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  proof_hash TEXT NOT NULL,
  token_hash TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, account_id, proof_hash)
);
CREATE INDEX chat_proofs_by_end ON chat_proofs (expires_at);
CREATE TABLE chat_messages (
  workspace_id BIGINT NOT NULL,
  visitor_id BIGINT NOT NULL,
  seq BIGINT NOT NULL,                   -- the order of the conversation
  change_seq BIGINT NOT NULL,            -- seq of the last change: what a reader's cursor counts
  account_id BIGINT NOT NULL,
  case_id BIGINT NOT NULL DEFAULT 0,     -- of an answer
  external_id TEXT NOT NULL,
  direction TEXT NOT NULL,               -- in, out
  text TEXT NOT NULL,
  author TEXT NOT NULL DEFAULT '',
  files TEXT NOT NULL DEFAULT '[]',
  at BIGINT NOT NULL,
  deleted_at BIGINT,
  mail_state TEXT NOT NULL DEFAULT '',   -- waiting, sending, mailed, seen, failed; '': no address is known
  mail_attempts BIGINT NOT NULL DEFAULT 0,
  mail_next_at BIGINT,
  PRIMARY KEY (workspace_id, visitor_id, seq)
);
CREATE UNIQUE INDEX chat_messages_by_external ON chat_messages (workspace_id, external_id);
CREATE INDEX chat_messages_to_mail ON chat_messages (mail_next_at) WHERE mail_next_at IS NOT NULL;
CREATE TABLE chat_files (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  visitor_id BIGINT NOT NULL,
  content_type TEXT NOT NULL,            -- found from the content
  bytes BIGINT NOT NULL,
  width BIGINT NOT NULL,
  height BIGINT NOT NULL,
  body BLOB NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX chat_files_by_visitor ON chat_files (workspace_id, visitor_id);
-- The page "how to reach us", one a workspace.
CREATE TABLE reach_pages (
  workspace_id BIGINT PRIMARY KEY,
  key TEXT NOT NULL,
  settings TEXT NOT NULL DEFAULT '{}'
);
CREATE UNIQUE INDEX reach_pages_by_key ON reach_pages (key);

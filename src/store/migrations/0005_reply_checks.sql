-- How replies are checked, how an account speaks (account_id 0: all that have no guide of their own), and replies that
-- wait for a second person.
CREATE TABLE reply_rules (
  workspace_id BIGINT PRIMARY KEY,
  rules TEXT NOT NULL,                   -- JSON, src/reply/checks/rules.hpp
  updated_at BIGINT NOT NULL,
  updated_by BIGINT NOT NULL
);
CREATE TABLE voice_guides (
  workspace_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  guide TEXT NOT NULL,                   -- JSON, src/reply/checks/rules.hpp
  updated_at BIGINT NOT NULL,
  updated_by BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, account_id)
);
CREATE TABLE approvals (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  case_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,
  target_post_id BIGINT NOT NULL,
  text TEXT NOT NULL,
  language TEXT NOT NULL DEFAULT '',
  attachment_ids TEXT NOT NULL DEFAULT '[]',
  request_id TEXT NOT NULL,              -- chosen by the client: the same request is one reply or one approval
  state TEXT NOT NULL,                   -- waiting, approved, returned, withdrawn
  findings TEXT NOT NULL DEFAULT '[]',   -- JSON, when it was asked for
  note TEXT NOT NULL DEFAULT '',         -- of who asked
  answer TEXT NOT NULL DEFAULT '',       -- of who decided
  edited BIGINT NOT NULL DEFAULT 0,      -- 1: sent with other words than asked for
  seen_post_id BIGINT NOT NULL DEFAULT 0,  -- the customer's newest post when it was asked for
  asked_by BIGINT NOT NULL,
  asked_at BIGINT NOT NULL,
  decided_by BIGINT,
  decided_at BIGINT,
  reply_id BIGINT,                       -- the outbox row it became
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX approvals_by_request ON approvals (workspace_id, request_id);
CREATE INDEX approvals_waiting ON approvals (workspace_id, id) WHERE state = 'waiting';
CREATE INDEX approvals_by_case ON approvals (workspace_id, case_id, id);
CREATE INDEX approvals_by_reply ON approvals (workspace_id, reply_id) WHERE reply_id IS NOT NULL;

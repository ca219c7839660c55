-- Promises (src/cases/case_promises.hpp): planned in a case's own row, with the books they are planned by.
ALTER TABLE cases ADD COLUMN priority TEXT NOT NULL DEFAULT 'normal';  -- low, normal, high, urgent
ALTER TABLE cases ADD COLUMN promised_from BIGINT;          -- open: since when an answer is promised
ALTER TABLE cases ADD COLUMN reply_from BIGINT;             -- the running promise of a reply, snoozed or not
ALTER TABLE cases ADD COLUMN reply_due_at BIGINT;
ALTER TABLE cases ADD COLUMN reply_noticed BIGINT NOT NULL DEFAULT 0;    -- 0 nothing, 1 warned, 2 broken
ALTER TABLE cases ADD COLUMN resolve_from BIGINT;
ALTER TABLE cases ADD COLUMN resolve_due_at BIGINT;         -- NULL: none promised, or we wait for the customer
ALTER TABLE cases ADD COLUMN resolve_noticed BIGINT NOT NULL DEFAULT 0;
ALTER TABLE cases ADD COLUMN promise_look_at BIGINT;        -- the next warning or breach
ALTER TABLE cases ADD COLUMN promise_policy TEXT NOT NULL DEFAULT '';
ALTER TABLE cases ADD COLUMN promise_book BIGINT NOT NULL DEFAULT 0;     -- version of the book it was planned by
CREATE INDEX cases_promise_look ON cases (promise_look_at) WHERE promise_look_at IS NOT NULL;
UPDATE cases SET promised_from = COALESCE(waiting_since, last_post_at), reply_from = COALESCE(waiting_since, last_post_at),
  reply_due_at = due_at, resolve_from = opened_at, promise_policy = 'default' WHERE status = 'open';
UPDATE cases SET reply_from = waiting_since, resolve_from = opened_at, promise_policy = 'default'
  WHERE status IN ('snoozed', 'waiting');
-- Old breaches are not told now; what breaks from here on is.
UPDATE cases SET promise_look_at = due_at WHERE status = 'open' AND due_at > (SELECT MAX(last_post_at) FROM cases);

-- Books of promises and duty rosters, every version.
CREATE TABLE promise_documents (
  workspace_id BIGINT NOT NULL,
  kind TEXT NOT NULL,                    -- book, roster
  version BIGINT NOT NULL,
  body TEXT NOT NULL,                    -- JSON
  changed_at BIGINT NOT NULL,
  changed_by BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, kind, version)
);
-- When a case waited for its customer; to_at NULL: still does.
CREATE TABLE case_pauses (
  workspace_id BIGINT NOT NULL,
  case_id BIGINT NOT NULL,
  from_at BIGINT NOT NULL,
  to_at BIGINT,
  PRIMARY KEY (workspace_id, case_id, from_at)
);
INSERT INTO case_pauses (workspace_id, case_id, from_at)
  SELECT workspace_id, id, COALESCE(last_out_at, last_post_at) FROM cases WHERE status = 'waiting';
-- What became of promises that ended.
CREATE TABLE promise_results (
  workspace_id BIGINT NOT NULL,
  case_id BIGINT NOT NULL,
  kind TEXT NOT NULL,                    -- first_reply, next_reply, resolution
  from_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  ended_at BIGINT NOT NULL,
  broken BIGINT NOT NULL,
  noticed BIGINT NOT NULL DEFAULT 0,     -- the breach was told
  policy TEXT NOT NULL,
  PRIMARY KEY (workspace_id, case_id, kind, from_at)
);
CREATE INDEX promise_results_untold ON promise_results (workspace_id, ended_at) WHERE broken = 1 AND noticed = 0;
CREATE INDEX promise_results_by_end ON promise_results (workspace_id, ended_at);
-- Groups that the desk puts its customers in: VIP …
CREATE TABLE person_groups (
  workspace_id BIGINT NOT NULL,
  person_id BIGINT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (workspace_id, person_id, name)
);

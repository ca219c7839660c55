-- The order of the list (src/cases/rank.hpp): how early a case stands, and why; which queue it is in.
ALTER TABLE cases ADD COLUMN lane BIGINT NOT NULL DEFAULT 0;            -- 0 the desk's own, 1 interest in buying
ALTER TABLE cases ADD COLUMN rank_at BIGINT;                            -- open, and found in lane 1; NULL: in no queue
ALTER TABLE cases ADD COLUMN rank_why TEXT NOT NULL DEFAULT '[]';       -- [{"key", "minutes"}], earlier than promised
ALTER TABLE cases ADD COLUMN rank_order BIGINT NOT NULL DEFAULT -1;     -- version of the order it was ranked by
ALTER TABLE cases ADD COLUMN earlier_complaints BIGINT NOT NULL DEFAULT 0;  -- of the person, when the case began to wait
-- Until the program has ranked them (it does so when it starts) open cases stand in the order of their promises.
UPDATE cases SET lane = 1 WHERE triage LIKE '{"kind":"purchase"%' AND triage LIKE '%"danger":false,"legal":false,"money":false%';
UPDATE cases SET rank_at = COALESCE(due_at, last_post_at) WHERE status = 'open';
UPDATE cases SET rank_at = COALESCE(waiting_since, last_post_at) + 43200000 WHERE status = 'found' AND lane = 1;
CREATE INDEX cases_by_rank ON cases (workspace_id, status, lane, rank_at, id) WHERE rank_at IS NOT NULL;
CREATE INDEX cases_free ON cases (workspace_id, lane, rank_at, id) WHERE status = 'open' AND assignee_id IS NULL;
DROP INDEX cases_by_assignee;
CREATE INDEX cases_by_assignee ON cases (workspace_id, assignee_id, status, rank_at, id);

-- What weighs how much, every version.
CREATE TABLE case_orders (
  workspace_id BIGINT NOT NULL,
  version BIGINT NOT NULL,
  body TEXT NOT NULL,                    -- JSON
  changed_at BIGINT NOT NULL,
  changed_by BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, version)
);
-- The next best case: who was given which, and what somebody passed over for now.
CREATE TABLE case_leases (
  workspace_id BIGINT NOT NULL,
  case_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  until BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, case_id)
);
CREATE TABLE case_passes (
  workspace_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  case_id BIGINT NOT NULL,
  until BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, user_id, case_id)
);
-- Cases for which somebody asked what a colleague thinks: respond, watch or skip?
CREATE TABLE case_opinions (
  workspace_id BIGINT NOT NULL,
  case_id BIGINT NOT NULL,
  asked_by BIGINT NOT NULL,
  asked_of BIGINT,                       -- NULL: anybody else
  note TEXT NOT NULL,
  asked_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, case_id)
);
CREATE INDEX case_opinions_by_time ON case_opinions (workspace_id, asked_at, case_id);

-- Teams and their work (src/teamwork/): queues, macros, rules, saved views, acts, followers, escalations.
ALTER TABLE cases ADD COLUMN team_id BIGINT;
CREATE INDEX cases_by_team ON cases (workspace_id, team_id, status, rank_at, id) WHERE team_id IS NOT NULL;
CREATE TABLE teams (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  name TEXT NOT NULL,
  assigning TEXT NOT NULL DEFAULT 'by_hand',      -- by_hand, by_load
  escalation_minutes BIGINT NOT NULL DEFAULT 480, -- what it promises for what is escalated to it
  created_at BIGINT NOT NULL,
  archived_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);
CREATE TABLE team_members (
  workspace_id BIGINT NOT NULL,
  team_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, team_id, user_id)
);
CREATE INDEX team_members_by_user ON team_members (workspace_id, user_id, team_id);
-- What somebody can do, and how much at a time.
CREATE TABLE member_work (
  workspace_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  capacity BIGINT NOT NULL DEFAULT 0,    -- open cases; 0: no limit
  skills TEXT NOT NULL DEFAULT '[]',
  languages TEXT NOT NULL DEFAULT '[]',  -- none: all
  away_until BIGINT,                     -- beside the roster's leaves: away from now on until then
  substitute_id BIGINT,
  last_given_at BIGINT NOT NULL DEFAULT 0,  -- when a case was given by load; who had none longest is next
  PRIMARY KEY (workspace_id, user_id)
);
CREATE TABLE team_settings (
  workspace_id BIGINT PRIMARY KEY,
  claim_on_open BIGINT NOT NULL DEFAULT 0
);
-- Macros, saved views and rules: a name and what it says.
CREATE TABLE desk_documents (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  kind TEXT NOT NULL,                    -- macro, view, rule
  name TEXT NOT NULL,
  owner_id BIGINT,                       -- NULL: shared by all
  enabled BIGINT NOT NULL DEFAULT 1,     -- rules
  place BIGINT NOT NULL,                 -- order among its kind
  body TEXT NOT NULL,                    -- JSON
  version BIGINT NOT NULL DEFAULT 1,
  uses BIGINT NOT NULL DEFAULT 0,
  enabled_seq BIGINT NOT NULL DEFAULT 0, -- rules: events up to here are not theirs
  updated_at BIGINT NOT NULL,
  updated_by BIGINT NOT NULL,
  removed_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX desk_documents_by_kind ON desk_documents (workspace_id, kind, place, id) WHERE removed_at IS NULL;
-- Several changes that are one act, for one case or many: a macro, bulk work, what a rule did. Taken back as a whole.
CREATE TABLE acts (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  source TEXT NOT NULL,                  -- macro, bulk, rule
  source_id BIGINT NOT NULL DEFAULT 0,   -- the macro's or rule's document
  trigger_key TEXT NOT NULL,             -- of a rule: what it acted upon; of others: the act's own id
  name TEXT NOT NULL,
  actions TEXT NOT NULL,                 -- JSON
  actor_id BIGINT NOT NULL,              -- 0: the desk itself
  state TEXT NOT NULL,                   -- running, done, cancelled, undoing, undone
  cases BIGINT NOT NULL,
  done BIGINT NOT NULL DEFAULT 0,
  refused BIGINT NOT NULL DEFAULT 0,
  not_undone BIGINT NOT NULL DEFAULT 0,
  created_at BIGINT NOT NULL,
  ended_at BIGINT,
  undone_by BIGINT,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX acts_once ON acts (workspace_id, source, source_id, trigger_key);
CREATE INDEX acts_by_source ON acts (workspace_id, source, source_id, id);
CREATE INDEX acts_running ON acts (state, id) WHERE state IN ('running', 'undoing');
CREATE TABLE act_cases (
  workspace_id BIGINT NOT NULL,
  act_id BIGINT NOT NULL,
  place BIGINT NOT NULL,
  case_id BIGINT NOT NULL,
  state TEXT NOT NULL,                   -- waiting, done, refused, cancelled, undone, not_undone
  why TEXT NOT NULL DEFAULT '',          -- of a refusal: its code
  undo TEXT NOT NULL DEFAULT '{}',       -- JSON: the events, and the draft as it was
  PRIMARY KEY (workspace_id, act_id, place)
);
CREATE INDEX act_cases_waiting ON act_cases (workspace_id, act_id, state, place);
-- Which rules led to an event, for some time: a rule never answers its own doing.
CREATE TABLE rule_events (
  seq BIGINT PRIMARY KEY,
  rules TEXT NOT NULL                    -- JSON array of ids, the first one first
);
CREATE TABLE case_followers (
  workspace_id BIGINT NOT NULL,
  case_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  since BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, case_id, user_id)
);
CREATE INDEX case_followers_by_user ON case_followers (workspace_id, user_id, case_id);
-- Asked of another department, with its own promise; the company's tracker may follow it.
CREATE TABLE escalations (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  case_id BIGINT NOT NULL,
  team_id BIGINT NOT NULL,
  note TEXT NOT NULL,
  state TEXT NOT NULL,                   -- open, done, withdrawn
  created_by BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  due_at BIGINT NOT NULL,
  ended_at BIGINT,
  told_broken BIGINT NOT NULL DEFAULT 0,
  tracker_status TEXT NOT NULL DEFAULT '',
  tracker_url TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX escalations_by_case ON escalations (workspace_id, case_id, id);
CREATE INDEX escalations_due ON escalations (due_at) WHERE state = 'open' AND told_broken = 0;

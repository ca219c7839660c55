-- How many posts each topic found, in buckets of 1 minute (kept 2 days), 10 minutes (60 days) and 60 minutes (for ever).
-- `start` is when the bucket begins, in Unix milliseconds. The hours of before come along.
ALTER TABLE topic_counts RENAME TO topic_counts_by_hour;
CREATE TABLE topic_counts (
  workspace_id BIGINT NOT NULL,
  topic_id BIGINT NOT NULL,
  minutes BIGINT NOT NULL,
  start BIGINT NOT NULL,
  posts BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, topic_id, minutes, start)
);
INSERT INTO topic_counts (workspace_id, topic_id, minutes, start, posts)
  SELECT workspace_id, topic_id, 60, hour * 3600000, posts FROM topic_counts_by_hour;
DROP TABLE topic_counts_by_hour;
CREATE INDEX topic_counts_passing ON topic_counts (minutes, start) WHERE minutes < 60;

-- What a person set about a topic's alarms; no row: the learnt rule alone.
CREATE TABLE alarm_rules (
  workspace_id BIGINT NOT NULL,
  topic_id BIGINT NOT NULL,
  learnt BIGINT NOT NULL,                -- 1: the learnt rule is on
  posts BIGINT NOT NULL,                 -- hand-set: so many posts …
  minutes BIGINT NOT NULL,               -- … in so many minutes; 0: off
  PRIMARY KEY (workspace_id, topic_id)
);
CREATE TABLE alarms (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  topic_id BIGINT NOT NULL,
  rule TEXT NOT NULL,                    -- learnt, set
  started_at BIGINT NOT NULL,
  ended_at BIGINT,
  last_high_at BIGINT NOT NULL,          -- when it was last above
  minutes BIGINT NOT NULL,               -- "12 in the last 10 minutes, usually 2": 10 …
  posts BIGINT NOT NULL,                 -- … 12, at its beginning …
  usual DOUBLE PRECISION NOT NULL,       -- … 2; for a hand-set rule its number
  peak_posts BIGINT NOT NULL,
  severity BIGINT NOT NULL,              -- 1 to 10, the greatest so far
  PRIMARY KEY (workspace_id, id)
);
-- Raised once: a rule of a topic has one open alarm.
CREATE UNIQUE INDEX alarms_open ON alarms (workspace_id, topic_id, rule) WHERE ended_at IS NULL;
CREATE INDEX alarms_by_topic ON alarms (workspace_id, topic_id, id);

-- What people are told. The key makes it one, however often it is said.
CREATE TABLE notices (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  dedupe_key TEXT NOT NULL,
  kind TEXT NOT NULL,                    -- alarm.raised …; the words are i18n "notice.KIND.…"
  severity BIGINT NOT NULL,              -- 1 to 10
  data TEXT NOT NULL DEFAULT '{}',       -- what the words need
  created_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX notices_by_key ON notices (workspace_id, dedupe_key);
-- One row a notice, way and receiver: each is told once.
CREATE TABLE tellings (
  workspace_id BIGINT NOT NULL,
  notice_id BIGINT NOT NULL,
  way TEXT NOT NULL,                     -- console, mail, webhook
  receiver_id BIGINT NOT NULL,           -- user, or webhook
  state TEXT NOT NULL,                   -- waiting, told, failed
  attempts BIGINT NOT NULL DEFAULT 0,
  next_at BIGINT,                        -- when to act next; NULL: nothing to do
  error TEXT NOT NULL DEFAULT '',
  told_at BIGINT,
  read_at BIGINT,                        -- console
  PRIMARY KEY (workspace_id, way, receiver_id, notice_id)
);
CREATE INDEX tellings_due ON tellings (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX tellings_unread ON tellings (workspace_id, receiver_id) WHERE way = 'console' AND read_at IS NULL;
CREATE TABLE notification_settings (
  workspace_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  settings TEXT NOT NULL,                -- {"mail", "least_severity", "quiet": {"from", "until"}, "time_zone"}
  PRIMARY KEY (workspace_id, user_id)
);
CREATE TABLE webhooks (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  name TEXT NOT NULL,
  url TEXT NOT NULL,
  secret BLOB NOT NULL,                  -- sealed
  enabled BIGINT NOT NULL DEFAULT 1,
  created_by BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  removed_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);

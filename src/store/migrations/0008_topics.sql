-- A topic is a query now. `keywords` and `excluded` are what it was before; the program writes the query of a topic that
-- has none from them when it starts (listening/topic_query.cpp), because only it knows how words are quoted.
ALTER TABLE topics ADD COLUMN query TEXT NOT NULL DEFAULT '';
ALTER TABLE topics ADD COLUMN folding TEXT NOT NULL DEFAULT '{}';     -- what is the same to it: {"kana": true, …}
ALTER TABLE topics ADD COLUMN themes TEXT NOT NULL DEFAULT '[]';      -- [{"id", "name", "query"}], divide its posts
ALTER TABLE topics ADD COLUMN mutes TEXT NOT NULL DEFAULT '{}';       -- {"authors": [], "bots": true, "giveaways": true}
ALTER TABLE topics ADD COLUMN is_competitor BIGINT NOT NULL DEFAULT 0;
-- Which posts a topic found, and what of them was counted, so that a deletion takes away what it had added.
CREATE TABLE topic_posts (
  workspace_id BIGINT NOT NULL,
  topic_id BIGINT NOT NULL,
  post_id BIGINT NOT NULL,
  hour BIGINT NOT NULL,                  -- of the counters, Unix milliseconds / 3,600,000
  identity_id BIGINT NOT NULL,
  network TEXT NOT NULL,
  facts TEXT NOT NULL,                   -- {"word": […], "link": […], "theme": […]}
  PRIMARY KEY (workspace_id, topic_id, post_id)
);
CREATE INDEX topic_posts_by_hour ON topic_posts (workspace_id, topic_id, hour, post_id);
CREATE INDEX topic_posts_by_post ON topic_posts (workspace_id, post_id);
-- The dashboard's counters, kept while posts come in: post, network, author, word, link, theme.
CREATE TABLE topic_facts (
  workspace_id BIGINT NOT NULL,
  topic_id BIGINT NOT NULL,
  kind TEXT NOT NULL,
  hour BIGINT NOT NULL,
  value TEXT NOT NULL,
  posts BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, topic_id, kind, hour, value)
);
-- What the team wanted and what it skipped: the newest decision of each found case, and how often each word stood in
-- wanted and in skipped ones. topic_id 0: all topics of the workspace; word '': the cases themselves.
CREATE TABLE topic_decisions (
  workspace_id BIGINT NOT NULL,
  case_id BIGINT NOT NULL,
  wanted BIGINT NOT NULL,
  facts TEXT NOT NULL,                   -- what was learnt from it: {"topics": […], "words": […]}
  decided_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, case_id)
);
CREATE TABLE topic_lessons (
  workspace_id BIGINT NOT NULL,
  topic_id BIGINT NOT NULL,
  word TEXT NOT NULL,
  wanted BIGINT NOT NULL,
  skipped BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, topic_id, word)
);
-- How likely the team wants a found case, 0 … 100; a folded one stands below the fold of the found list.
CREATE TABLE case_relevance (
  workspace_id BIGINT NOT NULL,
  case_id BIGINT NOT NULL,
  score BIGINT NOT NULL,
  folded BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, case_id)
);
CREATE INDEX case_relevance_folded ON case_relevance (workspace_id, case_id) WHERE folded = 1;

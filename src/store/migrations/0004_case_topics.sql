-- Rows of cases say which topics wanted them.
CREATE INDEX case_topics_by_case ON case_topics (workspace_id, case_id, topic_id);

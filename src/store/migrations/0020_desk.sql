-- A request whose answer was lost on the way is sent again, and must be done once: what it made the first time.
CREATE TABLE done_requests (
  workspace_id BIGINT NOT NULL,
  user_id BIGINT NOT NULL,
  request_id TEXT NOT NULL,
  subject_id BIGINT NOT NULL,            -- the note, act or case
  done_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, user_id, request_id)
);
CREATE INDEX done_requests_by_time ON done_requests (workspace_id, done_at);
-- What ends a matter is refused for cases in which a customer wrote after this id was made; 0: for none.
ALTER TABLE acts ADD COLUMN seen_id BIGINT NOT NULL DEFAULT 0;

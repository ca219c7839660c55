-- The search index (src/search): our own tokens with their positions, each with its workspace in front.
CREATE TABLE post_index (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  tokens TSVECTOR NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX post_index_tokens ON post_index USING gin (tokens);
CREATE TABLE identity_index (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  tokens TSVECTOR NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX identity_index_tokens ON identity_index USING gin (tokens);
CREATE TABLE case_index (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  tokens TSVECTOR NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX case_index_tokens ON case_index USING gin (tokens);
CREATE INDEX cases_by_number ON cases (workspace_id, number);

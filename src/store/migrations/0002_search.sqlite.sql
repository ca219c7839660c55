-- The search index (src/search): our own tokens, separated by spaces, each with its workspace in front. Contentless:
-- the text itself stands in posts, identities and cases; to remove an entry its tokens are made again.
CREATE VIRTUAL TABLE post_index USING fts5(tokens, content = '', columnsize = 0, tokenize = 'spaces');
CREATE VIRTUAL TABLE identity_index USING fts5(tokens, content = '', columnsize = 0, tokenize = 'spaces');
CREATE VIRTUAL TABLE case_index USING fts5(tokens, content = '', columnsize = 0, tokenize = 'spaces');
CREATE INDEX cases_by_number ON cases (workspace_id, number);

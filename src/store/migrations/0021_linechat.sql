-- The small version of a picture, for networks that show that first.
ALTER TABLE attachments ADD COLUMN preview_id BIGINT NOT NULL DEFAULT 0;

-- The chat forgets: conversations after the account's time, uploads that were never sent after a day.
UPDATE chat_visitors SET seen_at = COALESCE((SELECT MAX(m.at) FROM chat_messages m WHERE
  m.workspace_id = chat_visitors.workspace_id AND m.visitor_id = chat_visitors.id), seen_at);
CREATE INDEX chat_visitors_by_last ON chat_visitors (workspace_id, account_id, seen_at);
ALTER TABLE chat_files ADD COLUMN sent BIGINT NOT NULL DEFAULT 1;
CREATE INDEX chat_tokens_by_visitor ON chat_tokens (workspace_id, visitor_id);
CREATE INDEX chat_files_unsent ON chat_files (created_at) WHERE sent = 0;

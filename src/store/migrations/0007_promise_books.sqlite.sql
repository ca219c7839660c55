-- The one promise a workspace could set before becomes the first version of its book.
INSERT INTO promise_documents (workspace_id, kind, version, body, changed_at, changed_by)
  SELECT id, 'book', 1,
    '{"calendars":[{"key":"always","name":"","time_zone":"' || time_zone || '","always_open":true}],"policies":[{"key":"default","name":"","calendar":"always","first_reply":{"inside_minutes":' || CAST(json_extract(settings, '$.first_reply_minutes') AS BIGINT) || ',"outside_minutes":720}}]}', created_at, 0
  FROM workspaces WHERE json_extract(settings, '$.first_reply_minutes') IS NOT NULL AND CAST(json_extract(settings, '$.first_reply_minutes') AS BIGINT) <> 60;
UPDATE cases SET promise_book = 1 WHERE workspace_id IN (SELECT workspace_id FROM promise_documents);

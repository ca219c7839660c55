-- Answers that somebody writes by hand on the network's page: an account with one outstanding looks for its own posts.
CREATE INDEX outbox_by_hand ON outbox (workspace_id, account_id, created_at) WHERE state IN ('elsewhere', 'done_there');

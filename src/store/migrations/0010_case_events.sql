-- The index of events by case leaves out post.received: a case's own posts tell of it, and it is most of the log.
DROP INDEX events_by_case;
CREATE INDEX events_by_case ON events (workspace_id, case_id, seq) WHERE kind <> 'post.received';

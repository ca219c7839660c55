-- Who gets a reply beside the customer, kept while a second person decides.
ALTER TABLE approvals ADD COLUMN copy_to TEXT NOT NULL DEFAULT '[]';
-- What must be looked up comes before what is new.
CREATE INDEX outbox_in_doubt ON outbox (next_at) WHERE state IN ('sending', 'unclear');

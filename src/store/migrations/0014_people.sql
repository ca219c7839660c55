-- The customer card (src/people): persons joined and taken apart again, fields of the desk's own, and what the company's
-- own system says of a customer.
-- A person joined into another one stays as it was, with its note, groups and values, so that undo is exact.
ALTER TABLE persons ADD COLUMN merged_into BIGINT;
CREATE INDEX persons_merged ON persons (workspace_id, merged_into) WHERE merged_into IS NOT NULL;
CREATE TABLE person_changes (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  kind TEXT NOT NULL,                    -- merge, split
  person_id BIGINT NOT NULL,             -- who stays
  other_id BIGINT NOT NULL,              -- who went into them, or came out of them
  undo TEXT NOT NULL,                    -- JSON, src/people/joining.cpp
  done_by BIGINT NOT NULL,
  done_at BIGINT NOT NULL,
  undone_by BIGINT,
  undone_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX person_changes_by_person ON person_changes (workspace_id, person_id, id);
CREATE INDEX person_changes_by_other ON person_changes (workspace_id, other_id, id);
-- Pairs that somebody said are two people; person_id < other_id.
CREATE TABLE person_apart (
  workspace_id BIGINT NOT NULL,
  person_id BIGINT NOT NULL,
  other_id BIGINT NOT NULL,
  said_by BIGINT NOT NULL,
  said_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, person_id, other_id)
);
CREATE INDEX person_apart_by_other ON person_apart (workspace_id, other_id, person_id);
-- E-mail addresses and telephone numbers of customers in one form, to find the same one elsewhere.
CREATE TABLE contact_keys (
  workspace_id BIGINT NOT NULL,
  contact TEXT NOT NULL,                 -- mail:anna@example.jp, tel:+819012345678
  holder TEXT NOT NULL,                  -- identity, person
  holder_id BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, contact, holder, holder_id)
);
CREATE INDEX contact_keys_by_holder ON contact_keys (workspace_id, holder, holder_id);

CREATE TABLE person_fields (
  workspace_id BIGINT PRIMARY KEY,
  version BIGINT NOT NULL,
  fields TEXT NOT NULL,                  -- JSON, src/people/fields.hpp
  changed_by BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);
CREATE TABLE person_values (
  workspace_id BIGINT NOT NULL,
  person_id BIGINT NOT NULL,
  field_id BIGINT NOT NULL,
  value TEXT NOT NULL,                   -- JSON
  PRIMARY KEY (workspace_id, person_id, field_id)
);

CREATE TABLE customer_sources (
  workspace_id BIGINT PRIMARY KEY,
  url TEXT NOT NULL,
  secret BLOB NOT NULL,                  -- sealed
  enabled BIGINT NOT NULL,
  keep_minutes BIGINT NOT NULL,
  changed_by BIGINT NOT NULL,
  changed_at BIGINT NOT NULL
);
-- The last good answer about a person, and what went wrong since.
CREATE TABLE customer_facts (
  workspace_id BIGINT NOT NULL,
  person_id BIGINT NOT NULL,
  cards TEXT NOT NULL,                   -- JSON, as shown
  fetched_at BIGINT,
  error_code TEXT NOT NULL DEFAULT '',
  error TEXT NOT NULL DEFAULT '',
  error_at BIGINT,
  PRIMARY KEY (workspace_id, person_id)
);

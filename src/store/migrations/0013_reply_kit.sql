-- What a reply is made of: saved replies, the assets they point to, reward codes, and links into a private place.
CREATE TABLE saved_replies (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  folder TEXT NOT NULL DEFAULT '',
  name TEXT NOT NULL,
  code TEXT NOT NULL DEFAULT '',         -- short code, folded; '' = none
  variants TEXT NOT NULL,                -- [{"language":…,"text":…}], src/reply/saved/saved_reply.hpp
  needs_word BIGINT NOT NULL DEFAULT 0,  -- 1: not sent without a word for this customer
  is_thanks BIGINT NOT NULL DEFAULT 0,   -- 1: one of those that thank in one key
  uses BIGINT NOT NULL DEFAULT 0,
  edited_uses BIGINT NOT NULL DEFAULT 0, -- of them, with other words than the saved ones
  last_used_at BIGINT NOT NULL DEFAULT 0,
  version BIGINT NOT NULL DEFAULT 1,
  created_by BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  updated_by BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  archived_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX saved_replies_by_code ON saved_replies (workspace_id, code) WHERE code <> '' AND archived_at IS NULL;
CREATE TABLE saved_reply_uses (
  workspace_id BIGINT NOT NULL,
  outbox_id BIGINT NOT NULL,
  saved_reply_id BIGINT NOT NULL,
  case_id BIGINT NOT NULL,
  target_post_id BIGINT NOT NULL,        -- what it answered
  edited BIGINT NOT NULL,
  used_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, outbox_id)
);
CREATE INDEX saved_reply_uses_by_reply ON saved_reply_uses (workspace_id, saved_reply_id, outbox_id);
-- Links, words and pictures with one source of truth: replies point to the key.
CREATE TABLE reply_assets (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  asset_key TEXT NOT NULL,               -- folded; {{asset:KEY}}
  name TEXT NOT NULL,
  kind TEXT NOT NULL,                    -- link, text, image
  variants TEXT NOT NULL DEFAULT '[]',   -- as of saved_replies, for link and text
  attachment_id BIGINT,                  -- for image
  version BIGINT NOT NULL DEFAULT 1,
  updated_by BIGINT NOT NULL,
  updated_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX reply_assets_by_key ON reply_assets (workspace_id, asset_key);

CREATE TABLE reward_lists (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  list_key TEXT NOT NULL,                -- folded; {{reward:KEY}}
  name TEXT NOT NULL,
  warn_below BIGINT NOT NULL DEFAULT 20, -- fewer free codes than this: tell
  created_by BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  archived_at BIGINT,
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX reward_lists_by_key ON reward_lists (workspace_id, list_key) WHERE archived_at IS NULL;
CREATE TABLE reward_codes (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  list_id BIGINT NOT NULL,
  code TEXT NOT NULL,
  state TEXT NOT NULL DEFAULT 'free',    -- free, reserved, given
  identity_id BIGINT,                    -- for whom; the identity, so that it stays right when persons are joined
  case_id BIGINT,
  held_by BIGINT,                        -- user
  held_at BIGINT,                        -- reserved or given then
  outbox_id BIGINT,                      -- given: the reply that carries it
  PRIMARY KEY (workspace_id, id)
);
CREATE UNIQUE INDEX reward_codes_by_code ON reward_codes (workspace_id, list_id, code);
CREATE INDEX reward_codes_by_state ON reward_codes (workspace_id, list_id, state, id);
CREATE INDEX reward_codes_by_identity ON reward_codes (workspace_id, identity_id) WHERE identity_id IS NOT NULL;
CREATE INDEX reward_codes_by_case ON reward_codes (workspace_id, case_id) WHERE case_id IS NOT NULL;
CREATE INDEX reward_codes_by_outbox ON reward_codes (workspace_id, outbox_id) WHERE outbox_id IS NOT NULL;

-- A link into a private place that brings its case along. Whoever comes by it first is who it stands for from then on.
CREATE TABLE private_links (
  workspace_id BIGINT NOT NULL,
  id BIGINT NOT NULL,
  token_hash TEXT NOT NULL UNIQUE,       -- SHA-256, hex
  case_id BIGINT NOT NULL,
  account_id BIGINT NOT NULL,            -- the private place it leads to
  outbox_id BIGINT NOT NULL,             -- the reply that carries it
  was_public BIGINT NOT NULL,            -- 1: everybody could read that reply
  created_by BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  used_at BIGINT,
  identity_id BIGINT,                    -- who came
  conversation_id BIGINT,
  PRIMARY KEY (workspace_id, id)
);
CREATE INDEX private_links_by_case ON private_links (workspace_id, case_id, id);
CREATE INDEX private_links_by_outbox ON private_links (workspace_id, outbox_id);
ALTER TABLE approvals ADD COLUMN saved_reply_id BIGINT;

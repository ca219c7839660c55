-- How low a list stood when that was last told: 0 enough, 1 low, 2 nothing left.
ALTER TABLE reward_lists ADD COLUMN stock_told BIGINT NOT NULL DEFAULT 0;
-- When the reply that carries the link had left: before that nothing was offered.
ALTER TABLE private_links ADD COLUMN offered_at BIGINT;
UPDATE private_links SET offered_at = created_at;
-- The customer's number at the brand: as a channel proved it, and as somebody at the desk wrote it down.
ALTER TABLE identities ADD COLUMN customer_id TEXT NOT NULL DEFAULT '';
ALTER TABLE persons ADD COLUMN customer_id TEXT NOT NULL DEFAULT '';

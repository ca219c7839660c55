-- Why an escalation is due when it is: the days that were counted when it was made.
ALTER TABLE escalations ADD COLUMN plan TEXT NOT NULL DEFAULT '';
-- A notice names no customer: who it is, is read through the case when it is shown (src/notify/customer.hpp).
UPDATE notices SET data = (data::jsonb - 'name' - 'title' || jsonb_build_object('of_customer', true, 'case_id',
  substr(data::jsonb ->> 'path', 11)))::text WHERE data::jsonb ->> 'path' LIKE '/all/case/%' AND kind IN
  ('assigned', 'escalation_broken', 'escalation_created', 'escalation_done', 'followed_assigned', 'followed_note',
  'followed_post', 'followed_resolved', 'handed_over', 'mentioned', 'rule', 'standing_in');

-- Why an escalation is due when it is: the days that were counted when it was made.
ALTER TABLE escalations ADD COLUMN plan TEXT NOT NULL DEFAULT '';
-- A notice names no customer: who it is, is read through the case when it is shown (src/notify/customer.hpp).
UPDATE notices SET data = json_set(json_remove(data, '$.name', '$.title'), '$.of_customer', json('true'), '$.case_id',
  substr(json_extract(data, '$.path'), 11)) WHERE json_extract(data, '$.path') LIKE '/all/case/%' AND kind IN
  ('assigned', 'escalation_broken', 'escalation_created', 'escalation_done', 'followed_assigned', 'followed_note',
  'followed_post', 'followed_resolved', 'handed_over', 'mentioned', 'rule', 'standing_in');

-- What triage says of the posts that wait in a case (src/cases/case_triage.hpp); '' = never judged.
ALTER TABLE cases ADD COLUMN triage TEXT NOT NULL DEFAULT '';

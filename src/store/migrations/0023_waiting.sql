-- Who waits, by the time since when: rules on time look at those whose time has come (src/teamwork/waiting_rules.hpp).
CREATE INDEX cases_waiting ON cases (workspace_id, waiting_since, id) WHERE status = 'open' AND waiting_since IS NOT NULL;

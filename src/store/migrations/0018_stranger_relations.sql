-- Who follows us and has not written yet: known on their card once they write.
CREATE TABLE stranger_relations (
  workspace_id BIGINT NOT NULL,
  network TEXT NOT NULL,
  external_id TEXT NOT NULL,
  relation TEXT NOT NULL,
  relation_at BIGINT NOT NULL,
  PRIMARY KEY (workspace_id, network, external_id)
);

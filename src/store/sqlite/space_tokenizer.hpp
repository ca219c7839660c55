#pragma once
// An FTS5 tokenizer named "spaces" that splits at spaces and changes nothing: our own text/ makes the tokens,
// for both stores alike, and the index has to take them as they are.

struct sqlite3;

namespace kiki::store::sqlite {

// Returns an SQLite result code. Every connection that touches an index needs it.
int register_space_tokenizer(sqlite3* db);

}  // namespace kiki::store::sqlite

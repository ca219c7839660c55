// The smallest possible tokenizer, after https://www.sqlite.org/fts5.html#custom_tokenizers

#include "store/sqlite/space_tokenizer.hpp"

#include <sqlite3.h>

namespace kiki::store::sqlite {
namespace {

int create(void*, const char**, int, Fts5Tokenizer** out) {
  static char nothing = 0;  // there is no state, but FTS5 wants a pointer
  *out = reinterpret_cast<Fts5Tokenizer*>(&nothing);
  return SQLITE_OK;
}

void destroy(Fts5Tokenizer*) {}

int tokenize(Fts5Tokenizer*, void* context, int, const char* text, int bytes,
             int (*token)(void*, int, const char*, int, int, int)) {
  for (int i = 0; i < bytes;) {
    if (text[i] == ' ') {
      ++i;
      continue;
    }
    int end = i;
    while (end < bytes && text[end] != ' ') ++end;
    const int code = token(context, 0, text + i, end - i, i, end);
    if (code != SQLITE_OK) return code;
    i = end;
  }
  return SQLITE_OK;
}

}  // namespace

int register_space_tokenizer(sqlite3* db) {
  fts5_api* api = nullptr;
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v2(db, "SELECT fts5(?1)", -1, &statement, nullptr);
  if (code != SQLITE_OK) return code;
  sqlite3_bind_pointer(statement, 1, static_cast<void*>(&api), "fts5_api_ptr", nullptr);
  sqlite3_step(statement);
  code = sqlite3_finalize(statement);
  if (code != SQLITE_OK) return code;
  if (api == nullptr) return SQLITE_ERROR;
  fts5_tokenizer spaces{create, destroy, tokenize};
  return api->xCreateTokenizer(api, "spaces", nullptr, &spaces, nullptr);
}

}  // namespace kiki::store::sqlite

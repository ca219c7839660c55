// Chooses the store by the scheme of the URL.

#include "store/database.hpp"
#include "store/postgres/postgres_database.hpp"
#include "store/sqlite/sqlite_database.hpp"

namespace kiki::store {

Result<std::unique_ptr<Database>> open(const OpenOptions& options) {
  const std::string_view url = options.url;
  if (url.starts_with("sqlite:")) {
    auto path = url.substr(7);
    if (path.starts_with("//")) path.remove_prefix(2);
    if (path.empty() || path.ends_with('/')) return invalid("store.url names no file", "store.url");
    return sqlite::open_database(std::string(path), options.readers, options.migrate);
  }
  if (url.starts_with("postgresql://") || url.starts_with("postgres://")) {
    return postgres::open_database(options.url, options.readers, options.migrate);
  }
  return invalid("store.url is neither sqlite:///path nor postgresql://…", "store.url");
}

}  // namespace kiki::store

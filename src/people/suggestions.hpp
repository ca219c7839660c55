#pragma once
// Who else may be this customer: the same e-mail address, telephone number, handle or name, each said as a
// reason. What many share says nothing. A pair that somebody kept apart is not suggested again, nor are those
// joined into one of them.

#include <boost/json/fwd.hpp>
#include <string>
#include <vector>

#include "base/error.hpp"
#include "base/ids.hpp"
#include "people/people.hpp"
#include "store/database.hpp"

namespace kiki::people {

struct SamePersonReason {
  std::string kind;  // email, phone, handle, name
  std::string text;  // as it is written here
};
struct Suggested {
  Person person;
  std::vector<SamePersonReason> reasons;  // strongest first
};
// The likeliest first, at most 10.
Result<std::vector<Suggested>> suggest_same(store::Connection& db, Id workspace_id, Id person_id);

// People by name, handle, e-mail address or telephone number, newest first.
Result<std::vector<Person>> find_people(store::Connection& db, Id workspace_id, std::string_view query,
                                        std::size_t limit);

boost::json::object to_json(const Suggested& suggested);

}  // namespace kiki::people

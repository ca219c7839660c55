#pragma once
// L.E.A.R.N. for an answer to a complaint: listen, empathise, apologise, respond, and now. Which of the five
// the text has, by words; a light frame to look at, which holds nothing back.

#include <boost/json/fwd.hpp>
#include <string_view>

#include "base/json.hpp"

namespace kiki::reply::checks {

struct Learn {
  bool listen = false;     // takes up what they said, or thanks them for saying it
  bool empathise = false;  // says that it is understood
  bool apologise = false;
  bool respond = false;  // says what it was, or what we did
  bool now = false;      // says what comes next, and when
  friend bool operator==(const Learn&, const Learn&) = default;
};

Learn learn_of(std::string_view text, std::string_view customer_text);
json::object to_json(const Learn& learn);

}  // namespace kiki::reply::checks

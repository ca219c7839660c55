// Persons and identities as the API shows them.

#include <boost/json.hpp>

#include "people/people.hpp"

namespace kiki::people {

boost::json::object to_json(const Identity& identity) {
  boost::json::object body;
  body["id"] = to_string(identity.id);
  body["network"] = identity.network;
  body["external_id"] = identity.external_id;
  body["handle"] = identity.handle;
  body["name"] = identity.name;
  body["avatar_url"] = identity.avatar_url;
  body["bio"] = identity.bio;
  if (identity.followers) {
    body["followers"] = *identity.followers;
  } else {
    body["followers"] = nullptr;
  }
  body["url"] = identity.url;
  body["relation"] = identity.relation;
  body["customer_id"] = identity.customer_id;
  return body;
}

boost::json::object to_json(const Person& person) {
  boost::json::array identities;
  for (const auto& identity : person.identities) identities.push_back(to_json(identity));
  boost::json::object body;
  body["id"] = to_string(person.id);
  body["name"] = person.name;
  body["note"] = person.note;
  body["identities"] = std::move(identities);
  boost::json::array groups;
  for (const auto& group : person.groups) groups.emplace_back(group);
  body["groups"] = std::move(groups);
  boost::json::object values;
  for (const auto& [field_id, value] : person.values) {
    boost::system::error_code bad;
    auto parsed = boost::json::parse(value, bad);
    if (!bad) values[to_string(field_id)] = std::move(parsed);
  }
  body["values"] = std::move(values);
  body["customer_id"] = person.customer_id;
  body["case_count"] = person.case_count;
  body["created_at"] = to_rfc3339(person.created_at);
  return body;
}

}  // namespace kiki::people

#include "reply/copies.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "net/mail_client.hpp"

namespace kiki::reply {
namespace {

json::object receiver_json(const channels::Receiver& one, std::string_view role) {
  return {{"role", role}, {"name", one.name}, {"address", one.address}, {"us", one.is_us}};
}

}  // namespace

Result<std::vector<channels::Receiver>> read_receivers(JsonView list) {
  std::vector<channels::Receiver> out;
  if (!list.is_array()) return out;
  TRY(list.each([&](JsonView one) -> Result<void> {
    channels::Receiver read;
    read.role = one["role"].text();
    read.name = one["name"].text();
    read.address = one["address"].text();
    read.is_us = TRY(one["us"].boolean_or(false));
    if (!read.address.empty()) out.push_back(std::move(read));
    return {};
  }));
  return out;
}

std::string_view no_copy_because(std::string_view address, const std::vector<std::string>& our_mailboxes) {
  if (!net::address_of(address).ok()) return "no_address";
  const auto is_ours = [&](std::string_view mailbox) { return net::is_in_mailbox(address, mailbox); };
  return std::any_of(our_mailboxes.begin(), our_mailboxes.end(), is_ours) ? "our_mailbox" : "";
}

Result<std::vector<channels::Receiver>> chosen_copies(const std::vector<channels::Receiver>& receivers,
                                                      const std::vector<std::string>& addresses,
                                                      const std::vector<std::string>& our_mailboxes) {
  std::vector<channels::Receiver> out;
  if (addresses.size() > kCopiesLimit) return invalid("Too many copies.", "/copy_to");
  const auto answered =
      std::find_if(receivers.begin(), receivers.end(), [](const auto& one) { return one.role == "answer"; });
  for (std::size_t i = 0; i < addresses.size(); ++i) {
    const auto found = std::find_if(receivers.begin(), receivers.end(), [&](const auto& one) {
      return one.role != "answer" && !one.is_us && one.address == addresses[i];
    });
    if (found == receivers.end()) {
      return Error{ErrorKind::kInvalid, "The post that is answered did not go to this address.",
                   "/copy_to/" + std::to_string(i), "stranger", 0};
    }
    if (const auto why = no_copy_because(found->address, our_mailboxes); !why.empty()) {
      return Error{
          ErrorKind::kInvalid,
          why == "our_mailbox" ? "This is a mailbox of ours." : "No mail can be sent to this address.",
          "/copy_to/" + std::to_string(i), std::string(why), 0};
    }
    // Whom it answers gets it anyway, and nobody gets it twice.
    const bool twice =
        (answered != receivers.end() && answered->address == found->address) ||
        std::any_of(out.begin(), out.end(), [&](const auto& one) { return one.address == found->address; });
    if (twice) continue;
    out.push_back(*found);
    out.back().role = "cc";
  }
  return out;
}

json::array copies_json(const std::vector<channels::Receiver>& copies) {
  json::array list;
  for (const auto& one : copies) list.push_back(receiver_json(one, "cc"));
  return list;
}

json::array receivers_of_reply(const std::vector<channels::Receiver>& answered,
                               const std::vector<channels::Receiver>& copies) {
  json::array list;
  for (const auto& one : answered) {
    if (one.role == "answer") list.push_back(receiver_json(one, "to"));
  }
  for (const auto& one : copies) list.push_back(receiver_json(one, "cc"));
  return list;
}

}  // namespace kiki::reply

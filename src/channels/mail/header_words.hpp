#pragma once
// Header fields as people wrote them: RFC 2047 words (also cut inside a character), RFC 2231 parameters,
// bytes without any encoding, and addresses.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kiki::channels::mail {

// The fields before the first empty line, in order; names in lower case, values raw with their folds.
class Headers {
 public:
  static Headers read(std::string_view message);
  std::string_view get(std::string_view lower_name) const;  // the first one; "" when there is none
  std::vector<std::string_view> all(std::string_view lower_name) const;
  bool has(std::string_view lower_name) const { return !all(lower_name).empty(); }
  void add(std::string_view name, std::string_view raw_value);
  void replace(std::string_view lower_name, std::string_view raw_value);  // "" takes it away

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

// One line of UTF-8.
std::string decode_header(std::string_view raw);

struct MailAddress {
  std::string name;
  std::string address;  // lower case
};
// At most `limit`; what is no address is left out.
std::vector<MailAddress> read_addresses(std::string_view raw, std::size_t limit = 100);

// "<a@b>" of Message-ID, In-Reply-To, References; without the brackets, in order, at most `limit`.
std::vector<std::string> read_message_ids(std::string_view raw, std::size_t limit = 200);

// A parameter of Content-Type or Content-Disposition; "" when there is none.
std::string read_parameter(std::string_view raw, std::string_view lower_name);

// What may be the name of a file here: no folder, no control or direction characters, 200 bytes.
std::string clean_file_name(std::string_view name);

std::string lower_ascii(std::string_view text);
std::string_view trimmed(std::string_view text);

}  // namespace kiki::channels::mail

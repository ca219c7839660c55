#pragma once
// Links to pictures of ours that a network fetches by itself: signed, for some days, and for nothing else.

#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"

namespace kiki::delivery {

class PublicLinks {
 public:
  // `base_url` "": this desk has no address that others can reach.
  PublicLinks(std::string key, std::string base_url, const Clock& clock)
      : key_(std::move(key)), base_url_(std::move(base_url)), clock_(clock) {}

  std::string url_of(Id workspace_id, Id attachment_id) const;  // "" without a base_url
  struct Named {
    Id workspace_id = 0;
    Id attachment_id = 0;
  };
  // kNotFound for what we did not sign, and for what has expired.
  Result<Named> read(std::string_view token) const;

 private:
  std::string signature(std::string_view named) const;

  const std::string key_;
  const std::string base_url_;
  const Clock& clock_;
};

}  // namespace kiki::delivery

#pragma once
// The LINE channel: messages of a LINE Official Account by webhook; answers by reply token while it is fresh,
// by push with a retry key otherwise. Everything else in this folder is behind this header.

#include <cstdint>
#include <memory>
#include <string>

#include "channels/contract/channel.hpp"

namespace kiki::channels {

struct LineOptions {
  std::string api_url = "https://api.line.me";
  std::string data_api_url = "https://api-data.line.me";  // files of messages: another host
  std::int64_t check_interval_ms = 600'000;  // is the token good, does LINE still call us, what is used
};

std::unique_ptr<Channel> make_line_channel(Tools tools, LineOptions options = {});

}  // namespace kiki::channels

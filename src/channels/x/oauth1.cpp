#include "channels/x/oauth1.hpp"

#include <algorithm>

#include "net/hmac.hpp"

namespace kiki::channels::x {

namespace {

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      out.push_back(' ');
    } else if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
               hex_digit(text[i + 2]) >= 0) {
      out.push_back(static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

// RFC 5849, 3.4.1.2: scheme and host in small letters, without the scheme's own port, query and fragment.
std::string base_uri(std::string_view url) {
  std::string out(url.substr(0, std::min(url.find_first_of("?#"), url.size())));
  const auto scheme_end = out.find("://");
  if (scheme_end == std::string::npos) return out;
  const auto host_end = std::min(out.find('/', scheme_end + 3), out.size());
  std::transform(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(host_end), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  const std::string_view port = out.starts_with("https:") ? ":443" : ":80";
  if (std::string_view(out).substr(0, host_end).ends_with(port)) {
    out.erase(host_end - port.size(), port.size());
  }
  return out;
}

Params oauth_params(const OAuth1Keys& keys, const SignedCall& call, std::string_view nonce,
                    std::int64_t timestamp_s) {
  Params params = {{"oauth_consumer_key", keys.consumer_key},
                   {"oauth_nonce", std::string(nonce)},
                   {"oauth_signature_method", "HMAC-SHA1"},
                   {"oauth_timestamp", std::to_string(timestamp_s)},
                   {"oauth_version", "1.0"}};
  if (!keys.token.empty()) params.emplace_back("oauth_token", keys.token);
  params.insert(params.end(), call.extra.begin(), call.extra.end());
  return params;
}

}  // namespace

Params read_form(std::string_view text) {
  Params params;
  while (!text.empty()) {
    const auto pair = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    params.emplace_back(decoded(pair.substr(0, equals)),
                        decoded(pair.substr(std::min(equals + 1, pair.size()))));
  }
  return params;
}

std::string write_form(const Params& params) {
  std::string out;
  for (const auto& [key, value] : params) {
    if (!out.empty()) out.push_back('&');
    out += net::percent_encode(key) + "=" + net::percent_encode(value);
  }
  return out;
}

std::string_view value_of(const Params& params, std::string_view key) {
  for (const auto& [name, value] : params) {
    if (name == key) return value;
  }
  return {};
}

std::string oauth1_signature(const OAuth1Keys& keys, const SignedCall& call, std::string_view nonce,
                             std::int64_t timestamp_s) {
  auto params = oauth_params(keys, call, nonce, timestamp_s);
  params.insert(params.end(), call.form.begin(), call.form.end());
  if (const auto query = call.url.find('?'); query != std::string_view::npos) {
    const auto rest = call.url.substr(query + 1);
    for (auto& pair : read_form(rest.substr(0, rest.find('#')))) params.push_back(std::move(pair));
  }
  // Sorted by what is encoded, not by what it means.
  for (auto& [key, value] : params) {
    key = net::percent_encode(key);
    value = net::percent_encode(value);
  }
  std::sort(params.begin(), params.end());
  std::string joined;
  for (const auto& [key, value] : params) joined += (joined.empty() ? "" : "&") + key + "=" + value;
  const auto base = std::string(call.method) + "&" + net::percent_encode(base_uri(call.url)) + "&" +
                    net::percent_encode(joined);
  const auto key = net::percent_encode(keys.consumer_secret) + "&" + net::percent_encode(keys.token_secret);
  return net::base64(net::hmac_sha1(key, base));
}

std::string oauth1_header(const OAuth1Keys& keys, const SignedCall& call, std::string_view nonce,
                          std::int64_t timestamp_s) {
  auto params = oauth_params(keys, call, nonce, timestamp_s);
  params.emplace_back("oauth_signature", oauth1_signature(keys, call, nonce, timestamp_s));
  std::sort(params.begin(), params.end());
  std::string out = "OAuth ";
  for (const auto& [key, value] : params) {
    if (!out.ends_with(' ')) out += ", ";
    out += net::percent_encode(key) + "=\"" + net::percent_encode(value) + "\"";
  }
  return out;
}

}  // namespace kiki::channels::x

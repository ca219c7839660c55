#include "channels/x/context.hpp"

#include <algorithm>
#include <array>

#include "channels/x/json_read.hpp"
#include "channels/x/parse.hpp"
#include "channels/x/reader.hpp"
#include "channels/x/spend.hpp"

namespace kiki::channels::x {

namespace {

constexpr std::size_t kFileLimitBytes = 100 << 20;

// A listener has no rights of its own: the app asks for it.
Result<std::string> ask(Api& api, const Clock& clock, const XOptions& options, const Account& account,
                        AccountState& state, ApiCall call, std::stop_token stop) {
  if (account.kind != "listener") return api.call(account, state, call, stop);
  if (options.bearer_token.empty()) return unavailable("asking X needs the app's bearer token");
  TRY(spend(account, state, call.cost, clock.now_ms()));
  return api.call_with_bearer(options.bearer_token, call, stop);
}

std::string scheme_and_host(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  return std::string(url.substr(0, std::min(url.find_first_of("/?#", scheme + 3), url.size())));
}

// The content says what it is, whatever the header claims.
std::string type_of(std::string_view bytes) {
  using namespace std::string_view_literals;
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kMarks = {
      {{"\xFF\xD8\xFF"sv, "image/jpeg"},
       {"\x89PNG\r\n\x1A\n"sv, "image/png"},
       {"GIF8"sv, "image/gif"},
       {"OggS"sv, "audio/ogg"},
       {"ID3"sv, "audio/mpeg"}}};
  for (const auto& [mark, type] : kMarks) {
    if (bytes.starts_with(mark)) return std::string(type);
  }
  if (bytes.size() > 12 && bytes.substr(4, 4) == "ftyp") return "video/mp4";
  if (bytes.size() > 12 && bytes.starts_with("RIFF") && bytes.substr(8, 4) == "WEBP") return "image/webp";
  return "application/octet-stream";
}

}  // namespace

bool is_host_of_x(std::string_view url, std::string_view api_url) {
  const auto place = scheme_and_host(url);
  if (place.empty()) return false;
  if (place == scheme_and_host(api_url)) return true;
  if (!place.starts_with("https://") || place.find('@') != std::string::npos) return false;
  const std::string_view host = std::string_view(place).substr(8);
  return std::ranges::any_of(std::array{".x.com", ".twitter.com", ".twimg.com"},
                             [&](std::string_view end) { return host.ends_with(end); });
}

Result<std::vector<RawItem>> read_thread(Api& api, Tools& tools, const XOptions& options,
                                         const Account& account, AccountState& state,
                                         std::string_view external_id, std::stop_token stop) {
  std::string id(post_id_of(external_id));
  std::vector<RawItem> climbed;
  if (id.empty()) return climbed;  // a message: its conversation is read as a whole
  for (int step = 0; step < kAncestorsLimit && !id.empty(); ++step) {
    ApiCall call;
    call.path = "/2/tweets/" + id;
    call.budget = "/2/tweets/:id";
    call.query = post_fields();
    call.cost = price::kPostRead;
    auto body = ask(api, tools.clock, options, account, state, std::move(call), stop);
    if (!body.ok()) {
      if (body.error().kind == ErrorKind::kNotFound || !climbed.empty()) break;
      return std::move(body).error();
    }
    auto items = TRY(split_page(*body, kContextSource));
    if (items.empty()) break;  // deleted, or not for us to see
    const auto document = TRY(JsonDocument::parse(items.front().raw.body, JsonLimits{4 << 20, 64}));
    id.clear();
    for_each(either(document.root()["data"], "referenced_tweets", "referenced_posts"), [&](JsonView one) {
      if (one["type"].text() == "replied_to" && is_id(one["id"].text())) id = one["id"].text();
    });
    climbed.push_back(std::move(items.front().raw));
  }
  std::ranges::reverse(climbed);
  return climbed;
}

Result<std::optional<Author>> read_profile(Api& api, Tools& tools, const XOptions& options,
                                           const Account& account, AccountState& state,
                                           std::string_view external_id, std::stop_token stop) {
  if (!is_id(external_id)) return std::optional<Author>();
  ApiCall call;
  call.path = "/2/users/" + std::string(external_id);
  call.budget = "/2/users/:id";
  call.query = {{"user.fields", "id,name,username,profile_image_url,description,public_metrics"}};
  call.cost = price::kUserRead;
  auto body = ask(api, tools.clock, options, account, state, std::move(call), stop);
  if (!body.ok()) {
    if (body.error().kind == ErrorKind::kNotFound) return std::optional<Author>();
    return std::move(body).error();
  }
  const auto document = TRY(JsonDocument::parse(*body));
  auto author = read_user(document.root()["data"], true);
  // Suspended or gone: a 200 with errors and without data.
  if (author.external_id.empty()) return std::optional<Author>();
  return std::optional(std::move(author));
}

Result<Media> fetch_file(Api& api, Tools& tools, const XOptions& options, const Account& account,
                         AccountState& state, std::string_view url, std::stop_token stop) {
  if (!is_host_of_x(url, options.api_url)) return not_found("this file is not at X");
  net::HttpCall call;
  call.url = url;
  call.timeout_ms = 60'000;
  call.answer_limit_bytes = kFileLimitBytes;
  call.headers.add("Authorization", TRY(api.authorization_for(account, state, "GET", call.url, stop)));
  auto answer = TRY(tools.http.call(call, stop));
  if (answer.status == 404 || answer.status == 410) return not_found("X no longer has this file");
  if (answer.status != 200) return api_error(answer.status, answer.body, false);
  Media media;
  media.content_type = type_of(answer.body);
  media.body = std::move(answer.body);
  return media;
}

}  // namespace kiki::channels::x

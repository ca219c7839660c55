#include "chat/settings.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>
#include <cmath>

namespace kiki::chat {

namespace {

bool is_color(std::string_view color) {
  return color.size() == 7 && color[0] == '#' &&
         color.find_first_not_of("0123456789abcdefABCDEF", 1) == std::string_view::npos;
}

Result<void> only(JsonView value, std::initializer_list<std::string_view> names) {
  if (!value.is_object()) return invalid("expected an object", value.pointer());
  return value.each_member([&](std::string_view key, JsonView member) -> Result<void> {
    if (std::ranges::find(names, key) == names.end()) return invalid("unknown member", member.pointer());
    return {};
  });
}

Result<Texts> read_texts(JsonView value) {
  if (value.is_null()) return Texts{};
  TRY(only(value, {"title", "greeting", "away"}));
  return Texts{TRY(value["title"].string_or("", 200)),
               TRY(value["greeting"].string_or("", kChatTextMostBytes)),
               TRY(value["away"].string_or("", kChatTextMostBytes))};
}

json::object to_json(const Texts& texts) {
  return {{"title", texts.title}, {"greeting", texts.greeting}, {"away", texts.away}};
}

}  // namespace

Result<std::string> read_origin(std::string_view text, std::string where) {
  std::string origin;
  for (const char c : text) origin += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  while (origin.ends_with('/')) origin.pop_back();
  const auto host = origin.starts_with("https://")  ? origin.substr(8)
                    : origin.starts_with("http://") ? origin.substr(7)
                                                    : std::string();
  const auto name = host.starts_with("*.") ? host.substr(2) : host;
  if (name.empty() || origin.size() > 300 ||
      name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789.-:[]") != std::string::npos)
    return invalid("expected an origin such as https://shop.example", std::move(where));
  return origin;
}

bool allows(const std::vector<std::string>& origins, std::string_view origin) {
  return std::ranges::any_of(origins, [&](const std::string& allowed) {
    if (allowed == origin) return true;
    const auto star = allowed.find("://*.");
    if (star == std::string::npos) return false;
    const auto scheme = std::string_view(allowed).substr(0, star + 3);
    const auto rest = std::string_view(allowed).substr(star + 4);  // ".shop.example"
    return origin.starts_with(scheme) && origin.ends_with(rest) &&
           origin.size() > scheme.size() + rest.size();
  });
}

Result<Settings> read_settings(JsonView document) {
  TRY(only(document, {"origins", "place_url", "calendar", "color", "side", "ja", "en", "keep_days"}));
  Settings settings;
  const auto origins = document["origins"];
  if (!origins.is_null()) {
    if (!origins.is_array()) return invalid("expected an array", "/origins");
    if (origins.size() > kOriginsMost) return invalid("too many", "/origins");
    TRY(origins.each([&](JsonView value) -> Result<void> {
      settings.origins.push_back(TRY(read_origin(TRY(value.string(300)), value.pointer())));
      return {};
    }));
  }
  settings.place_url = TRY(document["place_url"].string_or("", 2'000));
  if (!settings.place_url.empty()) {
    // Only where the chat may stand: a private link must not lead anywhere else.
    const auto scheme = settings.place_url.find("://");
    const auto end =
        scheme == std::string::npos ? scheme : settings.place_url.find_first_of("/?#", scheme + 3);
    const auto origin = TRY(read_origin(settings.place_url.substr(0, end), "/place_url"));
    if (!allows(settings.origins, origin)) return invalid("is no page of an allowed site", "/place_url");
  }
  settings.calendar = TRY(document["calendar"].string_or("", 200));
  settings.color = TRY(document["color"].string_or(settings.color, 20));
  if (!is_color(settings.color)) return invalid("expected a colour such as #1f5fbf", "/color");
  settings.side = TRY(document["side"].string_or(settings.side, 10));
  if (settings.side != "right" && settings.side != "left") return invalid("expected right or left", "/side");
  settings.ja = TRY(read_texts(document["ja"]));
  settings.en = TRY(read_texts(document["en"]));
  settings.keep_days = TRY(document["keep_days"].integer_or(settings.keep_days));
  if (settings.keep_days < 1 || settings.keep_days > kKeepDaysMost)
    return invalid("expected 1 to 3650 days", "/keep_days");
  return settings;
}

Settings settings_of(std::string_view account_settings) {
  const auto document = JsonDocument::parse(account_settings.empty() ? "{}" : account_settings);
  if (!document.ok()) return {};
  auto settings = read_settings(document->root());
  return settings.ok() ? std::move(*settings) : Settings{};
}

json::object to_json(const Settings& settings) {
  json::array origins;
  for (const auto& origin : settings.origins) origins.emplace_back(origin);
  return {{"origins", std::move(origins)}, {"place_url", settings.place_url}, {"calendar", settings.calendar},
          {"color", settings.color},       {"side", settings.side},           {"ja", to_json(settings.ja)},
          {"en", to_json(settings.en)},    {"keep_days", settings.keep_days}};
}

std::string_view text_color_on(std::string_view color) {
  if (!is_color(color)) return "#ffffff";
  double luminance = 0;
  static constexpr double kWeights[] = {0.2126, 0.7152, 0.0722};  // WCAG 2.2, relative luminance
  for (std::size_t i = 0; i < 3; ++i) {
    int value = 0;
    const auto* begin = color.data() + 1 + i * 2;
    std::from_chars(begin, begin + 2, value, 16);
    const double part = value / 255.0;
    luminance += kWeights[i] * (part <= 0.04045 ? part / 12.92 : std::pow((part + 0.055) / 1.055, 2.4));
  }
  return 1.05 / (luminance + 0.05) >= (luminance + 0.05) / 0.05 ? "#ffffff" : "#000000";
}

}  // namespace kiki::chat

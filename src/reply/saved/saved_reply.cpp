#include "reply/saved/saved_reply.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "reply/saved/template.hpp"
#include "text/normalize.hpp"

namespace kiki::reply::saved {

namespace {

constexpr std::array<std::string_view, 8> kVariables = {"customer.name", "customer.handle", "case.number",
                                                        "agent.name",    "agent.initials",  "brand.name",
                                                        "account.name",  "private_link"};

bool is_blank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

// Of a BCP 47 tag the language alone: "ja" of "ja-JP".
std::string_view base_of(std::string_view language) {
  return language.substr(0, language.find('-'));
}

Result<std::string> read_text(JsonView value, std::string_view before, std::size_t limit) {
  auto text = TRY(value.string_or(before, limit));
  if (is_blank(text)) return invalid("must not be empty", value.pointer());
  return text;
}

Result<std::vector<Variant>> read_variants(JsonView value, const std::vector<Variant>& before,
                                           std::size_t text_limit) {
  if (value.is_null()) return before;
  if (!value.is_array()) return invalid("expected an array", value.pointer());
  if (value.size() == 0) return invalid("at least one text is needed", value.pointer());
  if (value.size() > kVariantsLimit) return invalid("at most 10 languages", value.pointer());
  std::vector<Variant> variants;
  TRY(value.each([&](JsonView item) -> Result<void> {
    if (!item.is_object()) return invalid("expected an object", item.pointer());
    Variant variant;
    variant.language = TRY(item["language"].string_or("", 35));
    variant.text = TRY(item["text"].string(text_limit));
    if (is_blank(variant.text)) return invalid("must not be empty", item.pointer() + "/text");
    const bool twice = std::any_of(variants.begin(), variants.end(),
                                   [&](const Variant& other) { return other.language == variant.language; });
    if (twice) return invalid("this language is there already", item.pointer() + "/language");
    variants.push_back(std::move(variant));
    return {};
  }));
  return variants;
}

Error at(std::string message, std::string pointer, std::string code) {
  return {ErrorKind::kInvalid, std::move(message), std::move(pointer), std::move(code), 0};
}

Result<void> check_variables(const std::vector<Variant>& variants, std::string_view pointer) {
  for (std::size_t i = 0; i < variants.size(); ++i) {
    for (const auto& variable : variables_of(variants[i].text)) {
      if (is_known_variable(variable.name)) continue;
      return at("There is no variable {{" + variable.name + "}}.",
                std::string(pointer) + "/variants/" + std::to_string(i) + "/text", "unknown_variable");
    }
  }
  return {};
}

}  // namespace

bool is_known_variable(std::string_view name) {
  return std::find(kVariables.begin(), kVariables.end(), name) != kVariables.end() || key_of(name, "asset") ||
         key_of(name, "reward");
}

Result<std::string> read_key(JsonView value) {
  const auto key = text::fold(TRY(value.string(kKeyLimitBytes)));
  if (key.empty()) return invalid("must not be empty", value.pointer());
  const auto is_bad = [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 ||
           std::string_view("/{}|:,;\"'\\").find(c) != std::string_view::npos;
  };
  if (std::any_of(key.begin(), key.end(), is_bad) || key.find("　") != std::string::npos) {
    return invalid("must not hold spaces or any of / { } | : , ;", value.pointer());
  }
  return key;
}

Result<SavedReply> read_saved_reply(JsonView value, const SavedReply& before) {
  if (!value.is_object()) return invalid("expected an object", value.pointer());
  SavedReply reply = before;
  reply.folder = TRY(value["folder"].string_or(before.folder, kNameLimitBytes));
  reply.name = TRY(read_text(value["name"], before.name, kNameLimitBytes));
  if (!value["code"].is_null()) {
    const auto code = TRY(value["code"].string(kKeyLimitBytes));
    reply.code = code.empty() ? code : TRY(read_key(value["code"]));
  }
  reply.variants = TRY(read_variants(value["variants"], before.variants, kTextLimitBytes));
  if (reply.variants.empty()) return invalid("at least one text is needed", value.pointer() + "/variants");
  TRY(check_variables(reply.variants, value.pointer()));
  reply.needs_word = TRY(value["needs_word"].boolean_or(before.needs_word));
  reply.is_thanks = TRY(value["is_thanks"].boolean_or(before.is_thanks));
  return reply;
}

Result<Asset> read_asset(JsonView value, const Asset& before) {
  if (!value.is_object()) return invalid("expected an object", value.pointer());
  Asset asset = before;
  if (!value["key"].is_null() || before.key.empty()) asset.key = TRY(read_key(value["key"]));
  asset.name = TRY(read_text(value["name"], before.name.empty() ? asset.key : before.name, kNameLimitBytes));
  asset.kind = TRY(value["kind"].string_or(before.kind.empty() ? "link" : before.kind, 20));
  if (asset.kind != "link" && asset.kind != "text" && asset.kind != "image") {
    return invalid("expected link, text or image", value.pointer() + "/kind");
  }
  if (asset.kind == "image") {
    if (!value["attachment_id"].is_null()) {
      const auto id = parse_id(TRY(value["attachment_id"].string(32)));
      if (!id) return invalid("expected an id", value.pointer() + "/attachment_id");
      asset.attachment_id = *id;
    }
    if (asset.attachment_id == 0) return invalid("a picture is needed", value.pointer() + "/attachment_id");
    asset.variants.clear();
    return asset;
  }
  asset.attachment_id = 0;
  asset.variants = TRY(read_variants(value["variants"], before.variants, kLinkLimitBytes));
  if (asset.variants.empty()) return invalid("at least one text is needed", value.pointer() + "/variants");
  for (std::size_t i = 0; i < asset.variants.size(); ++i) {
    const auto& text = asset.variants[i].text;
    const auto place = value.pointer() + "/variants/" + std::to_string(i) + "/text";
    if (!variables_of(text).empty()) return invalid("an asset holds no variables", place);
    const bool is_link = text.starts_with("https://") || text.starts_with("http://");
    if (asset.kind == "link" && (!is_link || text.find_first_of(" \t\r\n") != std::string::npos)) {
      return invalid("expected an http or https link", place);
    }
  }
  return asset;
}

std::vector<Variant> parse_variants(std::string_view stored) {
  std::vector<Variant> variants;
  const auto document = JsonDocument::parse(stored);
  if (!document.ok()) return variants;
  (void)document->root().each([&](JsonView item) -> Result<void> {
    variants.push_back({std::string(item["language"].text()), std::string(item["text"].text())});
    return {};
  });
  return variants;
}

json::array variants_json(const std::vector<Variant>& variants) {
  json::array list;
  for (const auto& variant : variants) {
    list.push_back(json::object{{"language", variant.language}, {"text", variant.text}});
  }
  return list;
}

json::object to_json(const SavedReply& reply) {
  return {{"id", to_string(reply.id)},
          {"folder", reply.folder},
          {"name", reply.name},
          {"code", reply.code},
          {"variants", variants_json(reply.variants)},
          {"needs_word", reply.needs_word},
          {"is_thanks", reply.is_thanks},
          {"uses", reply.uses},
          {"edited_uses", reply.edited_uses},
          {"version", reply.version},
          {"updated_at", to_rfc3339(reply.updated_at)}};
}

json::object to_json(const Asset& asset) {
  return {{"id", to_string(asset.id)},
          {"key", asset.key},
          {"name", asset.name},
          {"kind", asset.kind},
          {"variants", variants_json(asset.variants)},
          {"attachment_id",
           asset.attachment_id == 0 ? json::value(nullptr) : json::value(to_string(asset.attachment_id))},
          {"version", asset.version},
          {"updated_at", to_rfc3339(asset.updated_at)}};
}

const Variant& choose(const std::vector<Variant>& variants, std::string_view language,
                      std::string_view workspace_language) {
  static const Variant none;
  if (variants.empty()) return none;
  for (const auto wanted : {base_of(language), std::string_view(), base_of(workspace_language)}) {
    for (const auto& variant : variants) {
      if (base_of(variant.language) == wanted) return variant;
    }
  }
  return variants.front();
}

std::vector<std::string> assets_of(const std::vector<Variant>& variants) {
  std::vector<std::string> keys;
  for (const auto& variant : variants) {
    for (const auto& variable : variables_of(variant.text)) {
      auto key = key_of(variable.name, "asset");
      if (key && std::find(keys.begin(), keys.end(), *key) == keys.end()) keys.push_back(std::move(*key));
    }
  }
  return keys;
}

}  // namespace kiki::reply::saved

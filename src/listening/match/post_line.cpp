#include "listening/match/post_line.hpp"

#include <simdjson.h>

#include <string>

namespace kiki::listening::match {
namespace {

namespace ondemand = simdjson::ondemand;
static_assert(PostLineReader::kPadding >= simdjson::SIMDJSON_PADDING);

Error wrong(std::string_view member, std::string_view wanted) {
  return invalid(std::string(wanted), std::string(member));
}

bool is_null(ondemand::value& value) {
  bool null = false;
  return value.is_null().get(null) == simdjson::SUCCESS && null;
}

Result<void> read_text(std::string_view member, ondemand::value value, std::string_view& out) {
  if (is_null(value)) return {};
  if (value.get_string().get(out) != simdjson::SUCCESS) return wrong(member, "expected a string");
  return {};
}

Result<void> read_flag(std::string_view member, ondemand::value value, bool& out) {
  if (is_null(value)) return {};
  if (value.get_bool().get(out) != simdjson::SUCCESS) return wrong(member, "expected true or false");
  return {};
}

Result<void> read_list(std::string_view member, ondemand::value value, std::vector<std::string_view>& out) {
  if (is_null(value)) return {};
  ondemand::array list;
  if (value.get_array().get(list) != simdjson::SUCCESS) return wrong(member, "expected a list of strings");
  for (auto item : list) {
    std::string_view text;
    if (item.get_string().get(text) != simdjson::SUCCESS) return wrong(member, "expected a list of strings");
    out.push_back(text);
  }
  return {};
}

Result<void> read_author(ondemand::value value, query::Post& post) {
  if (is_null(value)) return {};
  ondemand::object author;
  if (value.get_object().get(author) != simdjson::SUCCESS) return wrong("author", "expected an object");
  for (auto field : author) {
    std::string_view key;
    ondemand::value member;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS || field.value().get(member) != simdjson::SUCCESS)
      return wrong("author", "broken JSON");
    if (key == "handle") {
      TRY(read_text("author.handle", member, post.author));
    } else if (key == "followers" && !is_null(member)) {
      std::int64_t followers = 0;
      if (member.get_int64().get(followers) != simdjson::SUCCESS)
        return wrong("author.followers", "expected a whole number");
      post.followers = followers;
    }
  }
  return {};
}

}  // namespace

struct PostLineReader::Impl {
  ondemand::parser parser;
};

PostLineReader::PostLineReader() : impl_(std::make_unique<Impl>()) {}
PostLineReader::~PostLineReader() = default;

Result<void> PostLineReader::read(std::string_view line, PostLine& out) {
  auto& post = out.post;
  out.id = {};
  // The lists keep their memory.
  auto links = std::move(post.links);
  auto mentions = std::move(post.mentions);
  auto hashtags = std::move(post.hashtags);
  links.clear();
  mentions.clear();
  hashtags.clear();
  post = {};
  post.links = std::move(links);
  post.mentions = std::move(mentions);
  post.hashtags = std::move(hashtags);

  ondemand::document document;
  ondemand::object root;
  if (impl_->parser.iterate(line.data(), line.size(), line.size() + simdjson::SIMDJSON_PADDING)
              .get(document) != simdjson::SUCCESS ||
      document.get_object().get(root) != simdjson::SUCCESS) {
    return invalid("expected a JSON object");
  }
  bool has_text = false;
  for (auto field : root) {
    std::string_view key;
    ondemand::value value;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS || field.value().get(value) != simdjson::SUCCESS)
      return invalid("broken JSON");
    if (key == "text") {
      TRY(read_text(key, value, post.text));
      has_text = true;
    } else if (key == "id") {
      ondemand::json_type type{};
      if (value.type().get(type) != simdjson::SUCCESS ||
          (type != ondemand::json_type::string && type != ondemand::json_type::number)) {
        return wrong(key, "expected a string or a number");
      }
      out.id = value.raw_json_token();
      while (!out.id.empty() && static_cast<unsigned char>(out.id.back()) <= ' ') out.id.remove_suffix(1);
      std::string_view text;
      double number = 0;
      if (type == ondemand::json_type::string ? value.get_string().get(text) != simdjson::SUCCESS
                                              : value.get_double().get(number) != simdjson::SUCCESS) {
        return wrong(key, "expected a string or a number");
      }
    } else if (key == "author") {
      TRY(read_author(value, post));
    } else if (key == "lang") {
      TRY(read_text(key, value, post.language));
    } else if (key == "network") {
      TRY(read_text(key, value, post.network));
    } else if (key == "reply_to") {
      TRY(read_text(key, value, post.reply_to));
    } else if (key == "links") {
      TRY(read_list(key, value, post.links));
    } else if (key == "mentions") {
      TRY(read_list(key, value, post.mentions));
    } else if (key == "hashtags") {
      TRY(read_list(key, value, post.hashtags));
    } else if (key == "has_image") {
      TRY(read_flag(key, value, post.has_image));
    } else if (key == "has_video") {
      TRY(read_flag(key, value, post.has_video));
    } else if (key == "is_reply") {
      TRY(read_flag(key, value, post.is_reply));
    } else if (key == "is_repost") {
      TRY(read_flag(key, value, post.is_repost));
    } else if (key == "is_quote") {
      TRY(read_flag(key, value, post.is_quote));
    } else if (key == "own_account") {
      TRY(read_text(key, value, post.own_account));
    }
  }
  const char* rest = nullptr;
  if (document.current_location().get(rest) == simdjson::SUCCESS)
    return invalid("there is more behind the JSON object");
  if (out.id.empty()) return wrong("id", "missing");
  if (!has_text) return wrong("text", "missing");
  return {};
}

}  // namespace kiki::listening::match

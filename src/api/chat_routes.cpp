// The web chat's doors for visitors, outside of the API for programs: docs/develop/chat-visitors.md. A
// visitor is whoever has the token that their browser made; nothing here looks at cookies.

#include <boost/json.hpp>

#include "accounts/accounts.hpp"
#include "api/all_routes.hpp"
#include "api/chat_door.hpp"
#include "api/image_info.hpp"
#include "assets/console_files.hpp"
#include "chat/chat.hpp"
#include "chat/hours.hpp"
#include "chat/settings.hpp"
#include "net/identity_token.hpp"
#include "notify/texts.hpp"
#include "promises/books.hpp"
#include "text/html.hpp"

namespace kiki::api {

namespace {

struct Door {
  channels::Account account;
  std::string brand;
  chat::Settings settings;
};

Result<Door> find_door(RequestContext& context, Services& services) {
  if (!services.chat) return unavailable("The chat is not running.");
  TRY(services.chat->limits().take(chat::kRequestsOfAddress, context.request.remote_ip));
  auto reader = TRY(services.database->reader());
  auto found = TRY(reader->one(
      "SELECT a.workspace_id, a.id, a.external_id, a.name, a.settings, a.status, w.name FROM accounts a JOIN "
      "workspaces w ON w.id = a.workspace_id WHERE a.network = $1 AND a.external_id = $2 AND a.removed_at IS "
      "NULL "
      "AND w.archived_at IS NULL",
      {channels::chat::kNetwork, context.param("key")}, [](const store::Row& row) {
        Door door;
        door.account.workspace_id = row.integer(0);
        door.account.id = row.integer(1);
        door.account.network = channels::chat::kNetwork;
        door.account.kind = "account";
        door.account.external_id = row.string(2);
        door.account.name = row.string(3);
        door.account.settings = row.string(4);
        door.settings = chat::settings_of(door.account.settings);
        door.brand = row.string(6);
        return std::pair(std::move(door), row.text(5) == "paused");
      }));
  if (!found) return Error{ErrorKind::kNotFound, "There is no such chat.", {}, "no_chat", 0};
  TRY(check_origin(services, context.request, found->first.settings.origins));
  if (found->second) return Error{ErrorKind::kUnavailable, "The chat is closed at present.", {}, "paused", 0};
  return std::move(found->first);
}

bool is_token(std::string_view token) {
  return token.size() == chat::kTokenBytes && channels::chat::is_message_id(token);
}

Result<chat::Caller> caller_of(const Door& door, RequestContext& context, Services& services) {
  chat::Caller caller;
  caller.account = door.account;
  caller.token = context.request.headers.get("X-Kikimimi-Visitor");
  if (!is_token(caller.token))
    return Error{ErrorKind::kUnauthenticated, "Send the visitor's token.", {}, "no_token", 0};
  const auto identity = context.request.headers.get("X-Kikimimi-Identity");
  if (!identity.empty()) {
    auto state = services.account_state(door.account.workspace_id, door.account.id);
    const auto secret = TRY(state->secret(channels::chat::kIdentitySecret));
    caller.proof =
        TRY(net::verify_identity(identity, secret, door.account.external_id, services.clock->now_ms()));
    if (!channels::chat::is_email(caller.proof->email)) caller.proof->email.clear();
  }
  return caller;
}

Result<chat::Visitor> known_visitor(const Door& door, RequestContext& context, Services& services) {
  auto visitor = TRY(services.chat->conversations().find(TRY(caller_of(door, context, services))));
  if (!visitor) return not_found("Nobody has written by this token yet.");
  return std::move(*visitor);
}

// Whoever writes is a visitor from then on.
Result<chat::Visitor> writing_visitor(const Door& door, RequestContext& context, Services& services) {
  const auto caller = TRY(caller_of(door, context, services));
  auto visitor = TRY(services.chat->conversations().find(caller));
  if (visitor) return std::move(*visitor);
  TRY(services.chat->limits().take(chat::kVisitorsOfAddress, context.request.remote_ip));
  return services.chat->conversations().come(caller);
}

std::string who(const chat::Visitor& visitor) {
  return to_string(visitor.workspace_id) + '/' + to_string(visitor.id);
}

Result<JsonDocument> body_of(RequestContext& context) {
  return JsonDocument::parse(context.request.body, {.bytes = channels::chat::kMessageMostBytes, .depth = 4});
}

Result<net::HttpResponse> config(const Door& door, RequestContext& context, Services& services) {
  const auto language = visitor_language(context);
  const auto& texts = door.settings.texts(language);
  const json::object names{{"brand", door.brand}};
  const auto or_word = [&](const std::string& text, std::string_view key) {
    return text.empty() ? notify::words(language, key, names) : text;
  };
  json::object body;
  body["name"] = door.brand;
  body["language"] = language;
  body["title"] = or_word(texts.title, "network.chat.title");
  body["greeting"] = or_word(texts.greeting, "network.chat.greeting");
  body["away"] = or_word(texts.away, "network.chat.away");
  body["color"] = door.settings.color;
  body["text_color"] = chat::text_color_on(door.settings.color);
  body["side"] = door.settings.side;
  {
    auto reader = TRY(services.database->reader());
    const auto book = TRY(promises::read_book(*reader, door.account.workspace_id));
    body["hours"] = chat::hours_json(chat::calendar_for(*book, door.settings.calendar, door.account.id),
                                     services.clock->now_ms());
  }
  const auto waiting_ms = services.chat->waiting_time().of(door.account.workspace_id, door.account.id);
  body["waiting_ms"] = waiting_ms ? json::value(*waiting_ms) : json::value(nullptr);
  body["mail"] = services.chat->mail_works();
  body["file_limit_bytes"] = chat::kFileMostBytes;
  body["words"] = notify::words_below(language, "network.chat.word.");
  return ok(body);
}

Result<net::HttpResponse> messages(const Door& door, RequestContext& context, Services& services) {
  const auto after = TRY(context.query_integer("after", 0, 0, std::numeric_limits<std::int64_t>::max()));
  const auto visitor = TRY(services.chat->conversations().find(TRY(caller_of(door, context, services))));
  json::array list;
  if (visitor) {
    for (const auto& message :
         TRY(services.chat->conversations().read(visitor->workspace_id, visitor->id, after)))
      list.push_back(chat::to_json(message));
  }
  json::object body;
  body["known"] = visitor.has_value();
  body["conversation"] = visitor ? to_string(visitor->id) : "";
  body["read_seq"] = visitor ? visitor->read_seq : 0;
  body["name"] = visitor ? visitor->name : "";
  body["email"] = visitor ? visitor->email : "";
  body["proven"] = visitor && !visitor->user_key.empty();
  body["more"] = list.size() == static_cast<std::size_t>(chat::kPageMost);
  body["items"] = std::move(list);
  return ok(body);
}

Result<net::HttpResponse> write(const Door& door, RequestContext& context, Services& services) {
  const auto message = TRY(channels::chat::read_visitor_message(context.request.body));
  TRY(services.chat->limits().take(chat::kMessagesOfAddress, context.request.remote_ip));
  const auto visitor = TRY(writing_visitor(door, context, services));
  TRY(services.chat->limits().take(chat::kMessagesOfVisitor, who(visitor)));
  return accepted(chat::to_json(TRY(services.chat->write(visitor, message))));
}

Result<net::HttpResponse> watch(const Door& door, RequestContext& context, Services& services) {
  const auto after = TRY(context.query_integer("after", 0, 0, std::numeric_limits<std::int64_t>::max()));
  const auto visitor = TRY(known_visitor(door, context, services));
  net::HttpResponse response;
  response.headers.set("Content-Type", "text/event-stream");
  response.headers.set("X-Accel-Buffering", "no");
  response.stream = TRY(services.chat->rooms().open(visitor, after));
  return response;
}

Result<net::HttpResponse> typing(const Door& door, RequestContext& context, Services& services) {
  const auto document = TRY(body_of(context));
  const bool writing = TRY(document.root()["writing"].boolean());
  const auto visitor = TRY(known_visitor(door, context, services));
  TRY(services.chat->limits().take(chat::kTypingOfVisitor, who(visitor)));
  services.chat->visitor_types(visitor, writing);
  return no_content();
}

Result<net::HttpResponse> seen(const Door& door, RequestContext& context, Services& services) {
  const auto document = TRY(body_of(context));
  const auto seq = TRY(document.root()["seq"].integer());
  if (seq < 0) return invalid("expected a number of a message", "/seq");
  TRY(services.chat->seen(TRY(known_visitor(door, context, services)), seq));
  return no_content();
}

Result<net::HttpResponse> upload(const Door& door, RequestContext& context, Services& services) {
  const auto& bytes = context.request.body;
  TRY(services.chat->limits().take(chat::kFilesOfAddress, context.request.remote_ip));
  const auto info = read_image_info(bytes);
  if (!info)
    return Error{ErrorKind::kUnprocessable,
                 "Only PNG, JPEG, GIF and WebP pictures can be sent.",
                 {},
                 "not_an_image",
                 0};
  const auto visitor = TRY(writing_visitor(door, context, services));
  TRY(services.chat->limits().take(chat::kFilesOfVisitor, who(visitor)));
  channels::chat::VisitorFile file;
  file.content_type = info->content_type;
  file.width = info->width;
  file.height = info->height;
  const auto kept = TRY(services.chat->conversations().keep_file(visitor, file, bytes));
  return created(json::object{{"id", to_string(kept.id)},
                              {"content_type", kept.content_type},
                              {"width", kept.width},
                              {"height", kept.height}});
}

Result<net::HttpResponse> download(const Door& door, RequestContext& context, Services& services) {
  const auto id = TRY(context.id("file_id"));
  const auto visitor = TRY(known_visitor(door, context, services));
  auto media = TRY(services.chat->conversations().file_for(visitor, id));
  net::HttpResponse response;
  response.headers.set("Content-Type", media.content_type);
  response.headers.set("Content-Disposition", "inline; filename=\"" + to_string(id) + "\"");
  response.headers.set("Content-Security-Policy", "default-src 'none'; sandbox");
  response.headers.set("Cache-Control", "private, max-age=86400, immutable");
  response.body = std::move(media.body);
  return response;
}

// The hosted page. Whoever opens it is nobody yet, so everybody may.
Result<net::HttpResponse> page(RequestContext& context, Services& services) {
  auto door = find_door(context, services);
  if (!door.ok()) return std::move(door).error();
  const auto language = visitor_language(context);
  const auto& texts = door->settings.texts(language);
  const auto title = texts.title.empty()
                         ? notify::words(language, "network.chat.title", {{"brand", door->brand}})
                         : texts.title;
  return visitor_page(language, title, "/chat/widget.js",
                      "data-chat=\"" + text::html(door->account.external_id) +
                          "\" data-page=\"1\" data-lang=\"" + language + "\"",
                      door->settings.origins);
}

// The scripts and the style of these pages, which the console's build carries.
const assets::ConsoleServer& files() {
  static const assets::ConsoleServer server = [] {
    std::vector<assets::Asset> some;
    for (const auto& asset : assets::console_files()) {
      if (asset.path.starts_with("/chat/")) some.push_back(asset);
    }
    return assets::ConsoleServer(some);
  }();
  return server;
}

Result<net::HttpResponse> file(RequestContext& context) {
  auto response = files().serve(context.request);
  // Sites carry it, whatever they ask of what they embed.
  response.headers.set("Cross-Origin-Resource-Policy", "cross-origin");
  response.headers.set("Access-Control-Allow-Origin", "*");
  return response;
}

}  // namespace

void add_chat_routes(Router& router, Services& services) {
  using auth::Permission;
  for (const auto* name : {"/chat/widget.js", "/chat/reach.js", "/chat/page.css"})
    router.add({"GET", name, Permission::kPublic, BodyRule::none(), file});
  router.add({"GET", "/chat/{key}", Permission::kPublic, BodyRule::none(),
              [&](RequestContext& context) { return page(context, services); }});

  using Handler = Result<net::HttpResponse> (*)(const Door&, RequestContext&, Services&);
  const auto answer = [&services](Handler handler) -> RouteHandler {
    return [&services, handler](RequestContext& context) -> Result<net::HttpResponse> {
      const auto answered = [&]() -> Result<net::HttpResponse> {
        const auto door = TRY(find_door(context, services));
        return handler(door, context, services);
      }();
      return for_page(answered, context.request);
    };
  };
  const Handler ask_first = [](const Door&, RequestContext& context, Services&) -> Result<net::HttpResponse> {
    return preflight(context.request);
  };
  // Bodies are read here and not by the router, so that a fault of theirs can be read by the page as well.
  struct Line {
    const char* method;
    const char* path;
    BodyRule body;
    Handler handler;
  };
  const auto json_body = BodyRule::bytes(channels::chat::kMessageMostBytes);
  const Line lines[] = {
      {"GET", "/chat/{key}/config", BodyRule::none(), config},
      {"GET", "/chat/{key}/messages", BodyRule::none(), messages},
      {"POST", "/chat/{key}/messages", json_body, write},
      {"GET", "/chat/{key}/events", BodyRule::none(), watch},
      {"POST", "/chat/{key}/typing", json_body, typing},
      {"POST", "/chat/{key}/read", json_body, seen},
      {"POST", "/chat/{key}/files", BodyRule::bytes(chat::kFileMostBytes), upload},
      {"GET", "/chat/{key}/files/{file_id}", BodyRule::none(), download},
  };
  std::string last;
  for (const auto& line : lines) {
    if (last != line.path)
      router.add({"OPTIONS", line.path, Permission::kPublic, BodyRule::none(), answer(ask_first), true});
    router.add({line.method, line.path, Permission::kPublic, line.body, answer(line.handler), true});
    last = line.path;
  }
}

}  // namespace kiki::api

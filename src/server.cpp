// The table of contents of the program. Read Server::start from top to bottom: it is the path of a customer's
// post, from the network to the agent's screen, and of the answer back.

#include "server.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <boost/json.hpp>
#include <filesystem>
#include <mutex>

#include "accounts/accounts.hpp"
#include "accounts/context.hpp"
#include "accounts/post_files.hpp"
#include "accounts/readers.hpp"
#include "accounts/sign_ins.hpp"
#include "accounts/stream_monitor.hpp"
#include "accounts/webhook_door.hpp"
#include "admin.hpp"
#include "api/all_routes.hpp"
#include "api/router.hpp"
#include "api/services.hpp"
#include "assets/console_files.hpp"
#include "auth/invitations.hpp"
#include "auth/login_throttle.hpp"
#include "auth/one_time_links.hpp"
#include "auth/passwords.hpp"
#include "auth/policy.hpp"
#include "auth/sessions.hpp"
#include "auth/tokens.hpp"
#include "auth/users.hpp"
#include "auth/workspaces.hpp"
#include "base/json.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "cases/cases.hpp"
#include "cases/next_case.hpp"
#include "cases/orders.hpp"
#include "cases/promise_keeper.hpp"
#include "cases/rank_keeper.hpp"
#include "cases/waker.hpp"
#include "channels/bluesky/bluesky_channel.hpp"
#include "channels/chat/chat_channel.hpp"
#include "channels/line/line_channel.hpp"
#include "channels/mail/mail_channel.hpp"
#include "channels/open/open_channel.hpp"
#include "channels/x/x_channel.hpp"
#include "chat/chat.hpp"
#include "delivery/public_links.hpp"
#include "delivery/sender.hpp"
#include "delivery/typing.hpp"
#include "events/event_log.hpp"
#include "ingest/account_state.hpp"
#include "ingest/ingest.hpp"
#include "listening/follow.hpp"
#include "listening/listening.hpp"
#include "listening/rise/alarms.hpp"
#include "live/case_sources.hpp"
#include "live/hub.hpp"
#include "live/presence.hpp"
#include "net/http_client.hpp"
#include "net/http_server.hpp"
#include "net/local_socket.hpp"
#include "net/mail_client.hpp"
#include "notify/case_notices.hpp"
#include "notify/notify.hpp"
#include "people/company_facts.hpp"
#include "people/find_again.hpp"
#include "people/joining.hpp"
#include "people/people.hpp"
#include "promises/books.hpp"
#include "reply/approvals.hpp"
#include "reply/link_lookup.hpp"
#include "reply/replies.hpp"
#include "reply/reply_checks.hpp"
#include "reply/rewards.hpp"
#include "reply/saved_replies.hpp"
#include "sample/sample_day.hpp"
#include "store/database.hpp"
#include "store/seal.hpp"
#include "store_url.hpp"
#include "teamwork/acts.hpp"
#include "teamwork/documents.hpp"
#include "teamwork/rules.hpp"
#include "teamwork/teams.hpp"

namespace kiki {

namespace {

constexpr std::size_t kWorkerQueueJobs = 1'000;

Result<void> make_data_directory(const std::string& path) {
  std::error_code failed;
  std::filesystem::create_directories(path, failed);
  if (failed) return internal_error("cannot make the data directory " + path + ": " + failed.message());
  // Posts of customers and sealed secrets live here: nobody else on the machine has business with them.
  if (::chmod(path.c_str(), 0700) != 0) return internal_error("cannot protect the data directory " + path);
  return {};
}

}  // namespace

// Members stand in the order of the path; they end in the reverse order.
struct Server::Parts {
  explicit Parts(ServerOptions options_in) : options(std::move(options_in)) {}

  ServerOptions options;
  std::string first_link;

  SystemClock clock;
  SystemRandom random;
  IdGenerator ids{clock};
  Metrics metrics;
  events::EventBus bus;
  std::unique_ptr<store::Database> db;
  std::unique_ptr<store::Sealer> sealer;
  std::unique_ptr<events::EventLog> log;
  net::SsrfPolicy ssrf;
  std::unique_ptr<net::HttpClient> http;
  std::unique_ptr<net::MailClient> mail;

  std::unique_ptr<chat::Conversations> conversations;
  std::vector<std::unique_ptr<channels::Channel>> networks;  // in the order of the connect page

  std::unique_ptr<people::People> people;
  std::unique_ptr<people::Joining> joining;
  std::unique_ptr<people::CompanyFacts> company_facts;
  std::unique_ptr<promises::Books> books;
  std::unique_ptr<cases::Cases> cases;
  std::unique_ptr<cases::Waker> waker;
  std::unique_ptr<cases::PromiseKeeper> promise_keeper;
  std::unique_ptr<cases::Orders> orders;
  std::unique_ptr<cases::RankKeeper> rank_keeper;
  std::unique_ptr<cases::NextCase> next_case;
  std::unique_ptr<listening::Listening> listening;
  std::unique_ptr<listening::Follower> follower;
  std::unique_ptr<listening::rise::Alarms> alarms;
  std::unique_ptr<ingest::Ingest> ingest;
  accounts::StreamMonitor stream;
  std::unique_ptr<accounts::Accounts> accounts;
  std::unique_ptr<accounts::WebhookDoor> hooks;
  std::unique_ptr<accounts::SignIns> sign_ins;
  std::unique_ptr<accounts::Context> context;
  std::unique_ptr<accounts::PostFiles> post_files;
  std::unique_ptr<reply::LinkLookup> links;
  std::unique_ptr<reply::SavedReplies> saved_replies;
  std::unique_ptr<reply::Rewards> rewards;
  std::unique_ptr<reply::ReplyChecks> reply_checks;
  std::unique_ptr<reply::Replies> replies;
  std::unique_ptr<reply::Approvals> approvals;
  std::unique_ptr<delivery::PublicLinks> public_links;
  std::unique_ptr<delivery::Sender> sender;
  std::unique_ptr<accounts::Readers> readers;
  std::mutex listen_mutex;
  std::atomic<bool> is_open{false};  // what runs is all there
  std::unique_ptr<sample::SampleDay> sample;
  std::unique_ptr<notify::Notify> notify;
  std::unique_ptr<chat::Chat> chat;
  std::unique_ptr<delivery::Typing> typing;
  std::unique_ptr<teamwork::Teams> teams;
  std::unique_ptr<teamwork::Documents> documents;
  std::unique_ptr<teamwork::Acts> acts;
  std::unique_ptr<teamwork::Rules> rules;

  std::unique_ptr<auth::Passwords> passwords;
  std::unique_ptr<auth::Sessions> sessions;
  std::unique_ptr<auth::Users> users;
  std::unique_ptr<auth::Workspaces> workspaces;
  std::unique_ptr<auth::OneTimeLinks> one_time_links;
  std::unique_ptr<auth::Invitations> invitations;
  std::unique_ptr<auth::Tokens> tokens;
  std::unique_ptr<auth::LoginThrottle> login_throttle;
  std::unique_ptr<auth::Gate> gate;
  std::unique_ptr<live::PresenceRegistry> presence;
  std::unique_ptr<live::Hub> live;
  assets::ConsoleServer console;
  api::Services services;
  std::unique_ptr<api::Router> router;
  std::unique_ptr<WorkerPool> workers;
  std::unique_ptr<net::HttpServer> http_server;
  std::unique_ptr<net::LocalServer> admin_socket;

  const Config& config() const { return options.config; }
  std::string base_url() const {
    const auto& configured = config().text("public_url");
    return configured.empty() ? "http://" + http_server->address() : configured;
  }
  channels::Channel* channel(std::string_view network) const {
    for (const auto& one : networks) {
      if (one->descriptor().network == network) return one.get();
    }
    return nullptr;
  }
  std::unique_ptr<channels::AccountState> account_state(Id workspace_id, Id account_id) {
    return ingest::make_account_state(*db, *sealer, clock, workspace_id, account_id);
  }

  Result<void> lay_ground();
  void make_channels();
  Result<void> make_path();
  Result<void> make_doors();
  Result<void> open_up();
  Result<void> make_first_link();
  void after_event(const events::Event& event);
  void listen_if_wanted();
  Result<void> read_author(Id workspace_id, Id case_id);
  Result<void> join_by_link(Id workspace_id, Id case_id);
};

// Where everything is kept, and how we reach out.
Result<void> Server::Parts::lay_ground() {
  const auto& data = config().text("data");
  TRY(make_data_directory(data));
  db = TRY(store::open(
      {.url = store_url(config()), .readers = static_cast<std::size_t>(config().integer("store.readers"))}));
  sealer = TRY(store::Sealer::open(data));
  log = std::make_unique<events::EventLog>(bus, clock);
  ssrf.allow_private = config().boolean("outbound.allow_private");
  ssrf.allow_plain_http = ssrf.allow_private;
  ssrf.allow = config().list("outbound.allow");
  // Networks that the operator configured by hand may be anywhere.
  http = net::make_http_client(ssrf);
  mail = net::make_mail_client({.url = config().text("mail.url"),
                                .user = config().text("mail.user"),
                                .password = config().text("mail.password"),
                                .from = config().text("mail.from"),
                                .tls = config().text("mail.tls")});
  TRY(net::address_of(config().text("mail.from")));
  return {};
}

// The networks we can speak with.
void Server::Parts::make_channels() {
  const channels::Tools tools{*http, ssrf, clock, random};
  channels::BlueskyOptions bluesky_options;
  bluesky_options.stream_url = config().text("bluesky.stream_url");
  bluesky_options.stream_kind = config().text("bluesky.stream_kind");
  bluesky_options.plc_url = config().text("bluesky.plc_url");
  bluesky_options.entryway_url = config().text("bluesky.entryway_url");
  bluesky_options.appview_url = config().text("bluesky.appview_url");
  bluesky_options.poll_interval_ms = config().integer("bluesky.poll_interval_ms");
  networks.push_back(channels::make_bluesky_channel(tools, bluesky_options));
  channels::XOptions x_options;
  x_options.api_url = config().text("x.api_url");
  x_options.upload_url = config().text("x.upload_url");
  x_options.authorize_url = config().text("x.authorize_url");
  x_options.bearer_token = config().text("x.bearer_token");
  x_options.poll_interval_ms = config().integer("x.poll_interval_ms");
  x_options.messages_interval_ms = config().integer("x.messages_interval_ms");
  networks.push_back(channels::make_x_channel(tools, x_options));
  networks.push_back(
      channels::make_line_channel(tools, {config().text("line.api_url"), config().text("line.data_api_url"),
                                          config().integer("line.check_interval_ms")}));
  conversations =
      std::make_unique<chat::Conversations>(*db, ids, clock, config().integer("chat.mail_after_ms"));
  networks.push_back(
      channels::chat::make_chat_channel(tools, {config().text("public_url"), conversations.get()}));
  networks.push_back(channels::mail::make_mail_channel(
      tools, {.message_limit_bytes = static_cast<std::size_t>(config().integer("mail.message_limit_bytes")),
              .sent_interval_ms = config().integer("mail.sent_interval_ms")}));
  networks.push_back(channels::open::make_open_channel(tools, {config().text("public_url")}));
}

// From the raw item to the case, and from the reply back to the network.
Result<void> Server::Parts::make_path() {
  const auto by_network = [this](std::string_view network) { return channel(network); };
  const auto state_of = [this](Id workspace_id, Id account_id) {
    return account_state(workspace_id, account_id);
  };

  // Who wrote, and what they need.
  people = std::make_unique<people::People>(*db, *log, ids, clock);
  books = std::make_unique<promises::Books>(*db, *log, clock);
  cases = std::make_unique<cases::Cases>(*db, *log, ids, clock);
  const people::People::Regrouped plan_person = [this](store::Transaction& tx, Id workspace_id,
                                                       Id person_id) {
    return cases->plan_person(tx, workspace_id, person_id);
  };
  people->on_regrouped(plan_person);
  TRY(people::index_known_people(*db));
  joining = std::make_unique<people::Joining>(*db, *log, ids, clock, plan_person);
  company_facts = std::make_unique<people::CompanyFacts>(
      people::CompanyFacts::Parts{*db, ids, clock, random, *sealer, *http, ssrf});
  waker = std::make_unique<cases::Waker>(*cases, clock);
  promise_keeper = std::make_unique<cases::PromiseKeeper>(*db, *log, clock);
  // What is on top, and who gets it.
  orders = std::make_unique<cases::Orders>(*db, *log, clock);
  rank_keeper = std::make_unique<cases::RankKeeper>(*db, *log);
  next_case = std::make_unique<cases::NextCase>(*db, clock);
  // Which public posts somebody wants.
  listening = std::make_unique<listening::Listening>(*db, *log, ids, clock);
  TRY(listening->load());
  follower = std::make_unique<listening::Follower>(*db, *log,
                                                   [this](Id topic_id, const listening::query::Post& post) {
                                                     return listening->facts()->themes(topic_id, post);
                                                   });
  alarms = std::make_unique<listening::rise::Alarms>(*db, *log, ids, clock);
  // Raw items become durable, then posts in cases.
  ingest = std::make_unique<ingest::Ingest>(ingest::Parts{*db, *log, ids, clock, *listening, by_network});
  // Our accounts, and the threads that read them.
  const accounts::Parts account_parts{
      *db,
      *log,
      ids,
      clock,
      by_network,
      state_of,
      [this](store::Transaction& tx, Id workspace_id, Id account_id, const accounts::Fields& secrets) {
        return ingest::store_secrets(tx, *sealer, clock.now_ms(), workspace_id, account_id, secrets);
      }};
  accounts = std::make_unique<accounts::Accounts>(account_parts);
  readers = std::make_unique<accounts::Readers>(
      *accounts, account_parts, [this](const channels::Account& account) { return ingest->inlet(account); },
      [this](std::string_view network) { return stream.watch(ingest->stream_inlet(network)); });
  sign_ins = std::make_unique<accounts::SignIns>(account_parts, *accounts, *sealer);
  hooks = std::make_unique<accounts::WebhookDoor>(accounts::WebhookDoor::Parts{
      *accounts, *ingest, *db, *log, clock, by_network, state_of, config().text("public_url")});
  accounts->on_change([this](Id workspace_id, Id account_id) {
    if (auto loaded = hooks->reload(); !loaded.ok()) log::error("webhooks not loaded", loaded.error());
    if (auto loaded = ingest->reload_accounts(); !loaded.ok())
      log::error("accounts not loaded", loaded.error());
    readers->refresh(workspace_id, account_id);
    listen_if_wanted();
  });
  // What a post alone does not tell.
  context = std::make_unique<accounts::Context>(accounts::ContextParts{
      *accounts, by_network, state_of,
      [this](const channels::Account& account, std::vector<channels::RawItem> items) -> Result<void> {
        std::vector<ingest::Entry> entries;
        for (auto& item : items) entries.push_back({account.workspace_id, account.id, std::move(item)});
        TRY(ingest->accept(std::move(entries)));
        return {};
      },
      [this](Id workspace_id, Id case_id) { return read_author(workspace_id, case_id); }});
  ingest->on_thread_wanted([this](Id workspace_id, Id account_id, const std::string& external_id) {
    context->want_thread(workspace_id, account_id, external_id);
  });
  ingest->on_author_wanted(
      [this](Id workspace_id, Id case_id) { context->want_author(workspace_id, case_id); });
  post_files = std::make_unique<accounts::PostFiles>(account_parts, random);
  ingest->on_files_wanted([this] { post_files->wake(); });
  people->set_profile_source(
      [this](Id workspace_id, const people::Identity& identity) -> Result<std::optional<people::Profile>> {
        auto* network = channel(identity.network);
        if (network == nullptr || !network->descriptor().capabilities.profile)
          return std::optional<people::Profile>{};
        const auto row = TRY(context->asking_account(workspace_id, identity.network));
        auto state = account_state(workspace_id, row.account.id);
        auto author = TRY(network->profile(row.account, *state, identity.external_id, {}));
        if (!author) return std::optional<people::Profile>{};
        return std::optional(people::Profile{author->handle, author->name, author->avatar_url, author->bio,
                                             author->followers, author->url});
      });
  // Replies: checked, approved where a second person must look, held, sent, confirmed.
  if (config().boolean("reply.look_at_links")) links = std::make_unique<reply::LinkLookup>(*http, clock);
  saved_replies = std::make_unique<reply::SavedReplies>(*db, *log, ids, clock);
  rewards = std::make_unique<reply::Rewards>(*db, *log, ids, clock);
  reply_checks = std::make_unique<reply::ReplyChecks>(*db, *log, clock, by_network, links.get());
  reply_checks->know_saved(*saved_replies);
  const reply::Parts reply_parts{
      *db, *log, ids, clock, *cases, by_network, [this] { sender->wake(); }, *reply_checks};
  replies = std::make_unique<reply::Replies>(reply_parts);
  approvals = std::make_unique<reply::Approvals>(reply_parts, *replies);
  public_links = std::make_unique<delivery::PublicLinks>(sealer->key_for("public files"),
                                                         config().text("public_url"), clock);
  sender = std::make_unique<delivery::Sender>(
      delivery::SenderParts{*db, *log, ids, clock, random, *cases, *accounts, by_network, state_of,
                            public_links.get()},
      delivery::SenderOptions{.workers = static_cast<std::size_t>(config().integer("delivery.workers"))});
  sample = std::make_unique<sample::SampleDay>(
      sample::Parts{*db, clock, *ingest, *accounts, *listening, *replies}, config().decimal("sample.speed"));
  // What people must be told.
  notify = std::make_unique<notify::Notify>(
      notify::Parts{*db, *log, ids, clock, random, *sealer, *http, ssrf, *mail, config().text("public_url")});
  // Visitors of the brand's own site.
  chat = std::make_unique<chat::Chat>(chat::Parts{
      *db, *log, clock, random, *ingest, *conversations, *mail, config().text("public_url"),
      [this](Id workspace_id, const std::string& state) { live->tell(workspace_id, "visitor", state); }});
  typing = std::make_unique<delivery::Typing>(
      delivery::Typing::Parts{*db, clock, *accounts, by_network, state_of});
  // Who takes what, what is done to many cases, and what the desk does by itself.
  teams = std::make_unique<teamwork::Teams>(*db, *log, ids, clock);
  documents = std::make_unique<teamwork::Documents>(*db, *log, ids, clock);
  acts = std::make_unique<teamwork::Acts>(
      *db,
      teamwork::Hands{*cases, *log, ids, clock, [this](store::Transaction& tx, const notify::Notice& notice) {
                        return notify->tell(tx, notice);
                      }});
  rules = std::make_unique<teamwork::Rules>(*db, *acts);
  return {};
}

// People, their rights, live screens, and the API.
Result<void> Server::Parts::make_doors() {
  const auto& public_url = config().text("public_url");
  passwords = std::make_unique<auth::Passwords>();
  sessions = std::make_unique<auth::Sessions>(*db, clock, random);
  users = std::make_unique<auth::Users>(*db, clock, ids, *passwords, *sessions);
  workspaces = std::make_unique<auth::Workspaces>(*db, clock, ids, *log);
  one_time_links = std::make_unique<auth::OneTimeLinks>(*db, clock, random, *users, *workspaces, *sessions);
  invitations = std::make_unique<auth::Invitations>(*db, clock, random, ids, *users, *workspaces, *sessions);
  tokens = std::make_unique<auth::Tokens>(*db, clock, random, ids);
  login_throttle = std::make_unique<auth::LoginThrottle>(clock);
  gate = std::make_unique<auth::Gate>(*db, clock, *sessions, auth::GateOptions{public_url});

  services.database = db.get();
  services.clock = &clock;
  services.random = &random;
  services.ids = &ids;
  services.events = log.get();
  services.metrics = &metrics;
  services.gate = gate.get();
  services.sessions = sessions.get();
  services.users = users.get();
  services.workspaces = workspaces.get();
  services.invitations = invitations.get();
  services.tokens = tokens.get();
  services.one_time_links = one_time_links.get();
  services.login_throttle = login_throttle.get();
  presence = std::make_unique<live::PresenceRegistry>(clock);
  live = std::make_unique<live::Hub>(*db, bus, clock, *presence, live::case_sources(clock));
  sessions->on_end([this](Id user_id) { live->recheck_user(user_id); });
  services.presence = presence.get();
  services.live = live.get();
  for (const auto& one : networks) services.channels.push_back(one.get());
  services.channel = [this](std::string_view network) { return channel(network); };
  services.account_state = [this](Id workspace_id, Id account_id) {
    return account_state(workspace_id, account_id);
  };
  services.ingest = ingest.get();
  services.cases = cases.get();
  services.books = books.get();
  services.orders = orders.get();
  services.next_case = next_case.get();
  services.people = people.get();
  services.joining = joining.get();
  services.company_facts = company_facts.get();
  services.listening = listening.get();
  services.alarms = alarms.get();
  services.notify = notify.get();
  services.chat = chat.get();
  services.typing = typing.get();
  services.listen = [this] { listen_if_wanted(); };
  services.accounts = accounts.get();
  services.stream = &stream;
  services.hooks = hooks.get();
  services.sign_ins = sign_ins.get();
  services.public_links = public_links.get();
  services.replies = replies.get();
  services.reply_checks = reply_checks.get();
  services.approvals = approvals.get();
  services.saved_replies = saved_replies.get();
  services.rewards = rewards.get();
  services.sample = sample.get();
  services.teams = teams.get();
  services.documents = documents.get();
  services.acts = acts.get();
  services.rules = rules.get();
  services.ssrf = ssrf;
  services.stream_url = config().text("bluesky.stream_url");
  services.undo_send_ms = config().integer("delivery.undo_send_ms");
  services.public_url = public_url;
  services.mail_works = mail->configured();
  services.secure_cookies = public_url.starts_with("https://");
  router = std::make_unique<api::Router>(*gate);
  api::add_all_routes(*router, services);
  router->set_https(services.secure_cookies);
  router->measure(metrics);
  router->set_fallback([this](const net::HttpRequest& request) { return console.serve(request); });
  return {};
}

// From the inside outwards: nothing comes in before everything behind it works.
Result<void> Server::Parts::open_up() {
  bus.subscribe([this](const events::Event& event) { after_event(event); });
  TRY(live->start());
  TRY(ingest->reload_accounts());
  TRY(ingest->start());
  TRY(hooks->start());
  post_files->start();
  TRY(sender->start());
  waker->start();
  workers = std::make_unique<WorkerPool>("http", static_cast<std::size_t>(config().integer("http.workers")),
                                         kWorkerQueueJobs);
  promise_keeper->start();
  rank_keeper->start();
  follower->start();
  TRY(notify->start());
  TRY(chat->start());
  alarms->start();
  acts->start();
  TRY(rules->start());
  net::ServerOptions http_options;
  http_options.listen = config().text("listen");
  http_options.io_threads = static_cast<std::size_t>(config().integer("http.io_threads"));
  http_options.trusted_proxies = config().list("http.trusted_proxies");
  http_options.body_limit_bytes = [this](const net::HttpRequest& head) {
    return router->body_limit_bytes(head);
  };
  http_server =
      TRY(net::start_http_server(std::move(http_options), *workers, [this](net::HttpRequest&& request) {
        return router->handle(std::move(request));
      }));
  // `kikimimi admin` beside a running server, which has the data for itself.
  admin_socket =
      TRY(net::LocalServer::start(config().text("data"), kAdminSocket, [this](std::string_view request) {
        return answer_admin({*users, *one_time_links, random, base_url()}, request);
      }));
  TRY(readers->start());
  TRY(sample->start());
  is_open = true;
  listen_if_wanted();
  return {};
}

// On the writer thread: only hands over.
void Server::Parts::after_event(const events::Event& event) {
  if (event.kind == "case.status") waker->look();
  if (event.kind == "promises.changed") promise_keeper->book_changed(event.workspace_id);
  follower->look();
  if (event.case_id != 0 && event.kind != "draft.changed") rules->look();
  if (event.kind == "post.received") alarms->look();
  if (event.kind == "order.changed") rank_keeper->order_changed(event.workspace_id);
  if (notify::makes_notice(event.kind)) notify->wake();
  if (event.kind == "private.came" && is_open &&
      !workers->submit([this, workspace_id = event.workspace_id, case_id = event.case_id] {
        if (auto joined = join_by_link(workspace_id, case_id); !joined.ok())
          log::warning("who came by a link was not joined", joined.error(), {{"case_id", case_id}});
      }))
    log::warning("too busy to join who came by a link", {{"case_id", event.case_id}});
  if (event.kind == "topic.changed" && is_open && !workers->submit([this] { listen_if_wanted(); }))
    log::warning("too busy to look whether somebody listens");
}

// A public stream names its authors by id alone: the first case of somebody reads their page.
Result<void> Server::Parts::read_author(Id workspace_id, Id case_id) {
  std::vector<std::pair<Id, std::string>> unknown;  // a case of two networks may know one of them alone
  {
    auto reader = TRY(db->reader());
    unknown =
        TRY(reader->all("SELECT i.person_id, i.network FROM conversations v JOIN identities i ON "
                        "i.workspace_id = v.workspace_id AND i.id = v.identity_id "
                        "WHERE v.workspace_id = $1 AND v.case_id = $2 AND i.profile_at = 0 "
                        "ORDER BY i.person_id",
                        {workspace_id, case_id},
                        [](const store::Row& row) { return std::pair(row.integer(0), row.string(1)); }));
  }
  Id asked = 0;  // a person is asked for on all their networks at once
  for (const auto& [person_id, network_name] : unknown) {
    const auto* network = channel(network_name);
    if (person_id == asked || network == nullptr || !network->descriptor().capabilities.profile) continue;
    asked = person_id;
    const auto refreshed = TRY(people->refresh(workspace_id, person_id, 0));
    for (const auto& one : refreshed.failed)
      log::warning("a profile was not read", one.error, {{"network", one.network}});
  }
  return {};
}

// Who came by the link of a case is its customer on another network: one card, and split again by hand when
// it was somebody else after all.
Result<void> Server::Parts::join_by_link(Id workspace_id, Id case_id) {
  std::vector<std::pair<Id, Id>> pairs;
  {
    auto reader = TRY(db->reader());
    pairs = TRY(reader->all(
        "SELECT c.person_id, i.person_id FROM private_links l JOIN cases c ON c.workspace_id "
        "= l.workspace_id AND "
        "c.id = l.case_id JOIN identities i ON i.workspace_id = l.workspace_id AND i.id = "
        "l.identity_id WHERE "
        "l.workspace_id = $1 AND l.case_id = $2 AND i.person_id <> c.person_id AND NOT EXISTS (SELECT 1 FROM "
        "person_apart a WHERE a.workspace_id = c.workspace_id AND ((a.person_id = c.person_id AND a.other_id "
        "= i.person_id) OR (a.person_id = i.person_id AND a.other_id = c.person_id)))",
        {workspace_id, case_id},
        [](const store::Row& row) { return std::pair(row.integer(0), row.integer(1)); }));
  }
  for (const auto& [person_id, other_id] : pairs) TRY(joining->merge(workspace_id, person_id, other_id, 0));
  return {};
}

// The public stream runs while some workspace has a topic that listens; what connected accounts need of it
// they ask for themselves (docs/decisions/the-public-stream.md).
void Server::Parts::listen_if_wanted() {
  const std::lock_guard lock(listen_mutex);  // who looked last decides last
  const auto heard = [&]() -> Result<std::vector<std::string>> {
    auto reader = TRY(db->reader());
    return reader->all(
        "SELECT DISTINCT a.network FROM topics t JOIN accounts a ON a.workspace_id = t.workspace_id AND "
        "a.kind = "
        "'listener' AND a.removed_at IS NULL AND a.status <> 'paused' WHERE t.enabled = 1 AND t.archived_at "
        "IS NULL",
        {}, [](const store::Row& row) { return row.string(0); });
  }();
  if (!heard.ok()) return log::error("the topics could not be read", heard.error());
  for (auto* network : services.channels) {
    readers->listen(*network, std::ranges::find(*heard, network->descriptor().network) != heard->end());
  }
}

// A new desk has nobody who could sign in: one link lets the first person in.
Result<void> Server::Parts::make_first_link() {
  const auto base = base_url();
  if (options.sample && !TRY(users->exist())) {
    const auto made = TRY(one_time_links->set_up_locally(
        {.email = "owner@example.com", .name = "Owner", .password = random.token(), .language = "ja"},
        {.name = "ミナト電機", .time_zone = "Asia/Tokyo", .language = "ja"}));
    TRY(sample->play(made.workspace_id, made.user_id, 0));
    first_link = base + "/login#" + TRY(one_time_links->make_login_token(made.user_id));
    return {};
  }
  if (const auto token = TRY(one_time_links->make_setup_token())) first_link = base + "/setup#" + *token;
  return {};
}

Server::Server(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Server::~Server() {
  stop();
}

Result<std::unique_ptr<Server>> Server::start(ServerOptions options) {
  auto server = std::unique_ptr<Server>(new Server(std::make_unique<Parts>(std::move(options))));
  auto& parts = *server->parts_;
  TRY(parts.lay_ground());
  parts.make_channels();
  TRY(parts.make_path());
  TRY(parts.make_doors());
  TRY(parts.open_up());
  TRY(parts.make_first_link());
  return server;
}

std::string Server::address() const {
  return parts_->http_server ? parts_->http_server->address() : "";
}

std::string Server::url() const {
  return parts_->base_url();
}

std::string Server::first_link() const {
  return parts_->first_link;
}

void Server::stop() {
  auto& parts = *parts_;
  parts.admin_socket.reset();
  if (parts.typing) parts.typing->stop();
  if (parts.chat) parts.chat->stop();
  if (parts.live) parts.live->stop();
  if (parts.http_server) parts.http_server->stop();
  if (parts.workers) parts.workers->stop();
  if (parts.sample) parts.sample->stop_all();
  if (parts.readers) parts.readers->stop();
  if (parts.hooks) parts.hooks->stop();
  if (parts.post_files) parts.post_files->stop();
  if (parts.context) parts.context->stop();
  if (parts.sender) parts.sender->stop();
  if (parts.follower) parts.follower->stop();
  if (parts.waker) parts.waker->stop();
  if (parts.promise_keeper) parts.promise_keeper->stop();
  if (parts.rank_keeper) parts.rank_keeper->stop();
  if (parts.alarms) parts.alarms->stop();
  if (parts.rules) parts.rules->stop();
  if (parts.acts) parts.acts->stop();
  if (parts.notify) parts.notify->stop();
  if (parts.ingest) parts.ingest->stop();
  if (parts.db) parts.db->close();
}

}  // namespace kiki

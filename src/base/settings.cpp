// The table of settings: add a row here and it exists on the command line, in the environment, in the file
// and in `kikimimi doctor`.

#include "base/config.hpp"

namespace kiki {

namespace {

using enum SettingType;

constexpr Setting kSettings[] = {
    {"listen", kAddress, "127.0.0.1:8080", "Address and port of the console and the API."},
    {"data", kText, "kikimimi-data", "Directory of everything that is kept."},
    {"public_url", kUrl, "", "Base of links that leave the server; empty: from the request.", "http|https"},
    {"store.url", kUrl, "", "Database; empty: SQLite in the data directory.", "postgres|postgresql|sqlite", 0,
     0, true},
    {"store.readers", kInteger, "4", "Connections for reading.", {}, 1, 256},
    {"log.level", kChoice, "info", "Least level that is logged.", "debug|info|warning|error"},
    {"http.io_threads", kInteger, "1", "Threads that move bytes.", {}, 1, 64},
    {"http.workers", kInteger, "8", "Threads that answer requests.", {}, 1, 1024},
    {"http.trusted_proxies", kList, "", "Addresses or networks (CIDR) whose X-Forwarded-For is believed."},
    {"outbound.allow", kList, "",
     "Hosts, host:port or networks (CIDR) that outgoing requests may reach although guarded."},
    {"outbound.allow_private", kBoolean, "false",
     "Outgoing requests may reach private and loopback addresses."},
    {"bluesky.stream_url", kUrl, "wss://jetstream2.us-east.bsky.network/subscribe", "Public stream of posts.",
     "ws|wss"},
    {"bluesky.stream_kind", kChoice, "auto", "Form of the stream; auto: from its URL.",
     "jetstream|firehose|auto"},
    {"bluesky.plc_url", kUrl, "https://plc.directory", "Directory of did:plc identities.", "http|https"},
    {"bluesky.entryway_url", kUrl, "https://bsky.social", "Where a handle is looked up first.", "http|https"},
    {"bluesky.appview_url", kUrl, "https://public.api.bsky.app", "Public read API.", "http|https"},
    {"bluesky.poll_interval_ms",
     kInteger,
     "5000",
     "Pause between looks at notifications.",
     {},
     50,
     3'600'000},
    {"chat.mail_after_ms",
     kInteger,
     "60000",
     "How long a web chat's answer waits for a visitor who is away, before it goes by mail.",
     {},
     0,
     86'400'000},
    {"delivery.undo_send_ms",
     kInteger,
     "5000",
     "Time in which a sent reply can be taken back.",
     {},
     0,
     60'000},
    {"delivery.workers", kInteger, "4", "Threads that send replies.", {}, 1, 256},
    {"line.api_url", kUrl, "https://api.line.me", "LINE Messaging API.", "http|https"},
    {"line.data_api_url", kUrl, "https://api-data.line.me", "Files of LINE messages.", "http|https"},
    {"line.check_interval_ms",
     kInteger,
     "600000",
     "Pause between looks at LINE's token and webhook.",
     {},
     50,
     86'400'000},
    {"mail.url", kUrl, "", "Mail server for notices; empty: no mail.", "smtp|smtps"},
    {"mail.user", kText, "", "Name to sign in with at the mail server; empty: without."},
    {"mail.password", kText, "", "Password for it.", {}, 0, 0, true},
    {"mail.from", kText, "Kikimimi <kikimimi@localhost>", "Sender of mails: an address, or Name <address>."},
    {"mail.tls", kChoice, "auto", "STARTTLS with smtp: when offered, always, or never.",
     "auto|required|never"},
    {"mail.message_limit_bytes",
     kInteger,
     "26214400",
     "Mails of customers that are larger: only their header is read.",
     {},
     65'536,
     104'857'600},
    {"mail.sent_interval_ms",
     kInteger,
     "60000",
     "Pause between looks at a mailbox's folder of sent mail.",
     {},
     50,
     1'200'000},
    {"reply.look_at_links", kBoolean, "true",
     "Ask the hosts of links in a reply whether the links are dead."},
    {"x.api_url", kUrl, "https://api.x.com", "X's API.", "http|https"},
    {"x.upload_url", kUrl, "", "Where pictures for X go; empty: x.api_url.", "http|https"},
    {"x.authorize_url", kUrl, "https://x.com/i/oauth2/authorize", "X's page on which an owner agrees.",
     "http|https"},
    {"x.bearer_token", kText, "", "The app's own token for listening on X; empty: topics do not listen there.",
     {}, 0, 0, true},
    {"x.poll_interval_ms", kInteger, "60000", "Pause between looks at mentions on X.", {}, 50, 3'600'000},
    {"x.messages_interval_ms", kInteger, "65000", "Pause between looks at messages on X (15 in 15 minutes).",
     {}, 50, 3'600'000},
    {"sample.speed", kDecimal, "60", "How many times faster than life the sample day plays.", {}, 1, 10'000},
};

}  // namespace

std::span<const Setting> settings() {
  return kSettings;
}

}  // namespace kiki

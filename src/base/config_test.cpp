#include "base/config.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>

namespace kiki {
namespace {

using Flags = std::vector<std::string>;
using Variables = std::map<std::string, std::string>;

Result<Config> load(Flags flags, Variables variables = {}, std::string_view file = "") {
  const EnvironmentLookup environment = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  return load_config_text(flags, environment, file, "kikimimi.toml");
}

TEST(Config, HasDefaultsForEverything) {
  const Config config;
  EXPECT_EQ(config.text("listen"), "127.0.0.1:8080");
  EXPECT_EQ(config.text("store.url"), "");
  EXPECT_EQ(config.integer("delivery.undo_send_ms"), 5000);
  EXPECT_FALSE(config.boolean("outbound.allow_private"));
  EXPECT_TRUE(config.list("http.trusted_proxies").empty());
  EXPECT_EQ(config.decimal("sample.speed"), 60);
  EXPECT_EQ(config.shown().size(), settings().size());
  for (const Config::Shown& one : config.shown()) EXPECT_EQ(one.source, "default");
}

TEST(Config, NamesAreUniqueOnEveryRoad) {
  std::set<std::string> flags;
  std::set<std::string> variables;
  for (const Setting& setting : settings()) {
    EXPECT_TRUE(flags.insert(flag_name(setting.key)).second) << setting.key;
    EXPECT_TRUE(variables.insert(environment_name(setting.key)).second) << setting.key;
    EXPECT_FALSE(setting.help.empty());
  }
  EXPECT_EQ(flag_name("http.io_threads"), "--http-io-threads");
  EXPECT_EQ(environment_name("http.io_threads"), "KIKIMIMI_HTTP_IO_THREADS");
}

TEST(Config, TheStrongerSourceWins) {
  const std::string_view file = "listen = '1.1.1.1:1'\ndata = '/file'\n[http]\nworkers = 3\n";
  const auto config =
      load({"--listen=3.3.3.3:3"}, {{"KIKIMIMI_LISTEN", "2.2.2.2:2"}, {"KIKIMIMI_DATA", "/variable"}}, file);
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_EQ(config->text("listen"), "3.3.3.3:3");
  EXPECT_EQ(config->text("data"), "/variable");
  EXPECT_EQ(config->integer("http.workers"), 3);
  std::map<std::string, std::string> sources;
  for (const Config::Shown& one : config->shown()) sources[one.key] = one.source;
  EXPECT_EQ(sources["listen"], "--listen");
  EXPECT_EQ(sources["data"], "KIKIMIMI_DATA");
  EXPECT_EQ(sources["http.workers"], "kikimimi.toml:4");
  EXPECT_EQ(sources["store.url"], "default");
}

TEST(Config, ReadsEveryTypeFromEverySource) {
  const auto file =
      load({}, {},
           "http.trusted_proxies = ['10.0.0.1', '192.168.0.0/16']\nsample.speed = 2.5\n"
           "outbound.allow_private = true\nbluesky.stream_kind = 'firehose'\nstore.readers = 9\n");
  ASSERT_TRUE(file.ok()) << file.error().message;
  const auto flags =
      load({"--http-trusted-proxies", "10.0.0.1, 192.168.0.0/16,", "--sample-speed", "2.5",
            "--outbound-allow-private", "--bluesky-stream-kind", "firehose", "--store-readers=9"});
  ASSERT_TRUE(flags.ok()) << flags.error().message;
  for (const Config* config : {&*file, &*flags}) {
    EXPECT_EQ(config->list("http.trusted_proxies"), (std::vector<std::string>{"10.0.0.1", "192.168.0.0/16"}));
    EXPECT_EQ(config->decimal("sample.speed"), 2.5);
    EXPECT_TRUE(config->boolean("outbound.allow_private"));
    EXPECT_EQ(config->text("bluesky.stream_kind"), "firehose");
    EXPECT_EQ(config->integer("store.readers"), 9);
  }
  EXPECT_FALSE(load({"--outbound-allow-private", "false"})->boolean("outbound.allow_private"));
  EXPECT_EQ(load({"--listen", "[::1]:0"})->text("listen"), "[::1]:0");
}

struct Bad {
  Flags flags;
  Variables variables;
  std::string file;
  std::string where;
  std::string message;
};

TEST(Config, AWrongSettingNamesItselfAndItsPlace) {
  const Bad all[] = {
      {{"--stor-url=x"}, {}, "", "--stor-url", "unknown flag --stor-url, did you mean --store-url?"},
      {{"--zzzzzzzzzzzz"}, {}, "", "--zzzzzzzzzzzz", "unknown flag --zzzzzzzzzzzz"},
      {{"serve"}, {}, "", "\"serve\"", "unexpected \"serve\" on the command line"},
      {{"--listen"}, {}, "", "--listen", "--listen needs a value: HOST:PORT"},
      {{"--listen", "--data"}, {}, "", "--listen", "--listen needs a value: HOST:PORT"},
      {{"--listen=8080"}, {}, "", "--listen", "--listen: listen must be HOST:PORT, not \"8080\""},
      {{"--listen=a:65536"}, {}, "", "--listen", "--listen: listen must be HOST:PORT, not \"a:65536\""},
      {{"--http-workers=0"},
       {},
       "",
       "--http-workers",
       "--http-workers: http.workers must be a whole number from 1 to 1024, not 0"},
      {{"--sample-speed=nan"},
       {},
       "",
       "--sample-speed",
       "--sample-speed: sample.speed must be a number from 1 to 10000, not nan"},
      {{"--data="}, {}, "", "--data", "--data: data must be a text, not \"\""},
      {{},
       {{"KIKIMIMI_STORE_READERS", "4x"}},
       "",
       "KIKIMIMI_STORE_READERS",
       "KIKIMIMI_STORE_READERS: store.readers must be a whole number from 1 to 256, not \"4x\""},
      {{},
       {{"KIKIMIMI_LOG_LEVEL", "LOUD\n"}},
       "",
       "KIKIMIMI_LOG_LEVEL",
       "KIKIMIMI_LOG_LEVEL: log.level must be one of debug, info, warning, error, not \"LOUD?\""},
      {{},
       {},
       "\n[store]\nurls = 'x'\n",
       "kikimimi.toml:3",
       "kikimimi.toml:3: unknown setting \"store.urls\", did you mean store.url?"},
      {{},
       {},
       "[store.url]\nx = 1\n",
       "kikimimi.toml:1",
       "kikimimi.toml:1: store.url must be a URL that begins with postgres:// or postgresql:// or sqlite://"},
      {{},
       {},
       "[http]\n\nworkers = 'many'\n",
       "kikimimi.toml:3",
       "kikimimi.toml:3: http.workers must be a whole number from 1 to 1024, not \"many\""},
      {{}, {}, "http = 5\n", "kikimimi.toml:1", "kikimimi.toml:1: unknown setting \"http\""},
      {{},
       {},
       "outbound.allow = ['a', 1]\n",
       "kikimimi.toml:1",
       "kikimimi.toml:1: outbound.allow must be a list of texts, not this integer"},
      {{},
       {},
       "bluesky.plc_url = 'plc.directory'\n",
       "kikimimi.toml:1",
       "kikimimi.toml:1: bluesky.plc_url must be a URL that begins with http:// or https://, not "
       "\"plc.directory\""},
  };
  for (const Bad& bad : all) {
    const auto config = load(bad.flags, bad.variables, bad.file);
    ASSERT_FALSE(config.ok()) << bad.message;
    EXPECT_EQ(config.error().kind, ErrorKind::kInvalid);
    EXPECT_EQ(config.error().where, bad.where);
    EXPECT_EQ(config.error().message, bad.message);
  }
}

TEST(Config, BrokenTomlNamesTheLine) {
  const auto config = load({}, {}, "listen = '127.0.0.1:1'\ndata = = 'x'\n");
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(config.error().where, "kikimimi.toml:2");
  EXPECT_EQ(load({}, {}, "data = 'a'\ndata = 'b'\n").error().where, "kikimimi.toml:2");
  EXPECT_FALSE(load({}, {}, "data = '\xFF'\n").ok());
  EXPECT_EQ(load({}, {}, "data = 'a'\r\n[\rhttp]\n").error().where, "kikimimi.toml:2");
  EXPECT_EQ(load({}, {}, "[+http]\n").error().where, "kikimimi.toml:1");
  EXPECT_EQ(load({}, {}, "\ndata = ϋ\n").error().where, "kikimimi.toml:2");
  EXPECT_EQ(load({}, {}, "\ndäta = 'x'\n").error().where, "kikimimi.toml:2");
  EXPECT_EQ(load({}, {}, "data = 'a'\r\n[http]\r\nworkers = 2\r\n")->integer("http.workers"), 2);
}

TEST(Config, NeverShowsAPassword) {
  const auto config =
      load({"--store-url=postgresql://kiki:s3cret@db:5432/desk?sslmode=require&password=s3cret&x=1"});
  ASSERT_TRUE(config.ok()) << config.error().message;
  EXPECT_NE(config->text("store.url").find("s3cret"), std::string::npos);
  for (const Config::Shown& one : config->shown()) {
    EXPECT_EQ(one.value.find("s3cret"), std::string::npos);
    if (one.key == "store.url") {
      EXPECT_EQ(one.value, "postgresql://kiki:***@db:5432/desk?sslmode=require&password=***&x=1");
    }
  }
  const auto wrong = load({"--store-url=mysql://kiki:s3cret@db/desk"});
  ASSERT_FALSE(wrong.ok());
  EXPECT_EQ(wrong.error().message.find("s3cret"), std::string::npos);
}

TEST(Config, AFileThatIsNotThereNamesItself) {
  const auto config = load_config({}, {}, "/nowhere/kikimimi.toml");
  ASSERT_FALSE(config.ok());
  EXPECT_EQ(config.error().where, "/nowhere/kikimimi.toml");
  EXPECT_FALSE(load_config({}, {}, "/").ok());
  EXPECT_TRUE(load_config({}, {}, std::nullopt).ok());
}

TEST(Config, CanBeSetByTheProgram) {
  Config config;
  EXPECT_TRUE(config.set("http.workers", "2").ok());
  EXPECT_EQ(config.integer("http.workers"), 2);
  EXPECT_FALSE(config.set("http.workers", "x").ok());
  EXPECT_FALSE(config.set("http.worker", "2").ok());
}

}  // namespace
}  // namespace kiki

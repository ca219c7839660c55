// The command line: each subcommand is one function below.

#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <iostream>

#include "admin.hpp"
#include "base/config.hpp"
#include "base/log.hpp"
#include "listening/match/match.hpp"
#include "listening/rise/burst.hpp"
#include "server.hpp"

namespace {

using kiki::Config;
using kiki::Error;
using kiki::Result;

int fail(const Error& error) {
  std::cerr << "kikimimi: " << error.message;
  if (!error.where.empty()) std::cerr << " (" << error.where << ")";
  std::cerr << "\n";
  return 1;
}

struct Common {
  std::string config_file;
  std::vector<std::string> flags;  // everything that sets a setting
};

Result<Config> load(const Common& common) {
  const auto file = common.config_file.empty() ? std::nullopt : std::optional(common.config_file);
  auto config = TRY(kiki::load_config(common.flags, kiki::process_environment(), file));
  kiki::log::set_level(TRY(kiki::log::parse_level(config.text("log.level"))));
  return config;
}

int serve(const Config& config, bool sample) {
  // Signals are taken by this thread alone, with sigwait; every other thread inherits the mask.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);

  auto server = kiki::Server::start({config, sample});
  if (!server.ok()) return fail(server.error());
  std::cout << "Kikimimi " << KIKI_VERSION << " is ready at " << (*server)->url() << "\n";
  if (const auto link = (*server)->first_link(); !link.empty())
    std::cout << "Open this link once to begin: " << link << "\n";
  std::cout << std::flush;

  int received = 0;
  sigwait(&signals, &received);
  kiki::log::info("stopping", {{"signal", received}});
  (*server)->stop();
  return 0;
}

int doctor(const Config& config) {
  for (const auto& setting : config.shown()) {
    std::cout << setting.key << " = " << setting.value << "   (" << setting.source << ")\n    "
              << setting.help << "\n";
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Kikimimi: the desk for active customer support on social networks"};
  app.set_version_flag("--version", "kikimimi " KIKI_VERSION);
  app.require_subcommand(1);
  app.fallthrough(false);

  Common common;
  const auto with_settings = [&common](CLI::App* command) {
    command->add_option("--config", common.config_file, "TOML file with settings");
    command->allow_extras();
    command->footer(
        "Every setting of `kikimimi doctor` can be given: --store-url URL, KIKIMIMI_STORE_URL=URL, or url "
        "under "
        "[store] in the file.");
    return command;
  };

  bool sample = false;
  auto* serve_command = with_settings(app.add_subcommand("serve", "Run the desk"));
  serve_command->add_flag("--sample", sample, "On a new desk: make an owner and play the sample day");
  auto* doctor_command =
      with_settings(app.add_subcommand("doctor", "Show every setting, its value and where it comes from"));
  auto* migrate_command = with_settings(app.add_subcommand("migrate", "Bring the database up to date"));
  auto* admin_command = with_settings(
      app.add_subcommand("admin", "Help people in: login-link, reset-password, disable, enable"));
  std::string admin_action;
  std::string admin_email;
  admin_command->add_option("action", admin_action, "login-link, reset-password, disable or enable")
      ->required();
  admin_command->add_option("email", admin_email, "Whose")->required();
  auto* seed_command = with_settings(
      app.add_subcommand("seed", "Fill a new desk with made-up cases, the same for the same seed"));
  kiki::SeedOptions seed;
  seed_command->add_option("--cases", seed.cases, "How many cases")->capture_default_str();
  seed_command->add_option("--posts", seed.posts, "How many posts in them")->capture_default_str();
  seed_command->add_option("--seed", seed.seed, "Another number gives other data")->capture_default_str();

  auto* burst_command = app.add_subcommand(
      "burst", "Judge a series: lines \"timestamp,value\" in, \"timestamp,score,alarm\" out");

  kiki::listening::match::Options match;
  auto* match_command = app.add_subcommand(
      "match", "Hold posts (JSON lines) against queries; says which matched (docs/use/match.md)");
  match_command->add_option("--queries", match.queries, "File of lines: id, tab, query")->required();
  match_command->add_flag("--explain", match.explain, "Also which terms were found, and where");
  match_command->add_option("--threads", match.threads, "How many to use")
      ->check(CLI::Range(1U, kiki::listening::match::kThreadsLimit))
      ->capture_default_str();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error);
  }
  const auto* command = app.get_subcommands().front();
  if (command == burst_command) {
    std::ios::sync_with_stdio(false);
    return kiki::listening::rise::burst(std::cin, std::cout, std::cerr);
  }
  if (command == match_command) {
    ::signal(SIGPIPE, SIG_IGN);
    match.shows_progress = ::isatty(STDERR_FILENO) != 0;
    return kiki::listening::match::match(match, STDIN_FILENO, STDOUT_FILENO, std::cerr);
  }
  common.flags = command->remaining();
  const auto config = load(common);
  if (!config.ok()) return fail(config.error());

  if (command == serve_command) return serve(*config, sample);
  if (command == doctor_command) return doctor(*config);
  Result<void> done;
  if (command == migrate_command) done = kiki::migrate(*config);
  if (command == admin_command) done = kiki::administer(*config, admin_action, admin_email);
  if (command == seed_command) done = kiki::seed(*config, seed);
  return done.ok() ? 0 : fail(done.error());
}

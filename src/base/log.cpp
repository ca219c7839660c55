// spdlog carries the lines (levels, one lock, standard error); the JSON is written here, because spdlog 1.10
// has no structured fields. Bytes that are no UTF-8 become U+FFFD, so that a line is always valid JSON.

#include "base/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>

#include <charconv>
#include <cmath>
#include <cstdio>
#include <memory>
#include <mutex>

#include "base/clock.hpp"

namespace kiki::log {

namespace {

// Length of the well-formed UTF-8 sequence at the front of `text`, 0 when there is none (RFC 3629, section
// 4).
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continues = [&](std::size_t i, unsigned low = 0x80, unsigned high = 0xBF) {
    return i < text.size() && byte(i) >= low && byte(i) <= high;
  };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    const bool second = continues(1, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF);
    return second && continues(2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    const bool second = continues(1, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF);
    return second && continues(2) && continues(3) ? 4 : 0;
  }
  return 0;
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const unsigned char c = static_cast<unsigned char>(text.front());
    std::size_t length = 1;
    if (c == '"' || c == '\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c < 0x20 || c == 0x7F) {
      constexpr char kHex[] = "0123456789abcdef";
      out += "\\u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
    } else if (length = sequence_length(text); length > 0) {
      out += text.substr(0, length);
    } else {
      length = 1;
      out += "\xEF\xBF\xBD";
    }
    text.remove_prefix(length);
  }
  out += '"';
}

void append_value(std::string& out, const Field& field) {
  if (const auto* text = std::get_if<std::string_view>(&field.value)) {
    append_quoted(out, *text);
  } else if (const auto* flag = std::get_if<bool>(&field.value)) {
    out += *flag ? "true" : "false";
  } else if (const auto* integer = std::get_if<std::int64_t>(&field.value)) {
    out += std::to_string(*integer);
  } else {
    const double number = std::get<double>(field.value);
    char buffer[32];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
    if (std::isfinite(number)) {
      out.append(buffer, end);
    } else {
      out += "null";
    }
  }
}

class LineSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  void start_capture() {
    const std::lock_guard lock(mutex_);
    CHECK(!capturing_);
    capturing_ = true;
    captured_.clear();
  }
  void end_capture() {
    const std::lock_guard lock(mutex_);
    capturing_ = false;
  }
  std::string captured() {
    const std::lock_guard lock(mutex_);
    return captured_;
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (capturing_) {
      captured_.append(message.payload.data(), message.payload.size());
    } else {
      std::fwrite(message.payload.data(), 1, message.payload.size(), stderr);
    }
  }
  void flush_() override { std::fflush(stderr); }

  bool capturing_ = false;
  std::string captured_;
};

struct Sink {
  std::shared_ptr<LineSink> lines = std::make_shared<LineSink>();
  spdlog::logger logger{"kikimimi", lines};
};

// Never destroyed: threads may log while the process ends.
Sink& sink() {
  static Sink& sink = *new Sink;
  return sink;
}

constexpr std::string_view kNames[] = {"debug", "info", "warning", "error"};
constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info,
                                                 spdlog::level::warn, spdlog::level::err};

void write(Level level, std::string_view message, const Error* cause, Fields fields) {
  const auto index = static_cast<std::size_t>(level);
  spdlog::logger& logger = sink().logger;
  if (!logger.should_log(kLevels[index])) return;
  std::string line;
  line.reserve(256);
  line += R"({"time":")";
  line += to_rfc3339(SystemClock().now_ms());
  line += R"(","level":")";
  line += kNames[index];
  line += R"(","message":)";
  append_quoted(line, message);
  const auto append = [&line](const Field& field) {
    line += ',';
    append_quoted(line, field.key);
    line += ':';
    append_value(line, field);
  };
  if (cause != nullptr) {
    append({"error", name(cause->kind)});
    append({"error_message", cause->message});
    if (!cause->code.empty()) append({"error_code", cause->code});
    if (!cause->where.empty()) append({"error_where", cause->where});
  }
  for (const Field& field : fields) append(field);
  line += "}\n";
  logger.log(kLevels[index], spdlog::string_view_t(line.data(), line.size()));
}

}  // namespace

void set_level(Level level) {
  sink().logger.set_level(kLevels[static_cast<std::size_t>(level)]);
}

Result<Level> parse_level(std::string_view name) {
  for (std::size_t i = 0; i < std::size(kNames); ++i) {
    if (kNames[i] == name) return static_cast<Level>(i);
  }
  return invalid("\"" + std::string(name) + "\" is no log level: debug, info, warning or error");
}

void debug(std::string_view message, Fields fields) {
  write(Level::kDebug, message, nullptr, fields);
}
void info(std::string_view message, Fields fields) {
  write(Level::kInfo, message, nullptr, fields);
}
void warning(std::string_view message, Fields fields) {
  write(Level::kWarning, message, nullptr, fields);
}
void error(std::string_view message, Fields fields) {
  write(Level::kError, message, nullptr, fields);
}
void warning(std::string_view message, const Error& cause, Fields fields) {
  write(Level::kWarning, message, &cause, fields);
}
void error(std::string_view message, const Error& cause, Fields fields) {
  write(Level::kError, message, &cause, fields);
}

Capture::Capture() {
  sink().lines->start_capture();
}
Capture::~Capture() {
  sink().lines->end_capture();
}
std::string Capture::text() const {
  return sink().lines->captured();
}

}  // namespace kiki::log

// SPDX-License-Identifier: Apache-2.0
#include "tenon/log.hpp"

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <array>
#include <mutex>

namespace tenon {
namespace {

constexpr std::array<std::string_view, 6> kLevelWords{"trace", "debug", "info", "warn", "error", "critical"};

spdlog::level::level_enum to_spdlog(LogLevel level) { return static_cast<spdlog::level::level_enum>(level); }

// Log lines go to standard error: standard output belongs to the banner and to command output.
std::shared_ptr<spdlog::logger> category_named(std::string_view name) {
  static std::mutex creation;
  const std::scoped_lock lock(creation);
  const std::string key(name);
  if (auto existing = spdlog::get(key)) return existing;
  return spdlog::stderr_color_mt(key);
}

}  // namespace

struct Logger::Category {
  std::shared_ptr<spdlog::logger> sink;
};

Logger::Logger(std::string_view name) : category_(std::make_shared<Category>(Category{category_named(name)})) {}
Logger::Logger(const Logger&) = default;
Logger& Logger::operator=(const Logger&) = default;
Logger::~Logger() = default;

bool Logger::enabled(LogLevel level) const noexcept { return category_->sink->should_log(to_spdlog(level)); }

void Logger::write(LogLevel level, std::string_view message) const {
  category_->sink->log(to_spdlog(level), spdlog::string_view_t(message.data(), message.size()));
}

void set_log_level(LogLevel level) { spdlog::set_level(to_spdlog(level)); }

bool parse_log_level(std::string_view word, LogLevel& level) {
  for (std::size_t index = 0; index < kLevelWords.size(); ++index) {
    if (kLevelWords[index] != word) continue;
    level = static_cast<LogLevel>(index);
    return true;
  }
  return false;
}

}  // namespace tenon

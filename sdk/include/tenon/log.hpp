// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "tenon/export.hpp"
#include "tenon/text.hpp"

namespace tenon {

enum class LogLevel { trace, debug, info, warn, error, critical };

/// A named log category. The kernel makes one per plug-in instance and hands it over with the Host; the library behind
/// it (spdlog) stays inside the runtime.
/// Threads: any. Copying is cheap and shares the category.
class TENON_EXPORT Logger {
 public:
  /// The category `name`; the same name gives the same category everywhere in the process.
  explicit Logger(std::string_view name);
  Logger(const Logger&);
  Logger& operator=(const Logger&);
  ~Logger();

  bool enabled(LogLevel level) const noexcept;
  void write(LogLevel level, std::string_view message) const;

  /// `log.info("recovered ", count, " records from ", path)`; the text is built only if the level is enabled.
  template <class... Parts>
  void trace(const Parts&... parts) const {
    log(LogLevel::trace, parts...);
  }
  template <class... Parts>
  void debug(const Parts&... parts) const {
    log(LogLevel::debug, parts...);
  }
  template <class... Parts>
  void info(const Parts&... parts) const {
    log(LogLevel::info, parts...);
  }
  template <class... Parts>
  void warn(const Parts&... parts) const {
    log(LogLevel::warn, parts...);
  }
  template <class... Parts>
  void error(const Parts&... parts) const {
    log(LogLevel::error, parts...);
  }

 private:
  template <class... Parts>
  void log(LogLevel level, const Parts&... parts) const {
    if (enabled(level)) write(level, text(parts...));
  }

  struct Category;
  std::shared_ptr<Category> category_;
};

/// Sets the level of every category, present and future. Called by the kernel at its start and on reload. Threads: any.
TENON_EXPORT void set_log_level(LogLevel level);
/// "trace" ... "critical"; false if the word is none of them.
TENON_EXPORT bool parse_log_level(std::string_view word, LogLevel& level);

}  // namespace tenon

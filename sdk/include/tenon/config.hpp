// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tenon/export.hpp"

namespace tenon {

enum class ConfigType {
  boolean,
  integer,
  number,          ///< Floating point.
  size,            ///< Bytes; "64MiB", "1GiB", or a bare number.
  duration,        ///< "500ms", "30s", "10m", "72h"; a bare number is refused, because its unit would be a guess.
  short_duration,  ///< "100us", "5ms", "1s": for what is shorter than the milliseconds of `duration`.
  string,
  path,          ///< Relative ones are taken from the directory the program was started in.
  address,       ///< "host:port"; port 0 picks a free one.
  string_list,   ///< A list of strings; one string stands for a list of one.
  address_list,  ///< A list of addresses; one address stands for a list of one.
  table_list,    ///< Tables `[[plugins.NAME.KEY]]`, each checked against ConfigKey::keys.
};

/// When a change of a key takes effect.
enum class Reload { restart, live };

/// One key of a TOML table, declared as data. The same table validates the file, prints `tenon config explain` and
/// writes the reference page. All views must be literals.
struct ConfigKey {
  std::string_view name = {};
  ConfigType type = ConfigType::string;
  /// As it would be written in TOML, without quotes around strings: "async", "1GiB", `["127.0.0.1:10911"]`. Empty with
  /// required = true.
  std::string_view default_value = {};
  std::string_view meaning = {};     ///< One line, for people.
  std::int64_t minimum = INT64_MIN;  ///< For integer, size (bytes), duration (ms) and short_duration (us).
  std::int64_t maximum = INT64_MAX;
  std::string_view choices = {};  ///< For string: the allowed words, separated by '|'.
  bool required = false;
  Reload reload = Reload::restart;       ///< live: SIGHUP takes a change over through Plugin::reload().
  std::span<const ConfigKey> keys = {};  ///< For table_list: the keys of each of its tables.
};

/// A checked table: every declared key is present with a value of its type (its own or the default).
/// Asking for a key that was not declared, or by another type, is a programming error and throws std::logic_error.
/// Ownership: valid while configure() or reload() runs; take the values out. Threads: the one that runs them.
class TENON_EXPORT ConfigSection {
 public:
  virtual ~ConfigSection();
  virtual bool boolean(std::string_view key) const = 0;
  virtual std::int64_t integer(std::string_view key) const = 0;
  virtual double number(std::string_view key) const = 0;
  virtual std::int64_t size_bytes(std::string_view key) const = 0;
  virtual std::chrono::milliseconds duration(std::string_view key) const = 0;
  virtual std::chrono::microseconds short_duration(std::string_view key) const = 0;
  virtual std::string string(std::string_view key) const = 0;             ///< string, path, address
  virtual std::vector<std::string> list(std::string_view key) const = 0;  ///< string_list, address_list
  /// table_list. Ownership: this section's.
  virtual std::vector<const ConfigSection*> tables(std::string_view key) const = 0;
  /// True when the file or the command line says it, false when it is the default.
  virtual bool is_set(std::string_view key) const = 0;
};

/// Collects complaints about a section, each with the line and column of its key.
/// Ownership: the kernel's, borrowed for the call that gets it. Threads: only the thread of that call, `ctl`.
class TENON_EXPORT Diagnostics {
 public:
  virtual ~Diagnostics();
  /// `message` continues the sentence "<section>.<key> = <value>: ". A key of the n-th table of a list is
  /// "<list>[n].<key>", counted from 0.
  virtual void error(std::string_view key, std::string_view message) = 0;
};

}  // namespace tenon

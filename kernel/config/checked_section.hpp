// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/checked_value.hpp"
#include "config/node.hpp"
#include "config/problems.hpp"
#include "tenon/config.hpp"

namespace tenon::kernel {

/// The outcome of checking one table: every declared key with its value, where it came from, and the words to say so.
/// A key whose value was wrong has its default, so that configure() can go on and find further mistakes.
/// Ownership: refers to the key declarations, which are literals. Threads: immutable.
class CheckedSection final : public ConfigSection {
 public:
  struct Member {
    const ConfigKey* key;
    CheckedValue value;
    bool is_set;
    Position at;        ///< Of the value; of the section when the default stands.
    std::string shown;  ///< The value as the user wrote it.
  };

  CheckedSection(std::string name, Position at) : name_(std::move(name)), at_(std::move(at)) {}

  bool boolean(std::string_view key) const override;
  std::int64_t integer(std::string_view key) const override;
  double number(std::string_view key) const override;
  std::int64_t size_bytes(std::string_view key) const override;
  std::chrono::milliseconds duration(std::string_view key) const override;
  std::chrono::microseconds short_duration(std::string_view key) const override;
  std::string string(std::string_view key) const override;
  std::vector<std::string> list(std::string_view key) const override;
  std::vector<const ConfigSection*> tables(std::string_view key) const override;
  bool is_set(std::string_view key) const override;

  const std::string& name() const noexcept { return name_; }
  const Position& at() const noexcept { return at_; }
  const Member* find(std::string_view key) const noexcept;
  /// Also a key of a table in a list: "listeners[0].address".
  const Member* find_path(std::string_view path) const noexcept;
  const std::vector<Member>& members() const noexcept { return members_; }
  void add(Member member) { members_.push_back(std::move(member)); }

 private:
  template <class Value>
  const Value& get(std::string_view key, std::initializer_list<ConfigType> types) const;

  std::string name_;
  Position at_;
  std::vector<Member> members_;  ///< In the order of the declaration.
};

/// Checks `table`, found at `at` and called `name` ("plugins.store"), against its keys. Keys in `reserved` are left to
/// the caller. All mistakes go to `problems`.
CheckedSection check_section(std::string name, const Position& at, const Table& table, std::span<const ConfigKey> keys,
                             const std::vector<std::string_view>& reserved, Problems& problems);

/// What a plug-in complains about in configure(), with the place of the key.
class SectionDiagnostics final : public Diagnostics {
 public:
  SectionDiagnostics(const CheckedSection& section, Problems& problems) : section_(section), problems_(problems) {}
  void error(std::string_view key, std::string_view message) override;

 private:
  const CheckedSection& section_;
  Problems& problems_;
};

}  // namespace tenon::kernel

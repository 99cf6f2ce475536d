// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "tenon/export.hpp"

namespace tenon {

/// Names of the message properties that the broker itself reads or writes.
/// Source: RocketMQ MessageConst.java; ../shared/reference/remoting-protocol.md section 4.5.
namespace property {
inline constexpr std::string_view keys = "KEYS";
inline constexpr std::string_view tags = "TAGS";
inline constexpr std::string_view wait = "WAIT";
inline constexpr std::string_view delay = "DELAY";
inline constexpr std::string_view retry_topic = "RETRY_TOPIC";
inline constexpr std::string_view real_topic = "REAL_TOPIC";
inline constexpr std::string_view real_queue_id = "REAL_QID";
inline constexpr std::string_view transaction_prepared = "TRAN_MSG";
inline constexpr std::string_view producer_group = "PGROUP";
inline constexpr std::string_view origin_message_id = "ORIGIN_MESSAGE_ID";
inline constexpr std::string_view reconsume_time = "RECONSUME_TIME";
inline constexpr std::string_view max_reconsume_times = "MAX_RECONSUME_TIMES";
inline constexpr std::string_view unique_key = "UNIQ_KEY";
inline constexpr std::string_view msg_region = "MSG_REGION";
inline constexpr std::string_view trace_on = "TRACE_ON";
inline constexpr std::string_view cluster = "CLUSTER";
inline constexpr std::string_view correlation_id = "CORRELATION_ID";
inline constexpr std::string_view reply_to_client = "REPLY_TO_CLIENT";
inline constexpr std::string_view push_reply_time = "PUSH_REPLY_TIME";
inline constexpr std::string_view message_type = "MSG_TYPE";
inline constexpr std::string_view pop_receipt = "POP_CK";
inline constexpr std::string_view timer_delay_sec = "TIMER_DELAY_SEC";
inline constexpr std::string_view timer_delay_ms = "TIMER_DELAY_MS";
inline constexpr std::string_view timer_deliver_ms = "TIMER_DELIVER_MS";
}  // namespace property

/// The property block of a message in its wire and file form: `name 0x01 value 0x02` repeated, the last 0x02 optional.
///
/// Looks a name up by scanning; nothing is copied or allocated. An entry without 0x01, with an empty name or an empty
/// value does not exist; of several entries with one name the last counts (as RocketMQ's MessageDecoder reads them).
/// Ownership: borrows the text. Threads: immutable.
class TENON_EXPORT PropertiesView {
 public:
  PropertiesView() = default;
  explicit PropertiesView(std::string_view wire) noexcept : wire_(wire) {}

  std::optional<std::string_view> find(std::string_view name) const noexcept;
  std::string_view wire() const noexcept { return wire_; }
  bool empty() const noexcept { return wire_.empty(); }

  /// Calls `visit(entry)` for each entry, in order, malformed ones included: for who wants several names in one walk.
  template <class Visit>
  void for_each_entry(Visit&& visit) const {
    std::string_view rest = wire_;
    while (!rest.empty()) {
      const std::size_t end = rest.find('\x02');
      if (end != 0) visit(rest.substr(0, end));
      rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    }
  }
  /// The value of an entry that for_each_entry() gave, if this is its name; empty otherwise.
  static std::string_view value_if(std::string_view entry, std::string_view name) noexcept {
    const bool named = entry.size() > name.size() + 1 && entry[name.size()] == '\x01' &&
                       std::memcmp(entry.data(), name.data(), name.size()) == 0;
    return named ? entry.substr(name.size() + 1) : std::string_view{};
  }

  /// Calls `visit(name, value)` for each valid entry, in order, duplicates included.
  template <class Visit>
  void for_each(Visit&& visit) const {
    std::string_view rest = wire_;
    while (!rest.empty()) {
      const auto entry = next_entry(rest);
      if (entry) visit(entry->name, entry->value);
    }
  }

 private:
  struct Entry {
    std::string_view name, value;
  };
  /// Takes the first entry off `rest`; empty if that entry is malformed.
  static std::optional<Entry> next_entry(std::string_view& rest) noexcept;

  std::string_view wire_;
};

/// Appends one entry, with its closing 0x02, to a property block in wire form. Adds the 0x02 that a 4.9 client left
/// off the block so far. An empty value is not written, as RocketMQ would drop it on reading.
TENON_EXPORT void append_property(std::string& wire, std::string_view name, std::string_view value);
/// Removes every entry called `name`.
TENON_EXPORT void remove_property(std::string& wire, std::string_view name);
/// Replaces or appends the entry called `name`.
TENON_EXPORT void set_property(std::string& wire, std::string_view name, std::string_view value);

/// Java's String.hashCode() of UTF-8 text: 32 bits over UTF-16 code units. 0 for empty text. Malformed UTF-8 counts
/// as U+FFFD. Tag filters compare this number, sign-extended, with the tags code of an index entry.
/// `before` is the hash of text in front of this one; what was cut in two there must be whole characters.
TENON_EXPORT std::int32_t java_string_hash(std::string_view utf8, std::int32_t before = 0) noexcept;
/// The tags code of a message: java_string_hash of its TAGS property, 0 without one.
TENON_EXPORT std::int64_t tags_code_of(const PropertiesView& properties) noexcept;

}  // namespace tenon

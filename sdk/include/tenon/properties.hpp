// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

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

  /// Calls `visit(entry)` for each entry, in order, malformed ones included: to find several names in one walk.
  template <class Visit>
  void for_each_entry(Visit&& visit) const {
    const char* entry = wire_.data();
    const char* const end = entry + wire_.size();
    for (const char* block = entry; block != end;) {
      const std::size_t size = std::min(kBlock, static_cast<std::size_t>(end - block));
      for (std::uint32_t ends = entry_ends(block, size); ends != 0; ends &= ends - 1) {
        const char* const stop = block + std::countr_zero(ends);
        if (stop != entry) visit(std::string_view(entry, static_cast<std::size_t>(stop - entry)));
        entry = stop + 1;
      }
      block += size;
    }
    if (entry != end) visit(std::string_view(entry, static_cast<std::size_t>(end - entry)));
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

  static constexpr std::size_t kBlock = 16;
  /// Bit i: byte i of the `size` ones at `block`, at most kBlock, ends an entry. Every message is walked more than once
  /// on its way, so all bytes of a block are looked at together.
  std::uint32_t entry_ends(const char* block, std::size_t size) const noexcept {
#if defined(__SSE2__)
    const auto ends_of_16 = [](const char* bytes) {
      const __m128i loaded = _mm_loadu_si128(reinterpret_cast<const __m128i*>(bytes));
      return static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(loaded, _mm_set1_epi8('\x02'))));
    };
    if (size == kBlock) return ends_of_16(block);
    // The last block reaches back into the one before.
    if (block != wire_.data()) return ends_of_16(block + size - kBlock) >> (kBlock - size);
#endif
    std::uint32_t ends = 0;
    for (std::size_t index = 0; index < size; ++index) ends |= std::uint32_t{block[index] == '\x02'} << index;
    return ends;
  }

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

/// The values by which a message can be found; a store looks for them in the properties of each. Empty: there is none.
/// Ownership: borrows the text of the properties.
struct IndexedProperties {
  std::string_view unique_key;  ///< UNIQ_KEY
  std::string_view keys;        ///< KEYS: words with a space between them.
  std::string_view tags;        ///< TAGS

  /// As tags_code_of().
  std::int64_t tags_code() const noexcept { return tags.empty() ? 0 : java_string_hash(tags); }
  friend bool operator==(const IndexedProperties&, const IndexedProperties&) = default;
};
/// Finds them in one walk.
TENON_EXPORT IndexedProperties indexed_properties_of(const PropertiesView& properties) noexcept;

}  // namespace tenon

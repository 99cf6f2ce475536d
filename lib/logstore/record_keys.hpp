// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "logstore/index_file.hpp"
#include "tenon/message.hpp"

namespace tenon::logstore {

/// What the key index must know of a record.
struct IndexedRecord {
  std::int32_t sys_flag = 0;
  const IndexedProperties& properties;
  PhysicalOffset physical_offset;
  std::int64_t store_timestamp_ms = 0;
};

/// Collects the keys under which the index holds records: UNIQ_KEY, each word of KEYS and, if wanted, TAGS; none of a
/// rolled back transaction. Source: ../shared/reference/store-format.md 4. Threads: one at a time.
class RecordKeys {
 public:
  using Key = IndexFile::Key;

  /// Whose records come next.
  void set_topic(std::string_view topic) {
    if (topic == topic_) return;
    topic_ = topic;
    topic_hash_ = IndexHash(topic);
  }
  void collect(const IndexedRecord& record, bool tags_too);
  /// In the order of collect(); whoever has used them takes them out.
  std::vector<Key>& keys() noexcept { return keys_; }

 private:
  std::vector<Key> keys_;
  std::string topic_;
  IndexHash topic_hash_{""};
};

}  // namespace tenon::logstore

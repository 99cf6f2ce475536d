// SPDX-License-Identifier: Apache-2.0
#include "logstore/record_keys.hpp"

namespace tenon::logstore {

void RecordKeys::collect(const IndexedRecord& record, bool tags_too) {
  if ((record.sys_flag & sys_flag::transaction_mask) == sys_flag::transaction_rollback) return;
  const auto add = [ this, &record ](std::int32_t hash) __attribute__((always_inline)) {
    keys_.push_back({hash, record.physical_offset, record.store_timestamp_ms});
  };
  const auto& [unique_key, words, tags] = record.properties;
  if (!unique_key.empty()) add(topic_hash_.of(unique_key));
  for (std::string_view rest = words; !rest.empty();) {
    const std::size_t space = rest.find(' ');
    if (space != 0) add(topic_hash_.of(rest.substr(0, space)));
    rest = space == std::string_view::npos ? std::string_view{} : rest.substr(space + 1);
  }
  if (tags_too && !tags.empty()) add(topic_hash_.of_tags(tags));
}

}  // namespace tenon::logstore

// SPDX-License-Identifier: Apache-2.0
#include "logstore/testing/test_store.hpp"

#include "record/record_view.hpp"

namespace tenon::logstore::testing {

TestStore::TestStore() {
  options.directory = directory.path();
  options.commit_log_file_size = 16'384;
  options.consume_queue_file_entries = 100;
  options.index_slots = 50;
  options.index_entries = 200;
  options.populate_ahead = 4096;
  options.retention.disk_warning_ratio = options.retention.disk_clean_forcibly_ratio =
      options.retention.disk_max_used_ratio = 1;
  options.retention.delete_when_hours.clear();
  options.file_system = &files;
  options.report_fault = [this](std::string_view reason) { faults.emplace_back(reason); };
}

Status TestStore::open() {
  store.reset();
  store = std::make_unique<LogStore>(options);
  return store->open();
}

Result<AppendReceipt> TestStore::append(std::string_view topic, std::int32_t queue_id, std::string_view body,
                                        std::string_view properties) {
  Message message;
  message.topic = topic;
  message.queue_id = queue_id;
  message.body = std::as_bytes(std::span(body));
  message.properties = properties;
  return store->append(message);
}

std::string TestStore::body_at(std::string_view topic, std::int32_t queue_id, std::int64_t offset) {
  const ReadResult result = store->read({.topic = topic, .queue_id = queue_id, .offset = {offset}, .max_messages = 1});
  if (result.status != ReadStatus::found) return text("<", static_cast<int>(result.status), ">");
  const auto view = record::RecordView::decode(std::get<MemorySlice>(result.records.at(0)).bytes).value();
  return {reinterpret_cast<const char*>(view.body().data()), view.body().size()};
}

}  // namespace tenon::logstore::testing

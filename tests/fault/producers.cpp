// SPDX-License-Identifier: Apache-2.0
#include "producers.hpp"

#include <future>

#include "tenon/batch_queues.hpp"

namespace tenon::fault {
namespace {

using logstore::testing::Engine;

constexpr std::uint32_t kGathered = 4;

Message message_of(const std::string& body, std::int32_t queue) {
  Message message;
  message.topic = kTopic;
  message.queue_id = queue;
  message.body = std::as_bytes(std::span(body));
  message.properties = sent_properties();
  return message;
}

bool is_sync(Engine engine) { return engine == Engine::mmap_sync || engine == Engine::sendfile_sync; }

}  // namespace

const std::string& sent_properties() {
  static const std::string properties = text("KEYS\1k\2TAGS\1t\2PAD\1", std::string(150, 'p'), "\2");
  return properties;
}

const char* name_of(Engine engine) {
  static constexpr const char* kNames[] = {"mmap", "mmap-sync", "sendfile", "sendfile-sync"};
  return kNames[static_cast<int>(engine)];
}

logstore::StoreOptions small_store(const std::filesystem::path& directory, Engine engine) {
  logstore::StoreOptions options;
  options.directory = directory;
  options.commit_log_file_size = 64 << 10;
  options.consume_queue_file_entries = 100;
  options.batch_consume_queue_file_units = 100;
  options.consume_queue_extension = engine == Engine::sendfile || engine == Engine::sendfile_sync;
  options.consume_queue_extension_file_size = 1024;
  options.index_slots = 50;
  options.index_entries = 400;
  options.populate_ahead = 16 << 10;
  options.flush_interval = std::chrono::milliseconds(5);
  options.checkpoint_interval = std::chrono::milliseconds(15);
  // The disk of the test machine may be full, and nothing is to expire.
  options.retention.delete_when_hours.clear();
  options.retention.disk_max_used_ratio = 1;
  options.retention.disk_warning_ratio = options.retention.disk_clean_forcibly_ratio = 1;
  logstore::testing::choose(engine, options);
  return options;
}

Producers::Producers(logstore::LogStore& store, Engine engine, Batches batches, std::uint32_t run, Events events)
    : store_(store), engine_(engine), batches_(batches), run_(run), events_(std::move(events)) {
  if (batches == Batches::inner && !store.keep_batches(kTopic)) return;  // nothing is acknowledged then
  for (std::uint32_t producer = 0; producer < kProducers; ++producer)
    threads_.emplace_back([this, producer] { produce(producer); });
}

void Producers::stop() {
  stop_ = true;
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

/// Of nine numbers those of queue 0 are one batch; the others follow one by one, in order within their queues.
std::vector<Stamp> Producers::unit(std::uint32_t producer, std::uint32_t index) const {
  static constexpr std::uint32_t kSingles[] = {1, 2, 4, 5, 7, 8};
  const std::uint32_t first = index / 7 * 9, part = index % 7;
  if (part > 0) return {{run_, producer, first + kSingles[part - 1]}};
  return {{run_, producer, first}, {run_, producer, first + 3}, {run_, producer, first + 6}};
}

bool Producers::append(const std::vector<Stamp>& stamps, std::vector<Given>& given, PhysicalOffset& end) {
  std::vector<std::string> bodies;
  for (const Stamp& stamp : stamps) bodies.push_back(body_of(stamp));
  std::vector<Message> messages;
  for (const std::string& body : bodies) messages.push_back(message_of(body, queue_of(stamps[0])));
  std::vector<PhysicalOffset> offsets(messages.size());
  events_.sending(stamps[0].producer, stamps[0].number / 9 * 9 + 9);
  const auto receipt = stamps.size() == 1           ? store_.append(messages[0])
                       : batches_ == Batches::inner ? append_inner(bodies, queue_of(stamps[0]))
                                                    : store_.append_batch(messages, offsets);
  if (!receipt) return false;
  end = receipt->physical_end;
  for (std::size_t index = 0; index < stamps.size(); ++index)
    given.push_back({stamps[index], receipt->queue_offset.value + static_cast<std::int64_t>(index)});
  return true;
}

/// A line for each message, see Ledger.
Result<AppendReceipt> Producers::append_inner(std::span<const std::string> bodies, std::int32_t queue) {
  std::string lines;
  for (const std::string& body : bodies) lines += body + '\n';
  Message message = message_of(lines, queue);
  const std::string properties = text(message.properties, property::inner_num, '\1', bodies.size(), '\2');
  message.properties = properties;
  message.sys_flag = sys_flag::inner_batch | sys_flag::needs_unwrap;
  return store_.append(message);
}

bool Producers::is_safe(PhysicalOffset end) {
  if (!is_sync(engine_)) return true;
  std::promise<Status> passed;
  store_.wait_for(end, std::chrono::steady_clock::now() + std::chrono::minutes(1),
                  [&](Status status) { passed.set_value(std::move(status)); });
  return passed.get_future().get().has_value();
}

void Producers::produce(std::uint32_t producer) {
  for (std::uint32_t round = 0, index = 0; !stop_; ++round) {
    std::vector<Given> given;
    PhysicalOffset end;
    const bool gathers = engine_ != Engine::mmap && round % 2 == 0;
    if (gathers) store_.gather();
    bool stored = true;
    for (std::uint32_t count = 0; stored && count < (gathers ? kGathered : 1); ++count)
      stored = append(unit(producer, index++), given, end);
    const bool handed_over = !gathers || store_.write_out().has_value();
    if (!handed_over || given.empty() || !is_safe(end)) return;
    for (const Given& one : given) events_.acknowledged(one.stamp, one.queue_offset);
    if (!stored) return;
  }
}

}  // namespace tenon::fault

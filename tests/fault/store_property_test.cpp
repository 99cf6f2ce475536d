// SPDX-License-Identifier: Apache-2.0
// Random histories of a store with tiny files against a model that is nothing but vectors.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <atomic>
#include <memory>

#include "producers.hpp"
#include "record/record_view.hpp"

namespace tenon::fault {
namespace {

using logstore::testing::Engine;
using logstore::testing::TemporaryDirectory;

constexpr std::int32_t kModelQueues = 4;

struct Step {
  enum class Kind { append, batch, burst, read, query, checkpoint, expire, restart, crash } kind = Kind::append;
  std::int32_t queue = 0;
  std::uint32_t size = 0;
  Engine engine = Engine::mmap;
};

std::ostream& operator<<(std::ostream& out, const Step& step) {
  static constexpr const char* kNames[] = {"append",     "batch",  "burst",   "read", "query",
                                           "checkpoint", "expire", "restart", "crash"};
  return out << kNames[static_cast<int>(step.kind)] << "(" << step.queue << ", " << step.size << ", "
             << name_of(step.engine) << ")";
}

rc::Gen<Step> any_step() {
  using Kind = Step::Kind;
  const auto kind = rc::gen::weightedElement<Kind>({{20, Kind::append},
                                                    {6, Kind::batch},
                                                    {10, Kind::burst},
                                                    {4, Kind::read},
                                                    {3, Kind::query},
                                                    {2, Kind::checkpoint},
                                                    {2, Kind::expire},
                                                    {2, Kind::restart},
                                                    {3, Kind::crash}});
  return rc::gen::build<Step>(
      rc::gen::set(&Step::kind, kind), rc::gen::set(&Step::queue, rc::gen::inRange(0, kModelQueues)),
      rc::gen::set(&Step::size, rc::gen::inRange<std::uint32_t>(0, 4000)),
      rc::gen::set(&Step::engine,
                   rc::gen::element(Engine::mmap, Engine::mmap_sync, Engine::sendfile, Engine::sendfile_sync)));
}

/// Said at once, too: a history that fails only now and then may pass when RapidCheck runs it again.
void require(bool holds, const std::string& what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what.c_str());
  RC_FAIL(what);
}

/// A store and what it should hold. Every difference fails the property.
class History {
 public:
  History() : directory_(std::make_unique<TemporaryDirectory>()) { open(); }

  void run(const Step& step) {
    switch (step.kind) {
      case Step::Kind::append:
        return append(step.queue, step.size);
      case Step::Kind::batch:
        return append_batch(step.queue, step.size % 400);
      case Step::Kind::burst:
        for (int count = 0; count < 60; ++count) append((step.queue + count) % kModelQueues, step.size % 200);
        return;
      case Step::Kind::read:
        return check_queue(step.queue);
      case Step::Kind::query:
        return check_keys(step.queue);
      case Step::Kind::checkpoint:
        require(store_->write_checkpoint_now().has_value(), "store_->write_checkpoint_now().has_value()");
        return;
      case Step::Kind::expire:
        return expire();
      case Step::Kind::restart:
        engine_ = step.engine;
        store_.reset();
        return open();
      case Step::Kind::crash:
        engine_ = step.engine;
        return crash();
    }
  }

  void check_all() {
    for (std::int32_t queue = 0; queue < kModelQueues; ++queue) {
      check_queue(queue);
      check_keys(queue);
    }
  }

 private:
  struct Stored {
    std::string body;
    std::int64_t physical_offset = 0;
  };

  void open() {
    logstore::StoreOptions options = small_store(directory_->path(), engine_);
    options.now_ms = [this] { return now_ms_.load(); };
    options.commit_log_file_size = 16 << 10;
    options.consume_queue_file_entries = 50;
    options.index_entries = 100;
    options.checkpoint_interval = std::chrono::hours(1);  // a step of its own: crash() copies file by file
    options.retention.disk_max_used_ratio = 0.000001;     // expired files go at any hour
    options.retention.check_interval = std::chrono::hours(1);
    store_ = std::make_unique<logstore::LogStore>(std::move(options));
    const Status opened = store_->open();
    require(opened.has_value(), opened ? "" : opened.error().message());
    for (std::int32_t queue = 0; queue < kModelQueues; ++queue) check_bounds(queue);
  }

  /// What kill -9 leaves: all that was written, nothing of what close() does.
  void crash() {
    auto copy = std::make_unique<TemporaryDirectory>();
    namespace fs = std::filesystem;
    // Background work may delete a prepared file meanwhile; the log itself only grows.
    std::error_code code;
    fs::copy(directory_->path(), copy->path(), fs::copy_options::recursive, code);
    require(!code, "copy: " + code.message());
    store_.reset();
    directory_ = std::move(copy);
    open();
  }

  Message message(const std::string& body, const std::string& properties, std::int32_t queue) const {
    Message message;
    message.topic = "Model";
    message.queue_id = queue;
    message.body = std::as_bytes(std::span(body));
    message.properties = properties;
    return message;
  }
  std::string body(std::uint32_t size) {
    std::string text = std::to_string(next_) + ":";
    for (std::uint32_t at = 0; at < size; ++at) text += static_cast<char>('a' + (next_ + at) % 26);
    return text;
  }
  std::string properties() { return "KEYS\1k" + std::to_string(next_++) + " all\2UNIQ_KEY\1u\2TAGS\1t\2"; }

  void append(std::int32_t queue, std::uint32_t size) {
    const std::string text = body(size), keys = properties();
    const auto receipt = store_->append(message(text, keys, queue));
    require(receipt.has_value(), receipt ? "" : receipt.error().message());
    add(queue, receipt->queue_offset.value, text, receipt->physical_offset.value);
    ++now_ms_;
  }

  void append_batch(std::int32_t queue, std::uint32_t size) {
    std::vector<std::string> bodies, keys;
    std::vector<Message> messages;
    for (int index = 0; index < 5; ++index) {
      bodies.push_back(body(size));
      keys.push_back(properties());
    }
    for (std::size_t index = 0; index < bodies.size(); ++index)
      messages.push_back(message(bodies[index], keys[index], queue));
    std::vector<PhysicalOffset> offsets(messages.size());
    const auto receipt = store_->append_batch(messages, offsets);
    require(receipt.has_value(), receipt ? "" : receipt.error().message());
    for (std::size_t index = 0; index < bodies.size(); ++index)
      add(queue, receipt->queue_offset.value + static_cast<std::int64_t>(index), bodies[index], offsets[index].value);
  }

  void add(std::int32_t queue, std::int64_t offset, const std::string& text, std::int64_t physical_offset) {
    auto& stored = queues_[queue];
    require(offset == static_cast<std::int64_t>(stored.size()), "offset == static_cast<std::int64_t>(stored.size())");
    stored.push_back({text, physical_offset});
  }

  /// The clock goes on by more than the time files are kept for.
  void expire() {
    now_ms_ += 72LL * 3'600'000 + 1;
    store_->clean_expired_files();
    for (std::int32_t queue = 0; queue < kModelQueues; ++queue) check_bounds(queue);
  }

  void check_bounds(std::int32_t queue) {
    const QueueBounds bounds = store_->bounds("Model", queue);
    const auto& stored = queues_[queue];
    require(bounds.max.value == static_cast<std::int64_t>(stored.size()),
            "bounds.max.value == static_cast<std::int64_t>(stored.size())");
    // Just what the log still holds.
    const std::int64_t log_min = store_->status().min_physical_offset.value;
    std::int64_t min = 0;
    while (min < bounds.max.value && stored[static_cast<std::size_t>(min)].physical_offset < log_min) ++min;
    require(bounds.min.value == min, "bounds.min.value == min");
  }

  void check_queue(std::int32_t queue) {
    check_bounds(queue);
    const QueueBounds bounds = store_->bounds("Model", queue);
    for (std::int64_t at = bounds.min.value; at < bounds.max.value;) {
      const ReadResult read = store_->read(
          {.topic = "Model", .queue_id = queue, .offset = {at}, .max_messages = 7, .form = ReadForm::in_memory});
      require(read.status == ReadStatus::found, "read.status == ReadStatus::found");
      require(read.next_queue_offset.value > at, "read.next_queue_offset.value > at");
      at = check_records(queue, at, read);
    }
  }

  std::int64_t check_records(std::int32_t queue, std::int64_t at, const ReadResult& read) {
    for (const Slice& slice : read.records) {
      for (auto bytes = std::get<MemorySlice>(slice).bytes; !bytes.empty();) {
        const auto view = record::RecordView::decode(bytes);
        require(view.has_value(), "view.has_value()");
        const Stored& stored = queues_[queue][static_cast<std::size_t>(at)];
        require(view->queue_offset().value == at, "view->queue_offset().value == at");
        require(view->physical_offset().value == stored.physical_offset,
                "view->physical_offset().value == stored.physical_offset");
        RC_ASSERT(std::string_view(reinterpret_cast<const char*>(view->body().data()), view->body().size()) ==
                  stored.body);
        bytes = bytes.subspan(static_cast<std::size_t>(view->total_size()));
        ++at;
      }
    }
    require(at == read.next_queue_offset.value, "at == read.next_queue_offset.value");
    return at;
  }

  /// Each message that is there is found by its own key, and only by it.
  void check_keys(std::int32_t queue) {
    const QueueBounds bounds = store_->bounds("Model", queue);
    const std::int64_t step = std::max<std::int64_t>((bounds.max.value - bounds.min.value) / 8, 1);
    for (std::int64_t at = bounds.min.value; at < bounds.max.value; at += step) {
      const Stored& stored = queues_[queue][static_cast<std::size_t>(at)];
      const std::string key = "k" + stored.body.substr(0, stored.body.find(':'));
      const auto found = store_->query_by_key({.topic = "Model", .key = key});
      require(found.has_value(), "found.has_value()");
      require(found->records.size() == 1U,
              text(key, " found ", found->records.size(), " times, at ", stored.physical_offset));
      require(record::RecordView::decode(found->records[0].bytes)->physical_offset().value == stored.physical_offset,
              "record::RecordView::decode(found->records[0].bytes)->physical_offset().value == stored.physical_offset");
    }
  }

  std::unique_ptr<TemporaryDirectory> directory_;
  std::atomic<std::int64_t> now_ms_{1'700'000'000'000};
  Engine engine_ = Engine::mmap;
  std::unique_ptr<logstore::LogStore> store_;
  std::vector<Stored> queues_[kModelQueues];
  int next_ = 0;
};

RC_GTEST_PROP(StoreModel, AnyHistoryLeavesWhatTheModelHolds, ()) {
  const auto steps = *rc::gen::container<std::vector<Step>>(any_step());
  History history;
  for (const Step& step : steps) history.run(step);
  history.check_all();
}

}  // namespace
}  // namespace tenon::fault

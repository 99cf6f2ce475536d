// SPDX-License-Identifier: Apache-2.0
// What an append and a read cost in the engine, without a network. Judge the async lines by CPU time.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "logstore/log_store.hpp"
#include "logstore/testing/temporary_directory.hpp"
#include "record/record_encoder.hpp"

namespace {

using tenon::logstore::LogStore;
using tenon::logstore::StoreOptions;

/// A store in a temporary directory that keeps at most a few segments.
struct BenchStore {
  explicit BenchStore(bool index) : store(options(index)) {
    if (tenon::Status opened = store.open(); !opened) throw tenon::Failure(opened.error());
  }
  StoreOptions options(bool index) const {
    StoreOptions chosen;
    chosen.directory = directory.path();
    chosen.index_enabled = index;
    chosen.retention.disk_warning_ratio = chosen.retention.disk_clean_forcibly_ratio = 1;
    return chosen;
  }
  tenon::logstore::testing::TemporaryDirectory directory;
  LogStore store;
};

/// What a Java client's send becomes: a 128-byte body and the properties of a tagged message, 317 bytes in all.
struct SampleMessage {
  explicit SampleMessage(std::size_t body_size) : body(body_size, 'b') {
    message.topic = "BenchTopic";
    message.born_host = tenon::HostAddress::v4({127, 0, 0, 1}, 50'000);
    message.store_host = tenon::HostAddress::v4({127, 0, 0, 1}, 10'911);
    message.body = std::as_bytes(std::span(body));
    message.properties = properties;
  }
  std::string body;
  std::string properties =
      "UNIQ_KEY\1"
      "7F0000010B5418B4AAC2123456780000\2WAIT\1true\2TAGS\1TagA\2CLUSTER\1DefaultCluster\2";
  tenon::Message message;
};

void encode_record(benchmark::State& state) {
  const SampleMessage sample(static_cast<std::size_t>(state.range(0)));
  std::vector<std::byte> out(tenon::record::encoded_size(sample.message));
  for (auto _ : state) benchmark::DoNotOptimize(tenon::record::encode(sample.message, out.data()));
}
BENCHMARK(encode_record)->Arg(128)->Arg(1024);

void append(benchmark::State& state) {
  BenchStore bench(state.range(1) != 0);
  SampleMessage sample(static_cast<std::size_t>(state.range(0)));
  std::int32_t queue = 0;
  for (auto _ : state) {
    sample.message.queue_id = queue++ & 7;
    if (!bench.store.append(sample.message)) state.SkipWithError("append failed");
  }
  state.SetItemsProcessed(state.iterations());
}
// Bounded, because each iteration writes to the disk.
BENCHMARK(append)->ArgNames({"body", "index"})->Args({128, 0})->Args({128, 1})->Args({1024, 0})->Iterations(1'000'000);

/// The CPU of the appending thread alone, when each queue has its first messages. What random queues cost above eight
/// is the memory that belongs to a queue; `disk-store` works for them, too, which this does not count.
void append_to_queues(benchmark::State& state) {
  BenchStore bench(false);
  SampleMessage sample(128);
  const auto queues = static_cast<std::uint32_t>(state.range(0));
  const bool in_turn = state.range(1) == 0;
  for (std::uint32_t queue = 0; queue < queues; ++queue) {
    sample.message.queue_id = static_cast<std::int32_t>(queue);
    (void)bench.store.append(sample.message);
  }
  std::minstd_rand random(1);
  std::uint32_t turn = 0;
  for (auto _ : state) {
    const auto drawn = static_cast<std::uint32_t>(random());
    sample.message.queue_id = static_cast<std::int32_t>((in_turn ? turn++ : drawn) % queues);
    if (!bench.store.append(sample.message)) state.SkipWithError("append failed");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(append_to_queues)
    ->ArgNames({"queues", "random"})
    ->ArgsProduct({{8, 50'000}, {0, 1}})
    ->Iterations(500'000)
    ->Repetitions(3);

void append_batch_of_32(benchmark::State& state) {
  BenchStore bench(false);
  SampleMessage sample(128);
  const std::vector<tenon::Message> batch(32, sample.message);
  std::vector<tenon::PhysicalOffset> offsets(batch.size());
  for (auto _ : state) {
    if (!bench.store.append_batch(batch, offsets)) state.SkipWithError("append failed");
  }
  state.SetItemsProcessed(state.iterations() * 32);
}
BENCHMARK(append_batch_of_32)->Iterations(30'000);

void read_32(benchmark::State& state) {
  BenchStore bench(false);
  SampleMessage sample(128);
  constexpr std::int64_t kMessages = 100'000;
  const auto queues = static_cast<std::int32_t>(state.range(0));
  for (std::int64_t count = 0; count < kMessages * queues; ++count) {
    sample.message.queue_id = static_cast<std::int32_t>(count % queues);
    (void)bench.store.append(sample.message);
  }
  tenon::ReadRequest request{.topic = "BenchTopic", .queue_id = 0, .offset = {0}, .max_messages = 32};
  for (auto _ : state) {
    const tenon::ReadResult result = bench.store.read(request);
    benchmark::DoNotOptimize(result.total_bytes);
    request.offset = result.next_queue_offset.value + 32 < kMessages ? result.next_queue_offset : tenon::QueueOffset{0};
  }
  state.SetItemsProcessed(state.iterations() * 32);
}
BENCHMARK(read_32)->ArgName("queues")->Arg(1)->Arg(4);

}  // namespace

BENCHMARK_MAIN();

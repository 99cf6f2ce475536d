// SPDX-License-Identifier: Apache-2.0
// What it takes to encode the registration of all topics of a broker; it is compressed from 1 MiB on.
#include <benchmark/benchmark.h>

#include <cstdint>
#include <memory>

#include "protocol-native/registrar/name_server_registrar.hpp"
#include "tenon/text.hpp"

namespace {

void encode_registration(benchmark::State& state) {
  tenon::BrokerRegistration registration;
  registration.cluster = "DefaultCluster";
  registration.broker_name = "broker-a";
  registration.complete = true;
  for (std::int64_t number = 0; number < state.range(0); ++number) {
    auto topic = std::make_shared<tenon::TopicConfig>();
    topic->name = tenon::text("OrdersOfSomeService-", number);
    registration.topics.push_back(std::move(topic));
  }
  for (auto _ : state) {
    tenon::remoting::OutputBuffer frame;
    tenon::protocol_native::write_register_broker(frame, 1, registration);
    benchmark::DoNotOptimize(frame.size());
  }
}
BENCHMARK(encode_registration)->Arg(1'000)->Arg(10'000)->Arg(50'000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();

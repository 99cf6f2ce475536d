// SPDX-License-Identifier: Apache-2.0
#include "scheduler.hpp"
#include "tenon/testing/delivery_scheduler_contract.hpp"
#include "testing/delay_bench.hpp"

namespace tenon::delay {
namespace {

struct Bench {
  ~Bench() {
    engine->stop();
    engine.reset();
    bench.run();
  }
  DelayBench bench;
  EveryTopic topics;
  std::shared_ptr<TimerEngine> engine =
      std::make_shared<TimerEngine>(bench.parts(), TimerSettings{}, bench.directory.path());
  Scheduler scheduler;
};

tenon::testing::OpenScheduler open_scheduler() {
  const auto made = std::make_shared<Bench>();
  if (const Status opened = made->engine->open(); !opened) throw Failure(opened.error());
  made->engine->start();
  made->scheduler.wire({&made->bench.rules, &made->bench.delivery, &made->topics, "broker-a",
                        [bench = made.get()] { return bench->bench.now_ms; }, nullptr, made->engine});
  tenon::testing::OpenScheduler open;
  open.scheduler = &made->scheduler;
  open.keep_alive = made;
  open.now_ms = [bench = made.get()] { return bench->bench.now_ms; };
  open.advance_to = [bench = made.get()](std::int64_t now_ms) {
    bench->bench.now_ms = now_ms;
    bench->engine->appended();
    bench->bench.run();
  };
  open.delivered = [bench = made.get()] { return bench->bench.delivery.bodies(); };
  return open;
}

}  // namespace
}  // namespace tenon::delay

namespace tenon::testing {
INSTANTIATE_TEST_SUITE_P(Delay, DeliverySchedulerContract,
                         ::testing::Values(SchedulerCase{"delay", tenon::delay::open_scheduler}));
}  // namespace tenon::testing

// SPDX-License-Identifier: Apache-2.0
#include "lifecycle/phases.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

namespace tenon::kernel {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;

using Journal = std::vector<std::string>;

// Writes down its phases and throws in the one it is told to.
class Recorder final : public Plugin {
 public:
  Recorder(std::string name, Journal& journal, std::string fail_in = {})
      : name_(std::move(name)), journal_(journal), fail_in_(std::move(fail_in)) {}
  void wire(Services&) override { enter("wire"); }
  void start() override { enter("start"); }
  void serve() override { enter("serve"); }
  void drain(std::chrono::steady_clock::time_point) override { enter("drain"); }
  void stop() noexcept override { journal_.push_back(name_ + ".stop"); }

  Errc fails_with = Errc::internal;

 private:
  void enter(const std::string& phase) {
    journal_.push_back(name_ + "." + phase);
    if (phase == fail_in_) throw Failure(Error(fails_with, "told to fail"));
  }

  std::string name_;
  Journal& journal_;
  std::string fail_in_;
};

class PhasesOfThree : public testing::Test {
 protected:
  // Runs a, b and c through everything; returns the error, if any.
  std::string run(
      const std::string& failing, const std::string& phase, const Phases::StopRequested& stop = [] { return false; }) {
    std::vector<Unit> units;
    for (const std::string name : {"a", "b", "c"}) {
      recorders_.push_back(std::make_unique<Recorder>(name, journal_, name == failing ? phase : ""));
      recorders_.back()->fails_with = fails_with_;
      units.push_back({name, recorders_.back().get(), {}, {}});
    }
    Phases phases(std::move(units), Logger("test"));
    try {
      phases.wire(registry_);
      journal_.clear();
      if (!phases.start(stop, std::chrono::milliseconds(0))) return "stopped";
      phases.drain(std::chrono::steady_clock::now());
      phases.stop();
      phases.stop();
    } catch (const Failure& failure) {
      return failure.what();
    }
    return {};
  }

  ServiceRegistry registry_;
  Journal journal_;
  Errc fails_with_ = Errc::internal;
  std::vector<std::unique_ptr<Recorder>> recorders_;
};

constexpr const char* kWholeLife[] = {"a.start", "b.start", "c.start", "a.serve", "b.serve", "c.serve",
                                      "c.drain", "b.drain", "a.drain", "c.stop",  "b.stop",  "a.stop"};

TEST_F(PhasesOfThree, ServeWhenAllHaveStartedAndStopInReverseOrder) {
  EXPECT_EQ(run("", ""), "");
  EXPECT_THAT(journal_, ElementsAreArray(kWholeLife));
}

TEST_F(PhasesOfThree, AFailedWireHasNothingToUndo) {
  EXPECT_EQ(run("b", "wire"), "plug-in 'b' failed in phase 'wire': told to fail");
  EXPECT_THAT(journal_, ElementsAre("a.wire", "b.wire"));
}

TEST_F(PhasesOfThree, AFailedStartStopsItselfAndAllBeforeIt) {
  EXPECT_EQ(run("b", "start"), "plug-in 'b' failed in phase 'start': told to fail");
  EXPECT_THAT(journal_, ElementsAre("a.start", "b.start", "a.drain", "b.stop", "a.stop"));
}

TEST_F(PhasesOfThree, TheFirstToStartMayFail) {
  EXPECT_EQ(run("a", "start"), "plug-in 'a' failed in phase 'start': told to fail");
  EXPECT_THAT(journal_, ElementsAre("a.start", "a.stop"));
}

TEST_F(PhasesOfThree, AFailedServeDrainsAndStopsAll) {
  EXPECT_EQ(run("b", "serve"), "plug-in 'b' failed in phase 'serve': told to fail");
  EXPECT_THAT(journal_, ElementsAre("a.start", "b.start", "c.start", "a.serve", "b.serve", "c.drain", "b.drain",
                                    "a.drain", "c.stop", "b.stop", "a.stop"));
}

TEST_F(PhasesOfThree, AFailedDrainStopsNobodyElseFromDraining) {
  EXPECT_EQ(run("b", "drain"), "");
  EXPECT_THAT(journal_, ElementsAreArray(kWholeLife));
}

TEST_F(PhasesOfThree, AStopRequestedWhileStartingUnwinds) {
  int asked = 0;
  EXPECT_EQ(run("", "", [&] { return ++asked == 3; }), "stopped");
  EXPECT_THAT(journal_, ElementsAre("a.start", "b.start", "b.drain", "a.drain", "b.stop", "a.stop"));
}

/// As a broker that looks through its log before it is the master.
TEST_F(PhasesOfThree, AStartMayEndItselfWhenAStopIsRequested) {
  fails_with_ = Errc::shutting_down;
  int asked = 0;
  EXPECT_EQ(run("b", "start", [&] { return ++asked > 2; }), "stopped");
  EXPECT_THAT(journal_, ElementsAre("a.start", "b.start", "a.drain", "b.stop", "a.stop"));
  EXPECT_EQ(run("b", "start"), "plug-in 'b' failed in phase 'start': told to fail") << "nobody wants it to stop";
}

TEST_F(PhasesOfThree, AStopRequestedAfterTheLastStartLetsNobodyServe) {
  int asked = 0;
  EXPECT_EQ(run("", "", [&] { return ++asked == 4; }), "stopped");
  EXPECT_THAT(journal_, ElementsAre("a.start", "b.start", "c.start", "c.drain", "b.drain", "a.drain", "c.stop",
                                    "b.stop", "a.stop"));
}

}  // namespace
}  // namespace tenon::kernel

// SPDX-License-Identifier: Apache-2.0
// Real plug-in files through every phase, failing in each.
#include "app/plugin_set.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "config/toml_reader.hpp"
#include "lifecycle/phases.hpp"
#include "plugin/registry.hpp"

namespace tenon::kernel {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class RealPlugins : public testing::Test {
 protected:
  void TearDown() override { fs::remove(journal_); }

  // The composition of the three probes, in an order that has to be sorted; `failing` throws in `phase`.
  Composition composition(const std::string& failing, const std::string& phase) {
    std::string toml;
    for (const std::string name : {"third", "second", "first"}) {
      toml += text("[plugins.", name, "]\ntype = \"probe-", name, "\"\njournal = \"", journal_.string(), "\"\n");
      if (name == failing) toml += text("fail_in = \"", phase, "\"\n");
    }
    return compose(toml);
  }
  Composition compose(const std::string& toml) {
    return check_composition(read_toml(toml, "t.toml", problems_), "t.toml", {}, problems_);
  }
  PluginSet load(const Composition& composed) {
    PluginSet set = PluginSet::load(composed.plugins, path_, context_, problems_);
    set.configure(problems_);
    set.sort({"kernel", {}, {}, {}}, problems_);
    return set;
  }
  // Serves and stops at once; returns the error, if any.
  std::string serve(const PluginSet& set) {
    std::vector<Unit> units;
    for (const auto& instance : set.instances()) {
      units.push_back(
          {instance->table.name, instance->plugin.get(), instance->note.provides, instance->note.requires_});
    }
    Phases phases(std::move(units), Logger("test"));
    try {
      phases.wire(registry_);
      phases.start([] { return false; }, std::chrono::milliseconds(0));
      phases.drain(std::chrono::steady_clock::now());
      phases.stop();
    } catch (const Failure& failure) {
      return failure.what();
    }
    return {};
  }
  std::vector<std::string> journal() const {
    std::vector<std::string> lines;
    std::ifstream input(journal_);
    for (std::string line; std::getline(input, line);) lines.push_back(line);
    return lines;
  }

  const fs::path journal_ = fs::temp_directory_path() / ("tenon-journal-" + std::to_string(getpid()));
  Executors executors_{{}, 1, [](const std::string&, const std::string&) {}};
  Health health_;
  HostContext context_{executors_, health_, [](const std::string&) {}, {}};
  SearchPath path_{"/nowhere/bin/tenon", TENON_TEST_PLUGINS, {}};
  ServiceRegistry registry_;
  Problems problems_;
};

TEST_F(RealPlugins, GoThroughTheirPhasesInTheOrderOfTheirNeeds) {
  EXPECT_EQ(serve(load(composition("", ""))), "");
  EXPECT_TRUE(problems_.empty()) << problems_.to_string();
  EXPECT_THAT(journal(), ElementsAre("third.configure", "second.configure", "first.configure",  //
                                     "first.wire", "second.wire", "third.wire",                 //
                                     "first.start", "second.start", "third.start",              //
                                     "first.serve", "second.serve", "third.serve",              //
                                     "third.drain", "second.drain", "first.drain",              //
                                     "third.stop", "second.stop", "first.stop"));
}

TEST_F(RealPlugins, AFailedConfigureIsAMistakeAtTheSection) {
  load(composition("second", "configure"));
  EXPECT_EQ(problems_.to_string(), "t.toml:4:10: error: plug-in 'second' failed in phase 'configure': told to fail\n");
}

TEST_F(RealPlugins, AFailedWireStartsNobody) {
  EXPECT_EQ(serve(load(composition("second", "wire"))), "plug-in 'second' failed in phase 'wire': told to fail");
  EXPECT_EQ(journal().back(), "second.wire");
}

TEST_F(RealPlugins, AFailedStartUnwinds) {
  EXPECT_EQ(serve(load(composition("third", "start"))), "plug-in 'third' failed in phase 'start': told to fail");
  auto lines = journal();
  lines.erase(lines.begin(), lines.begin() + 6);
  EXPECT_THAT(lines, ElementsAre("first.start", "second.start", "third.start", "second.drain", "first.drain",
                                 "third.stop", "second.stop", "first.stop"));
}

TEST_F(RealPlugins, AFailedServeUnwindsAll) {
  EXPECT_EQ(serve(load(composition("second", "serve"))), "plug-in 'second' failed in phase 'serve': told to fail");
  auto lines = journal();
  lines.erase(lines.begin(), lines.begin() + 9);
  EXPECT_THAT(lines, ElementsAre("first.serve", "second.serve", "third.drain", "second.drain", "first.drain",
                                 "third.stop", "second.stop", "first.stop"));
}

TEST_F(RealPlugins, AFailedDrainStillStopsAll) {
  EXPECT_EQ(serve(load(composition("third", "drain"))), "");
  EXPECT_EQ(journal().back(), "first.stop");
}

TEST_F(RealPlugins, OfAnotherBuildAreRefusedBeforeAnyCodeRuns) {
  const PluginSet set = load(compose(text("[plugins.first]\ntype = \"probe-first\"\njournal = \"", journal_.string(),
                                          "\"\n[plugins.x]\ntype = \"foreign-build\"\n")));
  EXPECT_TRUE(set.refused());
  EXPECT_THAT(set.instances(), IsEmpty()) << "none is loaded when one is refused";
  EXPECT_THAT(problems_.to_string(), HasSubstr("t.toml:5:8: error: plugins.x.type = \"foreign-build\": plug-in file "));
  EXPECT_THAT(journal(), IsEmpty());
}

TEST_F(RealPlugins, UnknownTypesAndKeysAreMistakesWithTheNearestName) {
  load(compose("[plugins.a]\ntype = \"prob-first\"\n[plugins.first]\ntype = \"probe-first\"\njurnal = \"x\"\n"));
  EXPECT_THAT(problems_.to_string(), HasSubstr("(did you mean 'probe-first'?)"));
  EXPECT_THAT(problems_.to_string(),
              HasSubstr("t.toml:5:1: error: unknown key 'jurnal' in [plugins.first] (did you mean 'journal'?)"));
}

TEST_F(RealPlugins, AMissingProviderIsAMistakeAtTheSection) {
  load(compose(text("[plugins.second]\ntype = \"probe-second\"\njournal = \"", journal_.string(), "\"\n")));
  EXPECT_EQ(problems_.to_string(),
            "t.toml:1:10: error: [plugins.second] requires 'test.first/1', which no enabled plug-in provides\n");
}

}  // namespace
}  // namespace tenon::kernel

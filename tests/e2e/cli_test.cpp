// SPDX-License-Identifier: Apache-2.0
// The commands that need no broker: help, plug-in files, configuration files, and their exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "command_run.hpp"
#include "text_file.hpp"

namespace tenon::e2e {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr int kOk = 0, kFailure = 1, kUsage = 2, kPluginRefused = 3;  // docs/operations/exit-codes.md

class CommandLine : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = fs::temp_directory_path() / "tenon-cli-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    root_ = name;
  }
  void TearDown() override { fs::remove_all(root_); }

  std::string file(const std::string& name, const std::string& content) const {
    std::ofstream(root_ / name, std::ios::binary) << content;
    return root_ / name;
  }
  std::string good_plugin() const { return text_of_file(fs::path(TENON_PLUGIN_FILES) / "filter-tag.so"); }
  // As if it was built with another SDK.
  std::string foreign_plugin() const {
    std::string bytes = good_plugin();
    for (auto at = bytes.find("sdk="); at != std::string::npos; at = bytes.find("sdk=", at + 1)) bytes[at + 4] = '9';
    return bytes;
  }

  fs::path root_;
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream input(text);
  for (std::string line; std::getline(input, line);) lines.push_back(line);
  return lines;
}

// The names under "Subcommands:" of a help text.
std::vector<std::string> subcommands_of(const std::string& help) {
  std::vector<std::string> names;
  bool listed = false;
  for (const std::string& line : lines_of(help)) {
    if (listed && line.empty()) break;
    if (listed && line.starts_with("  ") && line[2] != ' ') names.push_back(line.substr(2, line.find(' ', 2) - 2));
    listed = listed || line == "Subcommands:";
  }
  return names;
}

int expect_help_with_an_example(const std::vector<std::string>& command) {
  auto words = command;
  words.emplace_back("--help");
  const CommandRun help = run_tenon(words);
  const std::string name = testing::PrintToString(command);
  EXPECT_EQ(help.code, kOk) << name;
  std::string written = "tenon";
  for (const std::string& word : command) written += " " + word;
  const auto examples = help.output.find(command.empty() ? "Start here:" : "Example:");
  EXPECT_THAT(help.output.substr(std::min(examples, help.output.size())), HasSubstr(written))
      << "no example of its own";
  int seen = 1;
  for (const std::string& below : subcommands_of(help.output)) {
    auto longer = command;
    longer.push_back(below);
    seen += expect_help_with_an_example(longer);
  }
  return seen;
}

TEST_F(CommandLine, EveryCommandHasHelpWithAnExample) { EXPECT_GE(expect_help_with_an_example({}), 20); }

TEST_F(CommandLine, MistakesOfTheCommandLineAreUsage) {
  const CommandRun unknown = run_tenon({"prduce", "-t", "x"});
  EXPECT_EQ(unknown.code, kUsage);
  EXPECT_THAT(unknown.errors, AllOf(HasSubstr("no command 'prduce'"), HasSubstr("produce'?")));
  const CommandRun below = run_tenon({"topic", "creat"});
  EXPECT_EQ(below.code, kUsage);
  EXPECT_THAT(below.errors, AllOf(HasSubstr("no command 'creat'"), HasSubstr("create'?"), HasSubstr("tenon topic")));
  const CommandRun option = run_tenon({"--versionn"});
  EXPECT_EQ(option.code, kUsage);
  EXPECT_THAT(option.errors, HasSubstr("no option '--versionn'"));
  EXPECT_THAT(unknown.output, IsEmpty());
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{},
                                             {"topic"},
                                             {"topic", "crate", "x"},
                                             {"produce"},
                                             {"consume", "-t", "x", "-o", "yaml"},
                                             {"serve"},
                                             {"topic", "create", "x", "--queues", "0"},
                                             {"produce", "-t", "x", "-m", "y", "-p", "no-value"}}) {
    const CommandRun run = run_tenon(words);
    EXPECT_EQ(run.code, kUsage) << testing::PrintToString(words);
    EXPECT_FALSE(run.errors.empty()) << testing::PrintToString(words);
  }
}

TEST_F(CommandLine, WhatCannotBeReachedIsAFailureThatNamesIt) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"produce", "-t", "x", "-m", "y"},
                                             {"topic", "list"},
                                             {"topic", "route", "x"},
                                             {"topic", "create", "x"},
                                             {"consume", "-t", "x", "--count", "1", "--timeout", "0.1"}}) {
    auto nowhere = words;
    nowhere.insert(nowhere.end(), {"-n", "127.0.0.1:1"});
    const CommandRun run = run_tenon(nowhere);
    EXPECT_EQ(run.code, kFailure) << testing::PrintToString(words);
    EXPECT_THAT(run.errors, AllOf(HasSubstr("127.0.0.1:1"), HasSubstr("is a name server running there?")))
        << testing::PrintToString(words);
  }
}

TEST_F(CommandLine, PluginsAreListedAndInspected) {
  const CommandRun list = run_tenon({"plugin", "list"});
  EXPECT_EQ(list.code, kOk) << list.errors;
  for (const char* name : {"filter-tag", "namesrv", "protocol-native", "store-mmap"}) {
    EXPECT_THAT(list.output, HasSubstr(name));
  }
  for (const std::string& named : {std::string("filter-tag"), file("copy.so", good_plugin())}) {
    const CommandRun inspected = run_tenon({"plugin", "inspect", named});
    EXPECT_EQ(inspected.code, kOk) << inspected.errors;
    EXPECT_THAT(inspected.output,
                AllOf(HasSubstr("tenon.filter-tag"), HasSubstr("tenon.filter-compiler/1:TAG"), HasSubstr("compiler=")));
  }
}

struct BadPlugin {
  const char* name;
  std::string bytes;
  const char* complaint;
};

TEST_F(CommandLine, PluginFilesThatDoNotFitAreRefusedByInspectListCheckAndServe) {
  const std::string good = good_plugin();
  const BadPlugin bad[] = {{"words", "this is no shared object\n", "is not an ELF file"},
                           {"empty", "", "is no plug-in"},
                           {"cut", good.substr(0, good.size() / 2), "is cut off"},
                           {"foreign", foreign_plugin(), "was built with sdk = 9"}};
  for (const BadPlugin& one : bad) {
    const std::string path = file(std::string(one.name) + ".so", one.bytes);
    const CommandInput found{{}, {{"TENON_PLUGIN_PATH", root_}}};
    const std::string composition = file(
        "with-it.toml", "[broker]\ndata_dir = \"" + (root_ / "data").string() + "\"\n[plugins." + one.name + "]\n");
    for (const CommandRun& run :
         {run_tenon({"plugin", "inspect", path}), run_tenon({"plugin", "list"}, found),
          run_tenon({"config", "check", "-c", composition}, found), run_tenon({"serve", "-c", composition}, found)}) {
      EXPECT_EQ(run.code, kPluginRefused) << one.name;
      EXPECT_THAT(run.errors, AllOf(HasSubstr(one.complaint), HasSubstr(one.name)));
    }
    EXPECT_FALSE(fs::exists(root_ / "data")) << "refused before any data was touched";
    fs::remove(path);
  }
  EXPECT_EQ(run_tenon({"plugin", "inspect", root_ / "absent.so"}).code, kPluginRefused);
}

TEST_F(CommandLine, FiveMistakesAreFiveMessagesWithTheirPlaces) {
  const std::string path = file("five.toml", R"([broker]
naem = "x"
id = -1
[runtime]
drain_timeout = "15 parsecs"
[log]
level = "loud"
[plugins.store]
type = "store-mmap"
flush = "sometimes"
)");
  for (const char* command : {"check", "serve"}) {
    const CommandRun run =
        command == std::string("serve") ? run_tenon({"serve", "-c", path}) : run_tenon({"config", "check", "-c", path});
    EXPECT_EQ(run.code, kUsage);
    const auto messages = lines_of(run.errors);
    ASSERT_EQ(messages.size(), 5u) << run.errors;
    const char* const expected[] = {":2:1: error: unknown key 'naem' in [broker] (did you mean 'name'?)",
                                    ":3:6: error: broker.id = -1", ":5:17: error: runtime.drain_timeout",
                                    ":7:9: error: log.level", ":10:9: error: plugins.store.flush"};
    for (std::size_t i = 0; i < 5; ++i) EXPECT_THAT(messages[i], HasSubstr("five.toml" + std::string(expected[i])));
  }
}

TEST_F(CommandLine, ProcessorsThatAreNoneAreRefusedWithTheirPlace) {
  const auto check = [this](const std::string& cpus) {
    const std::string path = file("cpus.toml", "[runtime]\nnet_cpus = \"" + cpus + "\"\n");
    return run_tenon({"config", "check", path});
  };
  for (const auto& [cpus, complaint] :
       {std::pair{"zero", "such as \"0\" or \"0-3,8\""}, {"1023", "may not run on 1023, but on "}}) {
    const CommandRun run = check(cpus);
    EXPECT_EQ(run.code, kUsage);
    EXPECT_THAT(run.errors, AllOf(HasSubstr("cpus.toml:2:12: error: runtime.net_cpus = "), HasSubstr(complaint)));
  }
}

TEST_F(CommandLine, AMisspelledPluginIsOneMistakeWhoeverNeedsIt) {
  const std::string path = file("misspelled.toml", "[plugins.store]\ntype = \"store-mnap\"\n[plugins.delay]\n");
  const CommandRun run = run_tenon({"config", "check", "-c", path});
  EXPECT_EQ(run.code, kUsage);
  EXPECT_THAT(lines_of(run.errors), testing::ElementsAre(HasSubstr("(did you mean 'store-mmap'?)")));
}

TEST_F(CommandLine, ConfigurationsAreShownAndExplained) {
  const std::string path = file("good.toml", "[broker]\nname = \"mine\"\n[plugins.store]\ntype = \"store-mmap\"\n");
  const CommandRun shown = run_tenon({"config", "show", "-c", path, "--set", "plugins.store.flush=sync"});
  EXPECT_EQ(shown.code, kOk) << shown.errors;
  EXPECT_THAT(shown.output, AllOf(HasSubstr("name = \"mine\""), HasSubstr("good.toml:2:8"),
                                  HasSubstr("flush = \"sync\""), HasSubstr("# default")));
  EXPECT_EQ(run_tenon({"config", "check", path}).code, kOk) << "-c may be left out";
  const CommandRun explained = run_tenon({"config", "explain", "store-mmap"});
  EXPECT_EQ(explained.code, kOk);
  EXPECT_THAT(explained.output, AllOf(HasSubstr("flush_interval"), HasSubstr("async or sync")));
  EXPECT_THAT(explained.output, testing::Not(HasSubstr("[broker]")));
  const CommandRun key = run_tenon({"config", "explain", "plugins.store-mmap.flush"});
  EXPECT_THAT(key.output, AllOf(HasSubstr("async or sync"), testing::Not(HasSubstr("flush_interval"))));
  const CommandRun unknown = run_tenon({"config", "explain", "store-map"});
  EXPECT_EQ(unknown.code, kUsage);
  EXPECT_THAT(unknown.errors, HasSubstr("did you mean 'store-mmap'?"));
  const CommandRun unknown_key = run_tenon({"config", "explain", "broker.data_dri"});
  EXPECT_THAT(unknown_key.errors, HasSubstr("did you mean 'broker.data_dir'?"));
  EXPECT_EQ(run_tenon({"config", "check", "-c", root_ / "absent.toml"}).code, kUsage);
}

}  // namespace
}  // namespace tenon::e2e

// SPDX-License-Identifier: Apache-2.0
// Whole processes: what a service manager and a second process see of `tenon serve`.
#include "app/serve.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <optional>

#include "lifecycle/cpu_set.hpp"

namespace tenon::kernel {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using namespace std::chrono_literals;

// A process that serves, its standard output and error in one pipe.
class Served {
 public:
  explicit Served(const ConfigSource& source) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) std::abort();
    child_ = fork();
    if (child_ == 0) {
      setenv("TENON_PLUGIN_PATH", TENON_TEST_PLUGINS, 1);
      dup2(ends[1], STDOUT_FILENO);
      dup2(ends[1], STDERR_FILENO);
      const int code = static_cast<int>(serve(source));
      std::fflush(nullptr);
      _exit(code);
    }
    close(ends[1]);
    output_ = fdopen(ends[0], "r");
  }
  ~Served() {
    if (child_ > 0) {
      signal(SIGKILL);
      wait();
    }
    std::fclose(output_);
  }
  Served(const Served&) = delete;
  Served& operator=(const Served&) = delete;

  void signal(int number) const { kill(child_, number); }
  // Reads until a line holds `expected`, or to the end.
  std::string read_until(std::string_view expected) {
    std::string all;
    char line[1024];
    while (std::fgets(line, sizeof line, output_) != nullptr) {
      all += line;
      if (std::string_view(line).find(expected) != std::string_view::npos) break;
    }
    return all;
  }
  // The exit code, or 128 + the signal that ended it.
  int wait() {
    int status = 0;
    waitpid(child_, &status, 0);
    child_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  // As wait(), but gives up after a while.
  std::optional<int> ended_within(std::chrono::milliseconds patience) {
    const int handle = static_cast<int>(syscall(SYS_pidfd_open, child_, 0));
    pollfd end{handle, POLLIN, 0};
    const bool ended = poll(&end, 1, static_cast<int>(patience.count())) > 0;
    close(handle);
    return ended ? std::optional(wait()) : std::nullopt;
  }
  pid_t pid() const { return child_; }

 private:
  pid_t child_;
  std::FILE* output_;
};

class ServeProcess : public testing::Test {
 protected:
  void SetUp() override { fs::create_directories(root_); }
  void TearDown() override { fs::remove_all(root_); }

  ConfigSource config(const std::string& plugins) {
    std::ofstream(file_) << "[broker]\ndata_dir = \"" << (root_ / "data").string() << "\"\n" << plugins;
    return {file_, {}};
  }
  std::string probe(const std::string& more = "") const {
    return text("[plugins.first]\ntype = \"probe-first\"\njournal = \"", journal_.string(), "\"\n", more);
  }
  std::string journal() const {
    std::ifstream input(journal_);
    return {std::istreambuf_iterator<char>(input), {}};
  }

  const fs::path root_ = fs::temp_directory_path() / ("tenon-serve-" + std::to_string(getpid()));
  const fs::path file_ = root_ / "t.toml", journal_ = root_ / "journal";
};

TEST_F(ServeProcess, StopsInOrderAtSigterm) {
  Served served(config(probe()));
  EXPECT_THAT(served.read_until("Stop with"), HasSubstr("is serving"));
  served.signal(SIGTERM);
  EXPECT_EQ(served.wait(), 0);
  EXPECT_EQ(journal(), "first.configure\nfirst.wire\nfirst.start\nfirst.serve\nfirst.drain\nfirst.stop\n");
}

TEST_F(ServeProcess, ASecondProcessOnTheSameDataIsToldWhoHasIt) {
  const ConfigSource source = config(probe());
  Served first(source);
  first.read_until("Stop with");
  Served second(source);
  EXPECT_THAT(second.read_until("in use"), HasSubstr(text("in use by process ", static_cast<long>(first.pid()))));
  EXPECT_EQ(second.wait(), 1);
  EXPECT_EQ(journal(), "first.configure\nfirst.wire\nfirst.start\nfirst.serve\nfirst.configure\n")
      << "no phase of the second ran";
}

TEST_F(ServeProcess, MistakesAndRefusedPluginsHaveExitCodesOfTheirOwn) {
  Served mistaken(config(probe("jurnal = 1\n")));
  EXPECT_THAT(mistaken.read_until("jurnal"), HasSubstr("t.toml:6:1: error: unknown key 'jurnal'"));
  EXPECT_EQ(mistaken.wait(), 2);
  Served refused(config("[plugins.foreign-build]\n"));
  EXPECT_THAT(refused.read_until("built"), HasSubstr("was built with sdk = 9.9.9"));
  EXPECT_EQ(refused.wait(), 3);
  Served failing(config(probe("fail_in = \"start\"\n")));
  EXPECT_THAT(failing.read_until("failed"), HasSubstr("plug-in 'first' failed in phase 'start': told to fail"));
  EXPECT_EQ(failing.wait(), 1);
}

TEST_F(ServeProcess, ReloadsLiveKeysAtSighupAndNamesTheOthers) {
  Served served(config(probe("live = 1\n")));
  served.read_until("Stop with");
  config(probe("live = 2\nfail_in = \"drain\"\n"));
  served.signal(SIGHUP);
  EXPECT_THAT(served.read_until("reloaded"),
              HasSubstr("reloaded: plugins.first.live; waits for a restart: plugins.first.fail_in"));
  config(probe("live = \n"));
  served.signal(SIGHUP);
  EXPECT_THAT(served.read_until("reload refused"), HasSubstr("nothing was changed"));
  served.signal(SIGINT);
  EXPECT_EQ(served.wait(), 0);
  EXPECT_THAT(journal(), HasSubstr("first.reload to 2\n"));
}

TEST_F(ServeProcess, ReloadRefusesProcessorsThatTheNextStartWouldRefuse) {
  const std::string available = CpuSet::of_this_thread().to_string();
  const std::string first = available.substr(0, available.find_first_of("-,"));
  const auto served_on = [this](std::string_view net_cpus, std::string_view level) {
    return config(text("[runtime]\nnet_cpus = \"", net_cpus, "\"\n[log]\nlevel = \"", level, "\"\n", probe()));
  };
  Served served(served_on(first, "info"));
  served.read_until("Stop with");
  served_on(first, "debug");
  served.signal(SIGHUP);
  EXPECT_THAT(served.read_until("reload"), HasSubstr("reloaded: log.level;")) << "although `ctl` has left them";
  served_on("zero", "info");
  served.signal(SIGHUP);
  EXPECT_THAT(served.read_until("runtime.net_cpus"), HasSubstr("reload refused"));
  served_on("1023", "info");
  served.signal(SIGHUP);
  EXPECT_THAT(served.read_until("runtime.net_cpus"), HasSubstr("reload refused"));
  served.signal(SIGINT);
  EXPECT_EQ(served.wait(), 0);
}

TEST_F(ServeProcess, ASecondSignalStopsAtOnce) {
  ASSERT_EQ(mkfifo(journal_.c_str(), 0600), 0);
  std::FILE* lines = fdopen(open(journal_.c_str(), O_RDWR | O_CLOEXEC), "r");
  Served served(config(probe("hang_in_drain = true\n")));
  served.read_until("Stop with");
  served.signal(SIGTERM);
  char line[256] = "";
  while (std::string_view(line) != "first.drain\n" && std::fgets(line, sizeof line, lines) != nullptr) {
  }
  // Again and again, until one comes late enough to be a second one.
  std::optional<int> code;
  while (!(code = served.ended_within(20ms))) served.signal(SIGTERM);
  EXPECT_EQ(*code, 1);
  std::fclose(lines);
}

TEST_F(ServeProcess, SignalsOfOneInstantAreOneStop) {
  Served served(config(probe()));
  served.read_until("Stop with");
  for (const int number : {SIGTERM, SIGINT, SIGTERM}) served.signal(number);
  EXPECT_EQ(served.wait(), 0);
  EXPECT_THAT(journal(), HasSubstr("first.stop\n"));
}

}  // namespace
}  // namespace tenon::kernel

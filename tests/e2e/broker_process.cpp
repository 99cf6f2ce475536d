// SPDX-License-Identifier: Apache-2.0
#include "broker_process.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <string_view>

namespace tenon::e2e {

BrokerProcess::BrokerProcess(std::vector<std::string> settings) : settings_(std::move(settings)) {
  std::string name = std::filesystem::temp_directory_path() / "tenon-e2e-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a directory");
  directory_ = name;
  write_config();
  start();
}

BrokerProcess::~BrokerProcess() {
  if (child_ > 0) end(SIGKILL);
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void BrokerProcess::write_config() const {
  std::ofstream(directory_ / "tenon.toml") << R"([broker]
data_dir = "data"

[plugins.store]
type = "store-mmap"

[plugins.filter-tag]

[plugins.namesrv]

[plugins.native]
type = "protocol-native"
listen = "127.0.0.1:0"
)";
}

void BrokerProcess::start() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  std::vector<std::string> words{TENON_PROGRAM, "serve", "-c", "tenon.toml"};
  for (const std::string& setting : settings_) {
    words.emplace_back("--set");
    words.push_back(setting);
  }
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  child_ = ::fork();
  if (child_ == 0) {
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
    if (::chdir(directory_.c_str()) == 0) ::execv(arguments[0], arguments.data());
    ::_exit(127);
  }
  ::close(ends[1]);
  output_ = ::fdopen(ends[0], "r");
  std::string all;
  char line[1024];
  constexpr std::string_view label = "RocketMQ protocol";
  while (std::fgets(line, sizeof line, output_) != nullptr) {
    all += line;
    const std::string_view text(line);
    if (text.find(label) == std::string_view::npos) continue;
    const auto begin = text.find("127.0.0.1:");
    if (begin == std::string_view::npos) continue;
    address_ = HostAddress::parse(text.substr(begin, text.find_first_of(" \n", begin) - begin)).value();
    return;
  }
  throw std::runtime_error("tenon does not serve:\n" + all);
}

void BrokerProcess::start_again() {
  if (child_ > 0) end(SIGKILL);
  start();
}

int BrokerProcess::end(int signal) {
  ::kill(child_, signal);
  int status = 0;
  while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {
  }
  child_ = -1;
  std::fclose(output_);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace tenon::e2e

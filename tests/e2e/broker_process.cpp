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

#include "text_file.hpp"

namespace tenon::e2e {

const char* const kStandalone = R"([broker]
data_dir = "data"

[plugins.store]
type = "store-mmap"

[plugins.filter-tag]

[plugins.namesrv]

[plugins.native]
type = "protocol-native"
listen = "127.0.0.1:0"
)";

const char* const kNameServer = R"([broker]
data_dir = "data"

[plugins.namesrv]

[plugins.native]
type = "protocol-native"
listen = "127.0.0.1:0"
)";

BrokerProcess::BrokerProcess(BrokerSetup setup) : setup_(std::move(setup)) {
  std::string name = std::filesystem::temp_directory_path() / "tenon-e2e-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a directory");
  directory_ = name;
  std::ofstream(directory_ / "tenon.toml") << setup_.config;
  start();
}

BrokerProcess::~BrokerProcess() {
  if (child_ > 0) end(SIGKILL);
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

void BrokerProcess::become_tenon(int standard_output) const {
  std::vector<std::string> words{TENON_PROGRAM, "serve", "-c", "tenon.toml"};
  for (const std::string& setting : setup_.settings) words.insert(words.end(), {"--set", setting});
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  for (const auto& [name, value] : setup_.environment) ::setenv(name.c_str(), value.c_str(), 1);
  if (::chdir(directory_.c_str()) == 0) {
    ::dup2(standard_output, STDOUT_FILENO);
    ::dup2(::open("log", O_WRONLY | O_CREAT | O_APPEND, 0644), STDERR_FILENO);
    ::close_range(3, ~0U, 0);  // a test's sockets would live on in the child
    ::execv(arguments[0], arguments.data());
  }
  ::_exit(127);
}

// The banner's line of a listener.
void BrokerProcess::read_address(const std::string& line) {
  const auto begin = line.find("127.0.0.1:");
  const bool is_broker = line.find("RocketMQ protocol") != std::string::npos;
  if (begin == std::string::npos || (!is_broker && !line.starts_with("  replication"))) return;
  const auto end = line.find_first_of(" \n", begin);
  (is_broker ? address_ : replication_address_) =
      HostAddress::parse(std::string_view(line).substr(begin, end - begin)).value();
  listens_ = listens_ || is_broker;
}

void BrokerProcess::start() {
  std::error_code not_yet;
  const auto log_end = std::filesystem::file_size(directory_ / "log", not_yet);
  log_begin_ = not_yet ? 0 : log_end;
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
  child_ = ::fork();
  if (child_ == 0) become_tenon(ends[1]);
  ::close(ends[1]);
  output_ = ::fdopen(ends[0], "r");
  char line[1024];
  bool announced = false;
  listens_ = false;
  while (!announced && std::fgets(line, sizeof line, output_) != nullptr) {
    read_address(line);
    announced = std::string_view(line).find("Stop with") != std::string_view::npos;
  }
  if (!listens_ || !announced) throw std::runtime_error("tenon does not serve:\n" + text_of_file(directory_ / "log"));
}

void BrokerProcess::start_again() {
  if (child_ > 0) end(SIGKILL);
  start();
}

void BrokerProcess::signal(int number) const {
  if (child_ > 0) ::kill(child_, number);  // -1 would be every process there is
}

int BrokerProcess::end(int number) {
  if (child_ <= 0) throw std::logic_error("the process has ended already");
  signal(number);
  int status = 0;
  while (::waitpid(child_, &status, 0) < 0 && errno == EINTR) {
  }
  forget(status);
  return ended_with_;
}

bool BrokerProcess::has_ended() {
  int status = 0;
  if (child_ > 0 && ::waitpid(child_, &status, WNOHANG) == child_) forget(status);
  return child_ <= 0;
}

std::string BrokerProcess::log_of_last_run() const { return text_of_file(directory_ / "log").substr(log_begin_); }

void BrokerProcess::forget(int wait_status) {
  ended_with_ = WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : 128 + WTERMSIG(wait_status);
  child_ = -1;
  std::fclose(output_);
}

std::size_t BrokerProcess::anonymous_memory() const {
  std::ifstream status("/proc/" + std::to_string(child_) + "/status");
  std::string name;
  for (std::size_t kilobytes = 0; status >> name; status.ignore(1000, '\n')) {
    if (name == "RssAnon:" && status >> kilobytes) return kilobytes * 1024;
  }
  throw std::runtime_error("no RssAnon of the process");
}

}  // namespace tenon::e2e

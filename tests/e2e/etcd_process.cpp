// SPDX-License-Identifier: Apache-2.0
#include "etcd_process.hpp"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <stdexcept>
#include <thread>
#include <vector>

#include "free_port.hpp"
#include "tenon/text.hpp"

namespace tenon::e2e {
namespace {

int loopback_socket(std::uint16_t port, sockaddr_in& address) {
  address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

bool listens(std::uint16_t port) {
  sockaddr_in address{};
  const int descriptor = loopback_socket(port, address);
  const bool connected = ::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(descriptor);
  return connected;
}

}  // namespace

EtcdProcess::EtcdProcess(const std::string& program, std::optional<EtcdTls> tls)
    : program_(program), tls_(std::move(tls)), client_port_(free_port()), peer_port_(free_port()) {
  std::string name = std::filesystem::temp_directory_path() / "tenon-etcd-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a directory");
  directory_ = name;
  address_ = text("127.0.0.1:", client_port_);
  start();
}

void EtcdProcess::become_etcd() const {
  const int log = ::open((directory_ / "log").c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  const std::string clients = text(tls_ ? "https://" : "http://", address_),
                    peers = text("http://127.0.0.1:", peer_port_);
  std::vector<std::string> words{program_,
                                 "--data-dir",
                                 directory_ / "data",
                                 "--listen-client-urls",
                                 clients,
                                 "--advertise-client-urls",
                                 clients,
                                 "--listen-peer-urls",
                                 peers,
                                 "--initial-advertise-peer-urls",
                                 peers,
                                 "--initial-cluster",
                                 "default=" + peers};
  if (tls_) {
    words.insert(words.end(), {"--cert-file", tls_->certificate, "--key-file", tls_->key, "--trusted-ca-file", tls_->ca,
                               "--client-cert-auth"});
  }
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  ::close_range(3, ~0U, 0);  // a test's sockets would live on in the child
  ::execv(arguments[0], arguments.data());
  ::_exit(127);
}

void EtcdProcess::start() {
  child_ = ::fork();
  if (child_ == 0) become_etcd();
  for (int tries = 0; tries < 500 && !listens(client_port_); ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  if (!listens(client_port_)) throw std::runtime_error("etcd does not listen at " + address_);
}

void EtcdProcess::kill() {
  if (child_ > 0) ::kill(child_, SIGKILL);
  if (child_ > 0) ::waitpid(child_, nullptr, 0);
  child_ = -1;
}

EtcdProcess::~EtcdProcess() {
  kill();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

}  // namespace tenon::e2e

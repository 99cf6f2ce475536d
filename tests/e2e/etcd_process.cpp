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

/// etcd takes no port 0: one that is free at this moment.
std::uint16_t free_port() {
  sockaddr_in address{};
  const int descriptor = loopback_socket(0, address);
  socklen_t size = sizeof address;
  const bool bound = ::bind(descriptor, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
                     ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(descriptor);
  if (!bound) throw std::runtime_error("no free port");
  return ntohs(address.sin_port);
}

bool listens(std::uint16_t port) {
  sockaddr_in address{};
  const int descriptor = loopback_socket(port, address);
  const bool connected = ::connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(descriptor);
  return connected;
}

[[noreturn]] void become_etcd(const std::string& program, const std::string& directory, std::uint16_t client,
                              std::uint16_t peer) {
  const int log = ::open((directory + "/log").c_str(), O_WRONLY | O_CREAT, 0644);
  ::dup2(log, STDOUT_FILENO);
  ::dup2(log, STDERR_FILENO);
  const std::string clients = text("http://127.0.0.1:", client), peers = text("http://127.0.0.1:", peer);
  const std::string data = directory + "/data", cluster = "default=" + peers;
  ::execl(program.c_str(), program.c_str(), "--data-dir", data.c_str(), "--listen-client-urls", clients.c_str(),
          "--advertise-client-urls", clients.c_str(), "--listen-peer-urls", peers.c_str(),
          "--initial-advertise-peer-urls", peers.c_str(), "--initial-cluster", cluster.c_str(), nullptr);
  ::_exit(127);
}

}  // namespace

EtcdProcess::EtcdProcess(const std::string& program) {
  std::string name = std::filesystem::temp_directory_path() / "tenon-etcd-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("cannot make a directory");
  directory_ = name;
  const std::uint16_t client = free_port(), peer = free_port();
  address_ = text("127.0.0.1:", client);
  child_ = ::fork();
  if (child_ == 0) become_etcd(program, name, client, peer);
  for (int tries = 0; tries < 500 && !listens(client); ++tries) {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  if (!listens(client)) throw std::runtime_error("etcd does not listen at " + address_);
}

EtcdProcess::~EtcdProcess() {
  ::kill(child_, SIGKILL);
  ::waitpid(child_, nullptr, 0);
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

}  // namespace tenon::e2e

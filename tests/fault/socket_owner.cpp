// SPDX-License-Identifier: Apache-2.0
#include "socket_owner.hpp"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "tenon/text.hpp"

namespace tenon::fault {
namespace {

namespace fs = std::filesystem;

/// "0100007F:1F90", as /proc/net/tcp writes it.
bool has_port(const std::string& address, std::uint16_t port) {
  const auto colon = address.find(':');
  return colon != std::string::npos && std::stoul(address.substr(colon + 1), nullptr, 16) == port;
}

/// Of the socket with these two ports; empty if there is none.
std::string inode_of(std::uint16_t port, std::uint16_t remote_port) {
  std::ifstream table("/proc/net/tcp");
  std::string line;
  std::getline(table, line);  // the names of the columns
  while (std::getline(table, line)) {
    std::istringstream words(line);
    std::string number, local, remote, skipped, inode;
    words >> number >> local >> remote;
    for (int column = 0; column < 6; ++column) words >> skipped;
    if (words >> inode && has_port(local, port) && has_port(remote, remote_port)) return inode;
  }
  return {};
}

}  // namespace

bool owns_connection(pid_t process, std::uint16_t port, std::uint16_t remote_port) {
  const std::string inode = inode_of(port, remote_port);
  if (inode.empty()) return false;
  const fs::path wanted = text("socket:[", inode, ']');
  std::error_code gone;
  for (const auto& descriptor : fs::directory_iterator(text("/proc/", process, "/fd"), gone)) {
    if (fs::read_symlink(descriptor, gone) == wanted) return true;
  }
  return false;
}

}  // namespace tenon::fault

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "lifecycle/plugin_host.hpp"

namespace tenon::kernel {

/// What a newcomer is told when the process serves.
struct BannerFacts {
  std::vector<Listener> listeners;
  std::filesystem::path data_dir;
  std::vector<std::string> plugins;       ///< "store (store-mmap 0.1.0)"
  std::vector<std::string> name_servers;  ///< Configured ones.
  bool is_broker = false;
  bool is_name_server = false;
};

/// What listens where, where the data is, how the first message is sent, how to stop. Lines end in newlines.
std::string banner(const BannerFacts& facts);

/// The address that a client on this machine uses as its name server; empty if there is none.
std::string name_server_for_clients(const BannerFacts& facts);

}  // namespace tenon::kernel

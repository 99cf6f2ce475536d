// SPDX-License-Identifier: Apache-2.0
#include "app/ports_file.hpp"

#include <fstream>

#include "tenon/log.hpp"

namespace tenon::kernel {

void write_ports_file(const std::filesystem::path& file, const std::vector<Listener>& listeners) {
  std::filesystem::path unfinished = file;
  unfinished += ".tmp";
  std::ofstream out(unfinished, std::ios::binary | std::ios::trunc);
  for (const Listener& listener : listeners) out << listener.what << '\t' << listener.address << '\n';
  out.close();
  std::error_code failed;
  if (out) std::filesystem::rename(unfinished, file, failed);
  if (!out || failed) Logger("kernel").warn("the ports file ", file.string(), " could not be written");
}

}  // namespace tenon::kernel

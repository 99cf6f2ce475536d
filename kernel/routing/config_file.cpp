// SPDX-License-Identifier: Apache-2.0
#include "routing/config_file.hpp"

#include "state_file/state_file.hpp"

namespace tenon::kernel {

Status ConfigFile::write(std::string_view content) const { return state_file::replace(path_, content); }

Result<bool> ConfigFile::read(const Decode& decode, const Logger& log) const {
  return state_file::read_decodable(path_, decode, log);
}

}  // namespace tenon::kernel

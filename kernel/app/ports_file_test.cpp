// SPDX-License-Identifier: Apache-2.0
#include "app/ports_file.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <sstream>

namespace tenon::kernel {
namespace {

TEST(PortsFile, HasALinePerListenerAndReplacesAnOlderOne) {
  const auto file = std::filesystem::temp_directory_path() / ("tenon-ports-" + std::to_string(getpid()));
  write_ports_file(file, {{"old", "127.0.0.1:1"}});
  write_ports_file(file, {{"RocketMQ protocol", "127.0.0.1:41234"}, {"told to clients", "10.0.0.7:41234"}});
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  EXPECT_EQ(text.str(), "RocketMQ protocol\t127.0.0.1:41234\ntold to clients\t10.0.0.7:41234\n");
  std::filesystem::remove(file);
}

TEST(PortsFile, APlaceThatCannotBeWrittenIsNoReasonToStop) {
  EXPECT_NO_THROW(write_ports_file("/nowhere/at/all", {{"what", "127.0.0.1:1"}}));
}

}  // namespace
}  // namespace tenon::kernel

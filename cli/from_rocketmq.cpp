// SPDX-License-Identifier: Apache-2.0
#include "from_rocketmq.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "plugin/search_path.hpp"
#include "storetools/from_rocketmq.hpp"

namespace tenon::cli {

ExitCode config_from_rocketmq(const FromRocketmqOptions& options) {
  std::ifstream file(options.broker_conf);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file) {
    std::fprintf(stderr, "tenon: cannot read %s\n", options.broker_conf.c_str());
    return ExitCode::usage;
  }
  const std::string conf = content.str();
  const char* const home = std::getenv("HOME");
  storetools::MoveRequest request{conf, home != nullptr ? home : "", options.store_type, {}};
  for (const auto& plugin : kernel::SearchPath::of_this_process({}).all()) request.plugins.push_back(plugin.stem());
  const auto moved = storetools::from_rocketmq(request);
  if (!moved) {
    std::fprintf(stderr, "%s: %s\n", options.broker_conf.c_str(), moved.error().message().c_str());
    return ExitCode::usage;
  }
  for (const std::string& key : moved->without_counterpart)
    std::fprintf(stderr, "%s: no counterpart: %s\n", options.broker_conf.c_str(), key.c_str());
  if (options.output.empty()) {
    std::fputs(moved->toml.c_str(), stdout);
    return ExitCode::ok;
  }
  std::ofstream out(options.output);
  out << moved->toml;
  out.close();
  if (!out) throw Failure(Error(Errc::io, "cannot write " + options.output));
  return ExitCode::ok;
}

}  // namespace tenon::cli

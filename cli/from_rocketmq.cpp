// SPDX-License-Identifier: Apache-2.0
#include "from_rocketmq.hpp"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/search_path.hpp"
#include "storetools/from_rocketmq.hpp"

namespace tenon::cli {
namespace {

/// A line for each setting that says why it is left out, and one for all that nobody here has heard of: a broker that
/// was ever asked to change its configuration has written every setting there is into its file.
void report(const std::string& file, const std::vector<std::string>& without_counterpart) {
  constexpr std::string_view kUnknown = ": unknown here";
  std::string unknown;
  for (std::string_view setting : without_counterpart) {
    if (!setting.ends_with(kUnknown)) {
      std::fprintf(stderr, "%s: no counterpart: %s\n", file.c_str(), std::string(setting).c_str());
      continue;
    }
    setting.remove_suffix(kUnknown.size());
    unknown.append(unknown.empty() ? "" : ", ").append(setting);
  }
  if (!unknown.empty()) std::fprintf(stderr, "%s: unknown here, no counterpart: %s\n", file.c_str(), unknown.c_str());
}

}  // namespace

ExitCode config_from_rocketmq(const FromRocketmqOptions& options) {
  if (std::filesystem::is_directory(options.broker_conf)) {  // reads as if it were empty
    std::fprintf(stderr, "tenon: %s is a directory: name the file broker.conf\n", options.broker_conf.c_str());
    return ExitCode::usage;
  }
  std::ifstream file(options.broker_conf);
  std::ostringstream content;
  content << file.rdbuf();
  if (!file) {
    std::fprintf(stderr, "tenon: cannot read %s: %s\n", options.broker_conf.c_str(), std::strerror(errno));
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
  report(options.broker_conf, moved->without_counterpart);
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

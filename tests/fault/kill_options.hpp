// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <functional>
#include <string_view>

namespace tenon::fault {

/// What every program of the campaign is told: `--cycles N` (at least 1) and `--seed N`.
struct KillOptions {
  int cycles = 20;
  std::uint64_t seed = 1;

  /// Nothing is missing that has no default; a program's own options may say otherwise.
  bool complete() const noexcept { return true; }
};

/// An option of one program's own; false: there is none of that name, or not with that value.
using OwnOption = std::function<bool(std::string_view name, std::string_view value)>;

/// Reads pairs of a name and a value into `options`. Returns false, and has printed `usage`, where one cannot be read.
bool read_options(int argc, char** argv, const char* usage, KillOptions& options, const OwnOption& own = {});

/// What main() of a campaign does: reads the options, those of its own with `read_own`, and runs `Campaign(options)`.
/// Returns the status to end with: 2 after a wrong option, else whether run() was content.
template <class Campaign, class Options>
int campaign_main(int argc, char** argv, const char* usage,
                  bool (*read_own)(Options& options, std::string_view name, std::string_view value)) {
  Options options;
  const auto own = [&](std::string_view name, std::string_view value) { return read_own(options, name, value); };
  if (!read_options(argc, argv, usage, options, own)) return 2;
  if (!options.complete()) {
    std::fprintf(stderr, "usage: %s\n", usage);
    return 2;
  }
  try {
    return Campaign(options).run() ? EXIT_SUCCESS : EXIT_FAILURE;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "seed %llu: %s\n", static_cast<unsigned long long>(options.seed), failure.what());
    return EXIT_FAILURE;
  }
}

}  // namespace tenon::fault

// SPDX-License-Identifier: Apache-2.0
#include "kill_options.hpp"

#include <charconv>
#include <cstdio>

namespace tenon::fault {
namespace {

bool read_number(std::string_view word, auto& number) {
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
  return error == std::errc{} && end == word.data() + word.size();
}

bool read_pair(std::string_view name, std::string_view value, KillOptions& options, const OwnOption& own) {
  if (name == "--cycles") return read_number(value, options.cycles) && options.cycles > 0;
  if (name == "--seed") return read_number(value, options.seed);
  return own && own(name, value);
}

}  // namespace

bool read_options(int argc, char** argv, const char* usage, KillOptions& options, const OwnOption& own) {
  bool good = argc % 2 == 1;
  for (int at = 1; good && at < argc; at += 2) good = read_pair(argv[at], argv[at + 1], options, own);
  if (!good) std::fprintf(stderr, "usage: %s\n", usage);
  return good;
}

}  // namespace tenon::fault

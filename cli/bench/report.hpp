// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "bench/measurement.hpp"

namespace tenon::bench {

/// The result for a person: a few lines.
std::string text_report(const Options& options, const Measurement& measured);
/// The result for a program: one JSON object on one line. Times in microseconds.
std::string json_report(const Options& options, const Measurement& measured);

}  // namespace tenon::bench

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "storetools/repair.hpp"
#include "storetools/verify.hpp"

namespace tenon::cli {

/// What the commands of `tenon store` found and plan, on standard output: for people, or one JSON object a line.
enum class ReportFormat { text, json };

void print_finding(ReportFormat format, const storetools::Finding& finding);
void print_summary(ReportFormat format, const storetools::VerifySummary& summary, const storetools::Findings& findings);
/// `before`: the store as it was found. `saved`: where everything goes that is cut or replaced.
void print_plan(ReportFormat format, const storetools::RepairPlan& plan, const storetools::VerifySummary& before,
                const std::string& saved);

}  // namespace tenon::cli

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "record/record_view.hpp"
#include "tenon/offsets.hpp"

namespace tenon::storetools {

/// Why record::check_record() calls the bytes damaged, for people: which field does not fit and what it says.
std::string diagnose_record(std::span<const std::byte> rest_of_file, PhysicalOffset expected);

}  // namespace tenon::storetools

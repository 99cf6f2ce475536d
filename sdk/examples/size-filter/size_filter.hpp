// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/filter.hpp"

namespace example {

/// Compiles ">= 1024" and "< 1024": records of at least, or of less than, so many bytes.
class SizeFilterCompiler final : public tenon::FilterCompiler {
 public:
  tenon::Result<std::shared_ptr<const tenon::CompiledFilter>> compile(std::string_view expression) const override;
};

}  // namespace example

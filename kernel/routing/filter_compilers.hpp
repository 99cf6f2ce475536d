// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "routing/plugin_faults.hpp"
#include "tenon/filter.hpp"
#include "tenon/services.hpp"

namespace tenon::kernel {

using FilterPtr = std::shared_ptr<const CompiledFilter>;

/// The loaded filter compilers by expression type. Threads: constant after wiring.
class FilterCompilers {
 public:
  explicit FilterCompilers(PluginFaults& faults) : faults_(faults) {}
  void wire(std::vector<Keyed<FilterCompiler>> compilers) { compilers_ = std::move(compilers); }

  /// nullptr stands for "everything": the expression `*` or none of type TAG, which needs no plug-in.
  /// Errors: not_supported when no plug-in compiles this type, subscription_parse_failed.
  Result<FilterPtr> compile(std::string_view expression_type, std::string_view expression) const;

 private:
  PluginFaults& faults_;
  std::vector<Keyed<FilterCompiler>> compilers_;
};

/// The filter of the last expression that came with pulls of one group and topic: the same expression is not compiled
/// again. Threads: guarded by the owner.
class RequestFilter {
 public:
  Result<FilterPtr> get(const FilterCompilers& compilers, std::string_view expression_type,
                        std::string_view expression);

 private:
  bool known_ = false;
  std::string type_, expression_;
  FilterPtr filter_;
};

}  // namespace tenon::kernel

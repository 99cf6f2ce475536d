// SPDX-License-Identifier: Apache-2.0
#include "routing/filter_compilers.hpp"

#include "tenon/text.hpp"

namespace tenon::kernel {
namespace {

constexpr std::string_view kTag = "TAG";

bool matches_everything(std::string_view type, std::string_view expression) {
  return (type.empty() || type == kTag) && (expression.empty() || expression == "*");
}

}  // namespace

Result<FilterPtr> FilterCompilers::compile(std::string_view expression_type, std::string_view expression) const {
  if (matches_everything(expression_type, expression)) return FilterPtr{};
  const std::string_view type = expression_type.empty() ? kTag : expression_type;
  for (const Keyed<FilterCompiler>& compiler : compilers_) {
    if (compiler.key != type) continue;
    return faults_.guard(compiler.provider, "compiling a filter",
                         [&] { return compiler.service->compile(expression); });
  }
  return Error(Errc::not_supported, text("The broker does not support consumer to filter message by ", type,
                                         ": no loaded plug-in compiles ", type, " expressions"));
}

Result<FilterPtr> RequestFilter::get(const FilterCompilers& compilers, std::string_view expression_type,
                                     std::string_view expression) {
  if (known_ && type_ == expression_type && expression_ == expression) return filter_;
  Result<FilterPtr> compiled = compilers.compile(expression_type, expression);
  if (!compiled) return compiled;
  known_ = true;
  type_ = expression_type;
  expression_ = expression;
  filter_ = *compiled;
  return compiled;
}

}  // namespace tenon::kernel

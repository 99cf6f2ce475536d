// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sql92/program.hpp"
#include "tenon/filter.hpp"

namespace tenon::filter_sql {

/// Lets through the messages of whose properties an SQL92 expression says exactly TRUE.
class SqlFilter final : public CompiledFilter {
 public:
  explicit SqlFilter(sql92::Program program) : program_(std::move(program)) {}

  /// The index knows no properties.
  bool match_index(const IndexEntry&) const noexcept override { return true; }
  bool needs_properties() const noexcept override { return true; }
  bool match_properties(const PropertiesView& properties) const noexcept override {
    return program_.evaluate(properties) == sql92::Verdict::yes;
  }

 private:
  sql92::Program program_;
};

/// Compiles SQL92 expressions. An empty one does not compile, as with RocketMQ.
class SqlFilterCompiler final : public FilterCompiler {
 public:
  Result<std::shared_ptr<const CompiledFilter>> compile(std::string_view expression) const override;
};

}  // namespace tenon::filter_sql

// SPDX-License-Identifier: Apache-2.0
#include "sql_filter.hpp"

#include "sql92/compile.hpp"

namespace tenon::filter_sql {

Result<std::shared_ptr<const CompiledFilter>> SqlFilterCompiler::compile(std::string_view expression) const {
  Result<sql92::Program> program = sql92::compile(expression);
  if (!program) {
    return Error(program.error().code(), text("the SQL92 expression does not compile: ", program.error().message()));
  }
  return std::make_shared<SqlFilter>(std::move(*program));
}

}  // namespace tenon::filter_sql

// SPDX-License-Identifier: Apache-2.0
#include "tenon/plugin.hpp"

#include "sql_filter.hpp"

namespace tenon::filter_sql {

class FilterSqlPlugin final : public Plugin {
 public:
  explicit FilterSqlPlugin(Host&) {}
  void wire(Services& services) override { services.provide<FilterCompiler>(compiler_, "SQL92"); }

 private:
  SqlFilterCompiler compiler_;
};

}  // namespace tenon::filter_sql

TENON_PLUGIN(tenon::filter_sql::FilterSqlPlugin, "tenon.filter-sql", TENON_SDK_VERSION, "tenon.filter-compiler/1:SQL92",
             "")

// SPDX-License-Identifier: Apache-2.0
#include "tenon/plugin.hpp"

#include "tag_filter.hpp"

namespace tenon::filter_tag {

class FilterTagPlugin final : public Plugin {
 public:
  explicit FilterTagPlugin(Host&) {}
  void wire(Services& services) override { services.provide<FilterCompiler>(compiler_, "TAG"); }

 private:
  TagFilterCompiler compiler_;
};

}  // namespace tenon::filter_tag

TENON_PLUGIN(tenon::filter_tag::FilterTagPlugin, "tenon.filter-tag", TENON_SDK_VERSION, "tenon.filter-compiler/1:TAG",
             "")

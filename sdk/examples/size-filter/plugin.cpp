// SPDX-License-Identifier: Apache-2.0
#include "tenon/plugin.hpp"

#include "size_filter.hpp"

namespace example {

class SizeFilterPlugin final : public tenon::Plugin {
 public:
  explicit SizeFilterPlugin(tenon::Host&) {}
  void wire(tenon::Services& services) override { services.provide<tenon::FilterCompiler>(compiler_, "SIZE"); }

 private:
  SizeFilterCompiler compiler_;
};

}  // namespace example

TENON_PLUGIN(example::SizeFilterPlugin, "org.example.size-filter", "1.0.0", "tenon.filter-compiler/1:SIZE", "")

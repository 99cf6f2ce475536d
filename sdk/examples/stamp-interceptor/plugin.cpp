// SPDX-License-Identifier: Apache-2.0
#include "tenon/plugin.hpp"

#include <array>
#include <optional>

#include "stamp_interceptor.hpp"

namespace example {
namespace {

constexpr std::array<tenon::ConfigKey, 4> kKeys{{
    {.name = "property", .default_value = "RECEIVED_BY", .meaning = "Name of the property to set."},
    {.name = "value", .default_value = "tenon", .meaning = "Its value."},
    {.name = "refuse", .default_value = "", .meaning = "Refuse messages with this tag; empty refuses none."},
    {.name = "order",
     .type = tenon::ConfigType::integer,
     .default_value = "5000",
     .meaning = "Where it stands among the interceptors: transaction is 1000, delay 2000.",
     .minimum = 0,
     .maximum = 1'000'000},
}};

}  // namespace

class StampPlugin final : public tenon::Plugin {
 public:
  explicit StampPlugin(tenon::Host&) {}
  std::span<const tenon::ConfigKey> config_keys() const override { return kKeys; }

  void configure(const tenon::ConfigSection& section, tenon::Diagnostics& complaints) override {
    if (section.string("property").find_first_of("\1\2") != std::string::npos) {
      complaints.error("property", "must not contain the separators 0x01 and 0x02");
    }
    interceptor_.emplace(section.string("property"), section.string("value"), section.string("refuse"),
                         static_cast<int>(section.integer("order")));
  }

  void wire(tenon::Services& services) override { services.provide<tenon::PublishInterceptor>(*interceptor_); }

 private:
  std::optional<StampInterceptor> interceptor_;
};

}  // namespace example

TENON_PLUGIN(example::StampPlugin, "org.example.stamp-interceptor", "1.0.0", "tenon.publish-interceptor/1", "")

// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "config/composition.hpp"
#include "plugin/dependency_order.hpp"
#include "routing/broker.hpp"
#include "tenon/plugin.hpp"

namespace tenon::kernel {

/// The kernel's own tables: [broker], [runtime], [log].
std::vector<SectionDeclaration> kernel_sections();

/// The kernel as one of those who provide and need. It gathers what it needs after everybody was wired.
Dependent kernel_as_dependent();

/// What the kernel asks for once everybody was wired; all optional, as a name server alone needs none of it.
std::vector<CapabilityRef> kernel_needs();

/// The broker's phases that come before those of the first plug-in: offers the capabilities, reads the tables; stops
/// last.
class BrokerHead final : public Plugin {
 public:
  explicit BrokerHead(Broker& broker) : broker_(broker) {}
  void wire(Services& services) override { broker_.provide(services); }
  void start() override { broker_.load(); }
  void stop() noexcept override { broker_.stop(); }

 private:
  Broker& broker_;
};

/// The broker's phases that come after those of the last plug-in: takes what they offer, looks once all have started
/// whether it may be the master, registers with the name servers once everybody serves; drains first.
class BrokerTail final : public Plugin {
 public:
  explicit BrokerTail(Broker& broker) : broker_(broker) {}
  void wire(Services& services) override { broker_.wire(services); }
  void start() override { broker_.start(); }
  void serve() override { broker_.serve(); }
  void drain(std::chrono::steady_clock::time_point deadline) override { broker_.drain(deadline); }

 private:
  Broker& broker_;
};

}  // namespace tenon::kernel

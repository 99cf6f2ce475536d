// SPDX-License-Identifier: Apache-2.0
#include "protocol-mqtt/transport/layer.hpp"

namespace tenon::protocol_mqtt {

Status StackedLayers::receive(std::string_view bytes, std::string& inner, std::string& outer) {
  std::string between, back;
  const Status below = lower_->receive(bytes, between, outer);
  Status above = upper_->receive(between, inner, back);
  const Status answered = back.empty() ? Status{} : lower_->send(back, outer);
  if (!above) return above;
  return below ? answered : below;
}

Status StackedLayers::send(std::string_view bytes, std::string& outer) {
  std::string between;
  if (Status wrapped = upper_->send(bytes, between); !wrapped) return wrapped;
  return lower_->send(between, outer);
}

void StackedLayers::end(std::string& outer) {
  std::string between;
  upper_->end(between);
  if (!between.empty() && !lower_->send(between, outer)) return;
  lower_->end(outer);
}

}  // namespace tenon::protocol_mqtt

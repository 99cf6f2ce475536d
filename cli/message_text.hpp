// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "client/message.hpp"

namespace tenon::cli {

enum class OutputForm { text, json, body };

/// One message as `tenon consume` prints it, with its line end.
/// text: queue, offset, id, tag, keys and body; json: one object with all of it; body: the body alone.
std::string text_of(const client::MessageExt& message, OutputForm form);

}  // namespace tenon::cli

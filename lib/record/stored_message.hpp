// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tenon/message_store.hpp"

namespace tenon::record {

/// What MessageStore::message_at() makes of MessageStore::record_at(). Errors: those of record_at(), corrupt.
Result<StoredMessage> decoded(const Result<StoredRecord>& stored);

}  // namespace tenon::record

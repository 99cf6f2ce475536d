// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tenon::kernel {

/// From now on SIGBUS says on the standard error which file it was about and where, before it ends the process as it
/// always does (with a core, if the system keeps cores). It comes when a page of a mapped file cannot be had: the file
/// was cut short under the process, or its disk failed. Nothing is logged: a handler may call next to nothing.
void name_file_of_bus_errors();

}  // namespace tenon::kernel

// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Marks a type or function that crosses the boundary between the kernel, the runtime library and the plug-ins.
#define TENON_EXPORT __attribute__((visibility("default")))

// Counters as every JSON result of Wren's programs shows them.
#pragma once

#include <nlohmann/json.hpp>

#include "wren/runtime/device.h"

namespace wren::runtime {

// {"ld": {"working": cycles, "wait_sem": cycles, ...}, "st": ..., "mxe": ..., "gta": ...}
nlohmann::json EnginesJson(const Counters& counters);

}  // namespace wren::runtime

// How the library of a configuration makes itself known to RtlPins::Create.
#pragma once

#include <memory>

#include "wren/sim/rtl_pins.h"

namespace wren::sim {

using RtlFactory = std::unique_ptr<RtlPins> (*)(const RtlOptions&);

// Called before main by every model that is linked in.
void RegisterRtl(Config config, bool trace, RtlFactory factory);

}  // namespace wren::sim

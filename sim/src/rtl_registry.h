// How the library of a configuration makes itself known to RtlPins::Create.
#pragma once

#include <memory>

#include "wren/sim/rtl_pins.h"

namespace wren::sim {

using RtlFactory = std::unique_ptr<RtlPins> (*)(const RtlOptions&);

// The forms in which a configuration can be linked in.
enum class RtlForm { kPlain = 0, kTrace = 1, kHost = 2 };  // without waves, with, host arithmetic

// Called before main by every model that is linked in.
void RegisterRtl(Config config, RtlForm form, RtlFactory factory);

}  // namespace wren::sim

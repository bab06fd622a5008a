// How the library of a configuration makes itself known to RtlCore::Create.
#pragma once

#include <memory>

#include "wren/sim/rtl_core.h"

namespace wren::sim {

using RtlFactory = std::unique_ptr<RtlCore> (*)(const RtlOptions&);

// Called before main by every model that is linked in.
void RegisterRtl(Config config, bool trace, RtlFactory factory);

}  // namespace wren::sim

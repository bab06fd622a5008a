#include "wren/runtime/counters_json.h"

namespace wren::runtime {

nlohmann::json EnginesJson(const Counters& counters) {
  nlohmann::json engines;
  for (size_t e = 0; e < kEngines; ++e) {
    for (size_t b = 0; b < kBuckets; ++b)
      engines[kEngineNames[e]][kBucketNames[b]] = counters.engines[e][b];
  }
  return engines;
}

}  // namespace wren::runtime

// List sim: speed of the simulation of a busy core, the largest product in L2 of the list gemm,
// without and with lockstep.
#include <fmt/format.h>

#include "gemm_run.h"

namespace wren::bench {

void Sim(const Options& o, const Report& report) {
  const compiler::GemmProblem problem = GemmProblems(o.config).back();
  double plain = 0;
  for (const bool lockstep : {false, true}) {
    GemmRun run(o, problem, o.dram, lockstep);
    Cost best;
    for (int i = 0; i < 3; ++i) {
      const Cost cost = run.Run();
      if (i == 0 || cost.seconds < best.seconds) best = cost;
    }
    if (!lockstep) plain = best.seconds;
    nlohmann::json r =
        Result(o, fmt::format("sim_gemm_{}{}", o.config, lockstep ? "_lockstep" : ""), run.macs(),
               run.traffic(), best);
    r["share_of_plain"] = plain / best.seconds;
    report(r);
  }
}

}  // namespace wren::bench

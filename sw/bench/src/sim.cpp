// List sim: speed of the simulation of a busy core, the largest product in L2 of the list gemm,
// without and with lockstep, and attention; where the host computes sums and products, product and
// attention with the RTL's own as well.
#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "attention_run.h"
#include "gemm_run.h"

namespace wren::bench {
namespace {

constexpr double kSeconds = 5;  // of processor time for each result

// The best of as many runs as fit kSeconds, at least three: whoever shares the machine only makes
// a run slower. The median of the rates goes to `median`.
template <class Run>
Cost Best(Run run, double* median) {
  Cost best;
  std::vector<double> seconds;
  double spent = 0;
  while (seconds.size() < 3 || spent < kSeconds) {
    const Cost cost = run();
    if (seconds.empty() || cost.seconds < best.seconds) best = cost;
    seconds.push_back(cost.seconds);
    spent += cost.seconds;
  }
  std::nth_element(seconds.begin(), seconds.begin() + seconds.size() / 2, seconds.end());
  *median = static_cast<double>(best.counters.cycles) / seconds[seconds.size() / 2] / 1e3;
  return best;
}

}  // namespace

namespace {

// Product and attention with the options' model; names end in `suffix`.
void Measure(const Options& o, const std::string& suffix, bool lockstep_too, const Report& report) {
  const compiler::GemmProblem problem = GemmProblems(o.config).back();
  double plain = 0, median = 0;
  const auto wanted = [&](const std::string& name) {
    return name.find(o.only) != std::string::npos;
  };
  for (const bool lockstep : {false, true}) {
    const std::string name =
        fmt::format("sim_gemm_{}{}{}", o.config, lockstep ? "_lockstep" : "", suffix);
    if (!wanted(name) || (lockstep && !lockstep_too)) continue;
    GemmRun run(o, problem, o.dram, lockstep);
    const Cost best = Best([&] { return run.Run(); }, &median);
    run.Verify();
    if (!lockstep) plain = best.seconds;
    nlohmann::json r = Result(o, name, run.macs(), run.traffic(), best);
    if (plain > 0) r["share_of_plain"] = plain / best.seconds;
    r["sim_khz_median"] = median;
    report(r);
  }
  const std::string name = fmt::format("sim_attention_{}{}", o.config, suffix);
  if (!wanted(name)) return;
  const Options in_l = AttentionOptions(o);
  AttentionRun run(in_l, BusyAttention(o.config));
  const Cost best = Best([&] { return run.Run(); }, &median);
  run.Verify();
  nlohmann::json r = Result(in_l, name, run.macs(), run.traffic(in_l), best);
  r["sim_khz_median"] = median;
  report(r);
}

}  // namespace

void Sim(const Options& o, const Report& report) {
  Measure(o, "", true, report);
  if (!o.host_arithmetic()) return;
  Options rtl = o;
  rtl.arithmetic = "rtl";
  Measure(rtl, "_rtl", false, report);
}

void Train(const Options& o, const Report& report) {
  const auto best = [&](auto* run) {
    Cost cost = run->Run();
    for (int i = 1; i < o.repeat; ++i) {
      const Cost next = run->Run();
      if (next.seconds < cost.seconds) cost = next;
    }
    return cost;
  };
  const auto wanted = [&](const std::string& name) {
    return name.find(o.only) != std::string::npos;
  };
  if (wanted("train_gemm")) {
    GemmRun run(o, GemmProblems(o.config).back(), o.dram, false);
    report(Result(o, "train_gemm", run.macs(), run.traffic(), best(&run)));
  }
  if (wanted("train_attention")) {
    const Options in_l = AttentionOptions(o);
    AttentionRun run(in_l, BusyAttention(o.config));
    report(Result(in_l, "train_attention", run.macs(), run.traffic(in_l), best(&run)));
  }
}

}  // namespace wren::bench

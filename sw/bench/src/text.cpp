// Lists text (the bundled text model) and dram (bandwidth of each kind of memory, and the text
// model on two of them).
#include <fmt/format.h>

#include <cstdio>

#include "bench.h"
#include "wren/compiler/language_model.h"
#include "wren/runtime/text_model.h"
#include "wren/sim/dram.h"

namespace wren::bench {

// Prefill of the prompt and decode.
void Text(const Options& o, const Report& report) {
  const ModelFile model = LoadModel(WREN_SOURCE_DIR "/models/wren-kjv.gguf");
  const isa::Config config = o.shape();
  auto plan = std::make_unique<compiler::LanguageModel>(model, config);
  runtime::RtlDeviceOptions options;
  options.lockstep = false;
  options.timeline = true;  // for the ledger of layers
  options.rtl.seed = o.seed;
  options.rtl.host_arithmetic = o.host_arithmetic();
  options.rtl.memory.bytes = plan->ext_end();
  options.rtl.memory.kind = sim::ParseMemoryKind(o.dram);
  runtime::RtlDevice device(sim::ParseConfig(o.config), plan->ext_end(), options);
  runtime::DeviceText text(std::move(plan), &device);
  std::vector<int> prompt = model.tokenizer.Encode(
      "And the LORD said unto Moses, Speak unto the children of Israel, and say unto them,", true);
  const auto add = [&](const std::string& name, int steps, const std::function<void()>& step) {
    const uint64_t macs_before = text.useful_macs();
    LayerLedger ledger(&device);
    const Cost cost = Measure(device, [&] {
      for (int i = 0; i < steps; ++i) {
        step();
        ledger.Step();
      }
    });
    nlohmann::json r = Result(
        o, name, text.useful_macs() - macs_before,
        Traffic::Ext(config, o.dram, cost.counters.read_bytes, cost.counters.write_bytes), cost);
    r["layers"] = ledger.Json();
    report(r);
  };
  std::vector<float> logits;
  add(fmt::format("kjv_prefill_{}", prompt.size()), 1,
      [&] { logits = text.Append(prompt, false); });
  add("kjv_decode_8", 8, [&] { logits = text.Append({golden::Argmax(logits)}, false); });
}

void Dram(const Options& o, const Report& report) {
  fmt::print("{:<10} {:>10} {:>10} {:>9} {:>10} {:>9}\n", "dram", "peak GB/s", "sequence",
             "of peak", "random 64", "of peak");
  for (const sim::MemoryKind kind : sim::kMemoryKinds) {
    if (kind == sim::MemoryKind::kFixed) continue;
    const sim::DramTiming timing = sim::DramTiming::Of(kind);
    sim::DramModel in_order(timing), scattered(timing);
    sim::DramReader reader;
    const double sequence = reader.Run(&in_order);
    reader.random = true;
    reader.seed = o.seed;
    const double random = reader.Run(&scattered);
    fmt::print("{:<10} {:>10.1f} {:>10.1f} {:>8.1f}% {:>10.1f} {:>8.1f}%\n",
               sim::MemoryKindName(kind), timing.peak(), sequence, 100 * sequence / timing.peak(),
               random, 100 * random / timing.peak());
    report({{"name", fmt::format("dram_{}", sim::MemoryKindName(kind))},
            {"peak_gb_per_s", timing.peak()},
            {"sequential_gb_per_s", sequence},
            {"sequential_share", sequence / timing.peak()},
            {"random64_gb_per_s", random},
            {"random64_share", random / timing.peak()}});
  }
  for (const char* kind : {"fixed", "lpddr5"}) {
    Options timed = o;
    timed.dram = kind;
    nlohmann::json decode;
    Text(timed, [&](const nlohmann::json& r) { decode = r; });
    decode["dram"] = kind;
    decode["cycles_per_token"] = decode["cycles"].get<double>() / 8;
    decode["name"] = fmt::format("kjv_decode_8_{}", kind);
    report(decode);
  }
}

}  // namespace wren::bench

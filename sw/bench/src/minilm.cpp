// Lists minilm (a sentence encoder of 22 M parameters, weights from LPDDR5) and vit (the bundled
// image model). Every result is compared with the instruction-set model's, to the bit.
#include <fmt/format.h>
#include <sys/stat.h>

#include <cstdio>
#include <random>

#include "bench.h"
#include "wren/compiler/encoder.h"
#include "wren/error.h"
#include "wren/formats/model_file.h"
#include "wren/runtime/encoder_model.h"

namespace wren::bench {

namespace {

using Inputs = std::vector<runtime::EncoderInput>;

// `name`: the problem; all inputs make one program.
void RunEncoder(const Options& o, const Report& report, const ModelFile& model,
                const std::string& name, const Inputs& inputs, int max_tokens,
                const std::string& dram) {
  const isa::Config config = o.shape();
  compiler::EncoderOptions shape;
  shape.max_tokens = max_tokens;
  shape.max_batch = static_cast<int>(inputs.size());
  auto plan = std::make_unique<compiler::Encoder>(model, config, shape);
  runtime::RtlDeviceOptions options;
  options.lockstep = false;
  options.timeline = true;  // for the ledger of layers
  options.rtl.seed = o.seed;
  options.rtl.host_arithmetic = o.host_arithmetic();
  options.rtl.memory.bytes = plan->ext_end();
  options.rtl.memory.kind = sim::ParseMemoryKind(dram);
  runtime::RtlDevice device(sim::ParseConfig(o.config), plan->ext_end(), options);
  runtime::DeviceEncoder rtl(model, std::move(plan), &device);
  std::vector<std::vector<float>> got;
  LayerLedger ledger(&device);
  const Cost cost = Measure(device, [&] { got = rtl.Run(inputs); });
  ledger.Step();
  WriteTimeline(o, device, name);

  auto again = std::make_unique<compiler::Encoder>(model, config, shape);
  runtime::IsaDevice isa(config, again->ext_end());
  if (got != runtime::DeviceEncoder(model, std::move(again), &isa).Run(inputs))
    throw Error(fmt::format("{}: the result is not the instruction-set model's", name));
  nlohmann::json r =
      Result(o, name, rtl.useful_macs(),
             Traffic::Ext(config, dram, cost.counters.read_bytes, cost.counters.write_bytes), cost);
  r["dram"] = dram;
  r["verified"] = true;
  r["layers"] = ledger.Json();
  r["inputs"] = inputs.size();
  r["inputs_per_s"] =
      1e9 * static_cast<double>(inputs.size()) / static_cast<double>(cost.counters.cycles);
  report(r);
  fmt::print("  {:.0f} inputs/s at 1 GHz, as on the instruction-set model to the bit\n",
             r["inputs_per_s"].get<double>());
}

}  // namespace

void MiniLm(const Options& o, const Report& report) {
  const std::string path = WREN_SOURCE_DIR "/models/minilm.gguf";
  struct stat info {};
  if (stat(path.c_str(), &info) != 0) {
    fmt::print(
        "minilm: {} is missing, nothing is measured; `scripts/setup.sh --with embed` makes it\n",
        path);
    return;
  }
  const ModelFile model = LoadModel(path);
  const std::string dram = o.dram == "fixed" ? "lpddr5" : o.dram;
  std::mt19937_64 random(o.seed);
  for (const auto& [count, tokens] : {std::pair{1, 16}, {8, 16}, {1, 128}}) {
    // Which tokens does not matter to the cycles, but for where their rows lie in memory.
    Inputs inputs(static_cast<size_t>(count));
    for (runtime::EncoderInput& input : inputs) {
      input.tokens.push_back(model.tokenizer.bos());
      while (static_cast<int>(input.tokens.size()) + 1 < tokens)
        input.tokens.push_back(1000 + static_cast<int>(random() % 20000));
      input.tokens.push_back(model.tokenizer.eos());
    }
    const std::string name = count == 1 ? fmt::format("minilm_{}_{}", tokens, dram)
                                        : fmt::format("minilm_{}x{}_{}", count, tokens, dram);
    if (o.only.empty() || name.find(o.only) != std::string::npos)
      RunEncoder(o, report, model, name, inputs, tokens, dram);
  }
}

void Vit(const Options& o, const Report& report) {
  const ModelFile model = LoadModel(WREN_SOURCE_DIR "/models/wren-vit.gguf");
  std::mt19937_64 random(o.seed);
  for (const int count : {1, 16}) {
    Inputs inputs(static_cast<size_t>(count));
    for (runtime::EncoderInput& input : inputs) {
      for (int i = 0; i < model.hp.patches() * model.hp.patch_values(); ++i)
        input.patches.push_back(static_cast<float>(random() % 2001) / 1000.0f - 1.0f);
    }
    RunEncoder(o, report, model, fmt::format("vit_{}_{}", count, o.dram), inputs, 0, o.dram);
  }
}

}  // namespace wren::bench

// List isa: tokens per second of the instruction-set model with the bundled text model, on one
// thread. No RTL.
#include <fmt/format.h>

#include <algorithm>

#include "bench.h"
#include "wren/compiler/language_model.h"
#include "wren/error.h"
#include "wren/runtime/text_model.h"

namespace wren::bench {

// Greedy decoding as `wren run --tokens 200` does it, prompt and compilation of the steps included,
// loading of the model not. Processor time; the median of several runs.
void Isa(const Options& o, const Report& report) {
  constexpr int kTokens = 200, kRuns = 5;
  const ModelFile model = LoadModel(WREN_SOURCE_DIR "/models/wren-kjv.gguf");
  auto plan = std::make_unique<compiler::LanguageModel>(model, o.shape());
  const uint64_t bytes = plan->ext_end();
  runtime::IsaDevice device(o.shape(), bytes);
  runtime::DeviceText text(std::move(plan), &device);
  const std::vector<int> prompt = model.tokenizer.Encode("And the LORD said unto Moses,", true);
  std::vector<double> seconds;
  std::vector<int> first;
  uint64_t commands = 0;
  for (int run = 0; run < kRuns; ++run) {
    text.Reset();
    std::vector<int> tokens;
    const Cost cost = Measure(device, [&] {
      std::vector<float> logits = text.Append(prompt, false);
      for (;;) {
        tokens.push_back(golden::Argmax(logits));
        if (tokens.size() == kTokens) break;
        logits = text.Append({tokens.back()}, false);
      }
    });
    if (run == 0) first = tokens;
    if (tokens != first) throw Error("isa: the same prompt gave other tokens in a later run");
    seconds.push_back(cost.seconds);
    commands = cost.counters.commands;
  }
  std::sort(seconds.begin(), seconds.end());
  const double median = seconds[kRuns / 2], rate = kTokens / median;
  fmt::print("{:<12} {:>6} {:>8} {:>12} {:>12} {:>12}\n", "name", "config", "tokens", "commands",
             "seconds", "tokens/s");
  fmt::print("{:<12} {:>6} {:>8} {:>12} {:>12.4f} {:>12.0f}\n", "kjv_isa", o.config, kTokens,
             commands, median, rate);
  report({{"name", "kjv_isa"},
          {"config", o.config},
          {"tokens", kTokens},
          {"prompt_tokens", prompt.size()},
          {"runs", kRuns},
          {"commands", commands},
          {"processor_seconds", median},
          {"tokens_per_second", rate}});
}

}  // namespace wren::bench

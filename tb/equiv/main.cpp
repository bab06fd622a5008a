// wren-equiv: the synthesized netlist of a configuration beside its RTL, output by output, in every
// cycle.
//
//   wren-equiv --netlist build/synth/nano.json --programs 20 --tokens 2 --mutants 10
//
// Random command programs first (all engines, all memories, a memory with random latencies), then
// the bundled model's first tokens. The RTL is compared with the instruction-set model as it runs,
// so all three agree. Then faults: half or more of some LUTs drawn at random and inverted must be
// seen.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <random>

#include "random_run.h"
#include "wren/compiler/language_model.h"
#include "wren/error.h"
#include "wren/formats/model_file.h"
#include "wren/golden/golden.h"
#include "wren/runtime/device.h"
#include "wren/runtime/text_model.h"
#include "wren/sim/netlist_pins.h"

namespace wren {
namespace {

using Design = std::shared_ptr<const sim::NetlistDesign>;

struct Options {
  std::string netlist, config = "nano", broken, model = WREN_SOURCE_DIR "/models/wren-kjv.gguf",
                       prompt = "And";
  int programs = 20, commands = 60, tokens = 4, mutants = 10;
  uint64_t seed = 1;
};

double Seconds(std::chrono::steady_clock::time_point since) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - since).count();
}

std::string Speed(const sim::NetlistCounts& c) {
  return fmt::format(
      "{} cycles and {} payloads equal; the netlist alone ran at {:.1f} kHz ({:.0f}% of its groups "
      "of cells changed per cycle)",
      c.cycles, c.beats, c.seconds > 0 ? static_cast<double>(c.cycles) / c.seconds / 1000 : 0.0,
      c.groups_total > 0
          ? 100.0 * static_cast<double>(c.groups_computed) / static_cast<double>(c.groups_total)
          : 0.0);
}

// Of the entries that can be read: those that were.
std::string Coverage(const sim::NetlistDesign& design, const std::vector<uint16_t>& read) {
  uint64_t can = 0, was = 0;
  for (size_t i = 0; i < read.size(); ++i) {
    can += static_cast<uint64_t>(__builtin_popcount(design.reachable(i)));
    was += static_cast<uint64_t>(__builtin_popcount(design.reachable(i) & read[i]));
  }
  return fmt::format("{:.1f}% of the entries of the LUTs' tables were read",
                     can > 0 ? 100.0 * static_cast<double>(was) / static_cast<double>(can) : 0.0);
}

// One program of `commands` random commands; its seed is all it depends on. Throws on the first
// difference.
void RunRandomProgram(const Options& o, uint64_t seed) {
  compiler::test::RandomRunOptions run;
  run.config = o.config, run.seed = seed, run.commands = o.commands, run.test = "wren-equiv";
  run.look = [](const Error& error) {
    if (const auto* difference = dynamic_cast<const sim::NetlistMismatch*>(&error))
      throw *difference;
  };
  compiler::test::RunRandomProgram(run);
}

void RunPrograms(const Options& o, const Design& design) {
  sim::NetlistPinsOptions pins;
  pins.netlist.seed = o.seed;
  const sim::NetlistBeside beside(design, pins);
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < o.programs; ++i) {
    const uint64_t seed = o.seed * 1000 + static_cast<uint64_t>(i);
    try {
      RunRandomProgram(o, seed);
    } catch (const Error& error) {
      throw Error(
          fmt::format("{}\n  random program {} of WREN_SEED={} (rerun: WREN_SEED={} make equiv)",
                      error.what(), i, o.seed, o.seed));
    }
  }
  std::printf("programs: %d of %d commands, %s; %s; %.0f s\n", o.programs, o.commands,
              Speed(beside.counts()).c_str(),
              Coverage(*design, beside.counts().entries_read).c_str(), Seconds(start));
  std::fflush(stdout);
}

void RunTokens(const Options& o, const Design& design) {
  sim::NetlistPinsOptions pins;
  pins.netlist.seed = o.seed;
  const sim::NetlistBeside beside(design, pins);
  const ModelFile model = LoadModel(o.model);
  const isa::Config config = isa::Config::Named(o.config);
  auto rtl_plan = std::make_unique<compiler::LanguageModel>(model, config),
       isa_plan = std::make_unique<compiler::LanguageModel>(model, config);
  runtime::RtlDeviceOptions options;
  options.rtl.memory.bytes = rtl_plan->ext_end();
  runtime::RtlDevice rtl_device(sim::ParseConfig(o.config), rtl_plan->ext_end(), options);
  runtime::IsaDevice isa_device(config, isa_plan->ext_end());
  runtime::DeviceText rtl(std::move(rtl_plan), &rtl_device), isa(std::move(isa_plan), &isa_device);
  std::vector<int> next = model.tokenizer.Encode(o.prompt, model.tokenizer.wants_bos()), tokens;
  const size_t prompt = next.size();
  rtl.Reset(), isa.Reset();
  const auto start = std::chrono::steady_clock::now();
  size_t logits = 0;
  for (int i = 0; i < o.tokens; ++i) {
    const std::vector<float> got = rtl.Append(next, false), want = isa.Append(next, false);
    if (got.size() != want.size() ||
        std::memcmp(got.data(), want.data(), got.size() * sizeof(float)) != 0)
      throw Error(fmt::format("token {}: its logits differ from the instruction-set model's", i));
    logits += got.size();
    next = {golden::Argmax(got)};
    tokens.push_back(next[0]);
  }
  std::printf(
      "tokens:   %zu + %d, \"%s%s\", %zu logits equal to the bit, %llu cycles in programs; %s; "
      "%.0f s\n",
      prompt, o.tokens, o.prompt.c_str(), model.tokenizer.Decode(tokens).c_str(), logits,
      static_cast<unsigned long long>(rtl_device.counters().cycles), Speed(beside.counts()).c_str(),
      Seconds(start));
  std::fflush(stdout);
}

// Runs random programs with a broken LUT; the message of the difference, or "".
std::string RunBroken(const Options& o, const Design& design, size_t lut, uint16_t entries,
                      int programs) {
  sim::NetlistPinsOptions pins;
  pins.netlist.seed = o.seed;
  pins.broken = {{lut, entries}};
  const sim::NetlistBeside beside(design, pins);
  for (int i = 0; i < programs; ++i) {
    try {
      RunRandomProgram(o, o.seed * 1000 + static_cast<uint64_t>(i));
    } catch (const sim::NetlistMismatch& difference) {
      return difference.what();
    }
  }
  return "";
}

void RunMutants(const Options& o, const Design& design) {
  std::mt19937_64 random(o.seed);
  int found = 0;
  for (int i = 0; i < o.mutants; ++i) {
    const size_t lut = random() % design->luts();
    const std::string seen = RunBroken(o, design, lut, 0xFFFF, 5);
    found += seen.empty() ? 0 : 1;
    std::printf("fault:    %s: %s\n", design->lut_name(lut).c_str(),
                seen.empty() ? "not seen in 5 programs" : seen.c_str());
    std::fflush(stdout);
  }
  std::printf("faults:   %d of %d inverted LUTs seen\n", found, o.mutants);
  if (found * 2 < o.mutants)
    throw Error("fewer than half of the faults were seen: the comparison is too weak");
}

int Main(int argc, char** argv) {
  Options o;
  if (const char* seed = std::getenv("WREN_SEED")) o.seed = std::strtoull(seed, nullptr, 0);
  CLI::App app{"wren-equiv: the synthesized netlist beside the RTL, cycle by cycle"};
  app.add_option("--netlist", o.netlist, "what make synth wrote: build/synth/nano.json")
      ->required();
  app.add_option("--config", o.config, "the configuration it was made of");
  app.add_option("--programs", o.programs, "random command programs");
  app.add_option("--commands", o.commands, "commands in each");
  app.add_option("--tokens", o.tokens, "tokens of the bundled model");
  app.add_option("--prompt", o.prompt, "what they follow");
  app.add_option("--model", o.model, "another model");
  app.add_option("--mutants", o.mutants,
                 "faults to plant, one at a time: a LUT drawn at random whose output is inverted");
  app.add_option("--break", o.broken,
                 "run with one fault: a LUT4's hierarchical name, optionally :ENTRY of its table "
                 "(default: all 16)");
  CLI11_PARSE(app, argc, argv);

  const auto start = std::chrono::steady_clock::now();
  const Design design = sim::NetlistDesign::Load(o.netlist, "wren_top");
  std::string cells;
  for (const auto& [type, count] : design->cells())
    cells += fmt::format("{}{} {}", cells.empty() ? "" : ", ", count, type);
  std::printf("netlist:  %s; %s; read in %.0f s\n", o.netlist.c_str(), cells.c_str(),
              Seconds(start));
  std::fflush(stdout);

  if (!o.broken.empty()) {
    std::string name = o.broken;
    uint16_t entries = 0xFFFF;
    int lut = design->FindLut(name);
    if (const size_t colon = name.rfind(':'); lut < 0 && colon != std::string::npos) {
      entries =
          static_cast<uint16_t>(1 << (std::strtoul(name.c_str() + colon + 1, nullptr, 10) & 15));
      lut = design->FindLut(name.substr(0, colon));
    }
    if (lut < 0)
      throw Error(fmt::format("--break: the netlist has no LUT4 '{}'; one is '{}'", o.broken,
                              design->lut_name(0)));
    const std::string seen = RunBroken(o, design, static_cast<size_t>(lut), entries, o.programs);
    if (seen.empty()) {
      std::printf("not seen in %d programs\n", o.programs);
      return 0;
    }
    throw Error(seen);
  }
  if (o.programs > 0) RunPrograms(o, design);
  if (o.tokens > 0) RunTokens(o, design);
  if (o.mutants > 0) RunMutants(o, design);
  return 0;
}

}  // namespace
}  // namespace wren

int main(int argc, char** argv) {
  try {
    return wren::Main(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}

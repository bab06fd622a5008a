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

#include "random_program.h"
#include "wren/compiler/language_model.h"
#include "wren/error.h"
#include "wren/formats/model_file.h"
#include "wren/golden/golden.h"
#include "wren/isa/model.h"
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

// Memories as RandomProgram wants them: a piece of each on-chip memory, loaded by the program
// itself.
struct Image {
  isa::LdDst space;
  uint32_t at;
  const uint8_t* bytes;
  size_t size;
};

// The commands' ring is below kBase, so the addresses of RandomProgram's commands move up by it.
constexpr uint64_t kBase = 4 << 20, kImages = kBase + 0x10000, kResults = kBase + 0x30000,
                   kExt = kBase + 0x40000;

isa::Command Moved(isa::Command command) {
  const auto move = [](uint64_t address) { return address + kBase; };
  if (auto* c = std::get_if<isa::LdCopy>(&command)) {
    if (c->src_space == isa::ExtSpace::kExt) c->src = move(c->src);
  } else if (auto* c = std::get_if<isa::LdGather>(&command)) {
    if (c->src_space == isa::ExtSpace::kExt) c->src = move(c->src);
  } else if (auto* c = std::get_if<isa::LdTranspose>(&command)) {
    if (c->src_space == isa::ExtSpace::kExt) c->src = move(c->src);
  } else if (auto* c = std::get_if<isa::StCopy>(&command)) {
    if (c->dst_space == isa::ExtSpace::kExt) c->dst = move(c->dst);
  }
  return command;
}

// Whether a command writes bytes that it also reads, or writes twice: the order of these is not
// defined.
bool MeetsItself(const compiler::CommandBytes& command, const isa::Config& config) {
  const std::vector<compiler::Access> accesses = compiler::AccessesOf(command, config);
  for (const compiler::Access& w : accesses) {
    for (const compiler::Access& other : accesses) {
      if (w.write && &w != &other && w.region == other.region && w.begin < other.end &&
          other.begin < w.end)
        return true;
    }
  }
  return false;
}

void ReadRegisters(runtime::RtlDevice* rtl) {
  for (uint32_t offset = 0; offset < 0x200; offset += 4) {
    uint32_t value = 0;
    rtl->rtl().TryCsrRead(offset, &value);  // those that are none answer an error, on both
  }
}

// A command that the core must refuse, and what the registers then say.
void HaltOnAnError(compiler::test::RandomProgram& random, const isa::Config& config,
                   runtime::RtlDevice* rtl) {
  compiler::Emitter emit(config, compiler::test::kScratchVm, kBase);
  isa::LdCopy load;
  load.src = kBase + 16 * random.Below(64),
  load.dst_space = static_cast<isa::LdDst>(random.Below(7)), load.len = 32;
  load.dst = 0xFF00000 + 16 * random.Below(64);  // beyond every memory
  emit.Emit(load);
  const compiler::Program program = emit.Finish();
  bool halted = false;
  try {
    rtl->Run(program);
  } catch (const sim::NetlistMismatch&) {
    throw;
  } catch (const Error&) {
    halted = true;
  }
  if (!halted) throw Error("a command that is not legal was executed");
  ReadRegisters(rtl);
}

// One program of `commands` random commands; its seed is all it depends on. Throws on the first
// difference.
void RunRandomProgram(const Options& o, uint64_t seed) {
  namespace t = compiler::test;
  const isa::Config config = isa::Config::Named(o.config);
  t::RandomProgram random(config, seed);
  isa::FlatMemory contents(t::kExtSize);
  isa::Model memories(config, contents);
  random.Fill(&memories, &contents);

  runtime::RtlDeviceOptions options;
  options.rtl.seed = seed;
  options.rtl.memory.bytes = kExt;
  const bool hostile = random.OneIn(2);
  options.rtl.memory.latency_min = hostile ? 1 : 20;
  options.rtl.memory.latency_max = hostile ? 300 : 20;
  options.rtl.memory.stall_percent = hostile ? 30 : 0;
  options.rtl.memory.interleave = hostile;
  options.test = "wren-equiv";
  runtime::RtlDevice rtl(sim::ParseConfig(o.config), kExt, options);
  runtime::IsaDevice isa(config, kExt);
  const auto write = [&](uint64_t at, const void* data, size_t size) {
    rtl.Write(at, data, size);
    isa.Write(at, data, size);
  };
  write(kBase, contents.bytes().data(), contents.bytes().size());

  compiler::Emitter emit(config, t::kScratchVm, kBase + t::kScratchExt);
  emit.SetConstant(kBase + t::kConstantExt, kBase + t::kConstantExt + 2048);
  const Image images[] = {
      {isa::LdDst::kAb, 0, memories.ab().data(), t::kAbWords * config.rows * 32},
      {isa::LdDst::kAbScale, 0, memories.ab_scale().data(), t::kAbWords * config.rows * 2},
      {isa::LdDst::kWb, 0, memories.wb().data(), t::kWbSets * config.cols * 32},
      {isa::LdDst::kWbScale, 0, memories.wb_scale().data(), t::kWbSets * config.cols * 2},
      {isa::LdDst::kVm, 0, memories.vm().data(), t::kVmEnd},
      {isa::LdDst::kL2, 0, memories.l2().data(), t::kL2Bytes},
      {isa::LdDst::kLut, 0, memories.lut().data(), config.tables * size_t{isa::kTableBytes}},
  };
  uint64_t at = kImages;
  for (const Image& image : images) {
    write(at, image.bytes, image.size);
    isa::LdCopy load;
    load.src = at, load.dst_space = image.space, load.dst = image.at,
    load.len = static_cast<uint32_t>(image.size);
    emit.Emit(load);
    at += (image.size + 15) / 16 * 16;
  }
  for (int i = 0; i < o.commands;) {
    const isa::Command command = Moved(isa::Decode(random.Next()));
    if (MeetsItself(isa::Encode(command), config)) continue;
    emit.Emit(command);
    ++i;
  }
  isa::StCopy vm;
  vm.dst = kResults, vm.src = 0, vm.len = t::kVmEnd;
  emit.Emit(vm);
  isa::StCopy l2;
  l2.src_space = isa::StSrc::kL2, l2.dst = kResults + t::kVmEnd, l2.len = t::kL2Bytes;
  emit.Emit(l2);
  const compiler::Program program = emit.Finish();
  rtl.Run(program);
  ReadRegisters(&rtl);
  isa.Run(program);
  HaltOnAnError(random, config, &rtl);
  std::vector<uint8_t> got(kExt), want(kExt);
  rtl.Read(kBase, got.data() + kBase, kExt - kBase);
  isa.Read(kBase, want.data() + kBase, kExt - kBase);
  for (size_t i = kBase; i < kExt; ++i) {
    if (got[i] != want[i])
      throw Error(
          fmt::format("external memory at {:#x}: {:#04x}, the instruction-set model has {:#04x}", i,
                      got[i], want[i]));
  }
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

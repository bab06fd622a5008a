// Whole random programs on the RTL: memories loaded by the program itself, a memory with random
// latencies, results compared with the instruction-set model's, then a command that must be
// refused.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <string>
#include <vector>

#include "random_program.h"
#include "wren/error.h"
#include "wren/isa/model.h"
#include "wren/runtime/device.h"

namespace wren::compiler::test {

// A piece of an on-chip memory.
struct Image {
  isa::LdDst space;
  uint32_t at;
  const uint8_t* bytes;
  size_t size;
};

// The commands' ring is below kBase, so the addresses of RandomProgram's commands move up by it.
constexpr uint64_t kBase = 4 << 20, kImages = kBase + 0x10000, kResults = kBase + 0x30000,
                   kRunEnd = kBase + 0x40000;

inline isa::Command Moved(isa::Command command) {
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
inline bool MeetsItself(const CommandBytes& command, const isa::Config& config) {
  const std::vector<Access> accesses = AccessesOf(command, config);
  for (const Access& w : accesses) {
    for (const Access& other : accesses) {
      if (w.write && &w != &other && w.region == other.region && w.begin < other.end &&
          other.begin < w.end)
        return true;
    }
  }
  return false;
}

// All of them, and 0 for those that are none and answer with an error.
inline std::vector<uint32_t> ReadRegisters(runtime::RtlDevice* rtl) {
  std::vector<uint32_t> values;
  for (uint32_t offset = 0; offset < 0x200; offset += 4) {
    uint32_t value = 0;
    rtl->rtl().TryCsrRead(offset, &value);
    values.push_back(value);
  }
  return values;
}

// One program of `commands` random commands; `seed` is all it depends on.
struct RandomRunOptions {
  std::string config;
  uint64_t seed = 1;
  int commands = 60;
  bool run_idle_clocks = false;  // of RtlOptions
  bool host_arithmetic = false;  // of RtlOptions
  bool lockstep = true;          // of RtlDeviceOptions
  std::string test;              // what asks for it, for reports
  // Looks at every error that a refused command makes: throws those that are something else.
  std::function<void(const Error&)> look;
};

struct RandomRun {
  std::vector<uint32_t> registers;  // after the program, then after the command that was refused
  std::vector<uint8_t> memory;      // external, from kBase on
  uint64_t cycles = 0;              // of the core's clock
};

// Throws on the first byte that the instruction-set model has otherwise.
inline RandomRun RunRandomProgram(const RandomRunOptions& o) {
  const isa::Config config = isa::Config::Named(o.config);
  RandomProgram random(config, o.seed);
  isa::FlatMemory contents(kExtSize);
  isa::Model memories(config, contents);
  random.Fill(&memories, &contents);

  runtime::RtlDeviceOptions options;
  options.rtl.seed = o.seed;
  options.rtl.run_idle_clocks = o.run_idle_clocks;
  options.rtl.host_arithmetic = o.host_arithmetic;
  options.lockstep = o.lockstep;
  options.rtl.memory.bytes = kRunEnd;
  const bool hostile = random.OneIn(2);
  options.rtl.memory.latency_min = hostile ? 1 : 20;
  options.rtl.memory.latency_max = hostile ? 300 : 20;
  options.rtl.memory.stall_percent = hostile ? 30 : 0;
  options.rtl.memory.interleave = hostile;
  options.test = o.test;
  runtime::RtlDevice rtl(sim::ParseConfig(o.config), kRunEnd, options);
  runtime::IsaDevice isa(config, kRunEnd);
  const auto write = [&](uint64_t at, const void* data, size_t size) {
    rtl.Write(at, data, size);
    isa.Write(at, data, size);
  };
  write(kBase, contents.bytes().data(), contents.bytes().size());

  Emitter emit(config, kScratchVm, kBase + kScratchExt);
  emit.SetConstant(kBase + kConstantExt, kBase + kConstantExt + 2048);
  const Image images[] = {
      {isa::LdDst::kAb, 0, memories.ab().data(), kAbWords * config.rows * 32},
      {isa::LdDst::kAbScale, 0, memories.ab_scale().data(), kAbWords * config.rows * 2},
      {isa::LdDst::kWb, 0, memories.wb().data(), kWbSets * config.cols * 32},
      {isa::LdDst::kWbScale, 0, memories.wb_scale().data(), kWbSets * config.cols * 2},
      {isa::LdDst::kVm, 0, memories.vm().data(), kVmEnd},
      {isa::LdDst::kL2, 0, memories.l2().data(), kL2Bytes},
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
  vm.dst = kResults, vm.src = 0, vm.len = kVmEnd;
  emit.Emit(vm);
  isa::StCopy l2;
  l2.src_space = isa::StSrc::kL2, l2.dst = kResults + kVmEnd, l2.len = kL2Bytes;
  emit.Emit(l2);
  const Program program = emit.Finish();
  rtl.Run(program);
  RandomRun run;
  run.registers = ReadRegisters(&rtl);
  isa.Run(program);

  // A command that the core must refuse: beyond every memory.
  Emitter last(config, kScratchVm, kBase);
  isa::LdCopy load;
  load.src = kBase + 16 * random.Below(64),
  load.dst_space = static_cast<isa::LdDst>(random.Below(7)), load.len = 32;
  load.dst = 0xFF00000 + 16 * random.Below(64);
  last.Emit(load);
  const Program refused = last.Finish();
  bool halted = false;
  try {
    rtl.Run(refused);
  } catch (const Error& error) {
    if (o.look) o.look(error);
    halted = true;
  }
  if (!halted) throw Error("a command that is not legal was executed");
  for (const uint32_t value : ReadRegisters(&rtl)) run.registers.push_back(value);

  run.memory.resize(kRunEnd - kBase);
  std::vector<uint8_t> want(run.memory.size());
  rtl.Read(kBase, run.memory.data(), run.memory.size());
  isa.Read(kBase, want.data(), want.size());
  for (size_t i = 0; i < want.size(); ++i) {
    if (run.memory[i] != want[i])
      throw Error(
          fmt::format("external memory at {:#x}: {:#04x}, the instruction-set model has {:#04x}",
                      kBase + i, run.memory[i], want[i]));
  }
  run.cycles = rtl.rtl().cycle();
  return run;
}

}  // namespace wren::compiler::test

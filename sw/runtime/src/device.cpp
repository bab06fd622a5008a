#include "wren/runtime/device.h"

#include <fmt/format.h>

#include <algorithm>

#include "wren/error.h"
#include "wren/isa/csr.h"
#include "wren/isa/isa.h"

namespace wren::runtime {

const char* const kBucketNames[kBuckets] = {"working", "wait_sem", "starved",
                                            "blocked", "draining", "idle"};
const char* const kEngineNames[kEngines] = {"ld", "st", "mxe", "gta"};

namespace {

constexpr uint64_t kRingBase = 0;
constexpr uint32_t kRingSize = 65536;  // commands: 4 MiB
constexpr uint64_t kSlice = 20000;     // cycles between looks at the core's progress

std::string LabelOf(const compiler::Program& program, uint32_t index) {
  return index < program.labels.size() && !program.labels[index].tensor.empty()
             ? " of " + program.labels[index].tensor
             : "";
}

}  // namespace

Counters& Counters::operator+=(const Counters& other) {
  cycles += other.cycles;
  read_bytes += other.read_bytes;
  write_bytes += other.write_bytes;
  fetch_bytes += other.fetch_bytes;
  commands += other.commands;
  for (size_t e = 0; e < kEngines; ++e) {
    for (size_t b = 0; b < kBuckets; ++b) engines[e][b] += other.engines[e][b];
  }
  return *this;
}

IsaDevice::IsaDevice(const isa::Config& config, uint64_t ext_bytes)
    : memory_(ext_bytes), model_(config, memory_) {}

void IsaDevice::Read(uint64_t addr, void* data, size_t n) const { memory_.Read(addr, data, n); }

void IsaDevice::Run(const compiler::Program& program) {
  const auto fail = [&](const isa::Status& status, size_t index) {
    throw Error(fmt::format("command {}{} stopped the core: {}; {}", index,
                            LabelOf(program, static_cast<uint32_t>(index)), status.ToString(),
                            isa::Disassemble(program.commands[index])));
  };
  counters_.commands += program.commands.size();
  if (!hook_) {
    const isa::RunResult result = model_.RunProgram(program.bytes(), program.commands.size());
    if (!result.status.ok()) fail(result.status, result.executed);
    return;
  }
  for (size_t i = 0; i < program.commands.size(); ++i) {
    const isa::Status status = model_.Step(program.commands[i].data());
    if (!status.ok()) fail(status, i);
    hook_(program.commands[i], program.labels[i]);
  }
}

bool IsaDevice::TakeNumeric() {
  const bool raised = model_.numeric();
  model_.ClearNumeric();
  return raised;
}

RtlDevice::RtlDevice(sim::Config config, uint64_t ext_bytes, const RtlDeviceOptions& options)
    : RtlDevice(sim::RtlCore::Create(config, options.rtl), ext_bytes, options) {}

RtlDevice::RtlDevice(std::unique_ptr<sim::RtlCore> core, uint64_t ext_bytes,
                     const RtlDeviceOptions& options)
    : config_(isa::Config::Named(sim::ConfigName(core->config()))),
      options_(options),
      rtl_(std::move(core)) {
  if (options.lockstep) {
    if (options.rtl.memory.procedural)
      throw Error(
          "the lockstep checker's memory starts with zeros; run without it when contents are "
          "procedural");
    lockstep_ =
        std::make_unique<Lockstep>(config_, ext_bytes, rtl_.get(), options.test, options.rtl.seed);
    rtl_->SetObserver(lockstep_.get());
  }
  if (options.timeline) {
    timeline_ = std::make_unique<Timeline>(rtl_.get(), lockstep_.get());
    rtl_->SetObserver(timeline_.get());
  }
  rtl_->CsrWrite(csr::kRingLo, static_cast<uint32_t>(kRingBase));
  rtl_->CsrWrite(csr::kRingHi, static_cast<uint32_t>(kRingBase >> 32));
  rtl_->CsrWrite(csr::kRingSize, kRingSize);
  rtl_->CsrWrite(csr::kIrqEnable, 3);
  rtl_->CsrWrite(csr::kCtrl, csr::kCtrlEnable.Put(1));
}

void RtlDevice::Write(uint64_t addr, const void* data, size_t n) {
  rtl_->MemWrite(addr, data, n);
  if (lockstep_ != nullptr) lockstep_->Write(addr, data, n);
}

void RtlDevice::Read(uint64_t addr, void* data, size_t n) const { rtl_->MemRead(addr, data, n); }

bool RtlDevice::TakeNumeric() {
  const bool raised = csr::kStatusNumeric.Get(rtl_->CsrRead(csr::kStatus)) != 0;
  if (raised) rtl_->CsrWrite(csr::kCtrl, csr::kCtrlEnable.Put(1) | csr::kCtrlNumericClear.Put(1));
  return raised;
}

uint64_t RtlDevice::Read64(uint32_t offset) {
  return rtl_->CsrRead(offset) | static_cast<uint64_t>(rtl_->CsrRead(offset + 4)) << 32;
}

void RtlDevice::ThrowHalt(const compiler::Program& program, uint32_t base) {
  const uint32_t index = rtl_->CsrRead(csr::kErrIndex);
  const uint32_t local = index - base;
  throw Error(fmt::format(
      "cycle {}: the core halted: {} (info {}) in command {}{}; {}", rtl_->cycle(),
      csr::ToString(static_cast<csr::ErrorCode>(rtl_->CsrRead(csr::kErrCode))),
      rtl_->CsrRead(csr::kErrInfo), index, LabelOf(program, local),
      local < program.commands.size() ? isa::Disassemble(program.commands[local]) : ""));
}

void RtlDevice::Run(const compiler::Program& program) {
  const uint32_t base = tail_;
  const auto total = static_cast<uint32_t>(program.commands.size());
  if (lockstep_ != nullptr) lockstep_->SetProgram(&program, base);
  if (timeline_ != nullptr) timeline_->SetProgram(&program, base);
  rtl_->CsrWrite(csr::kCtrl, csr::kCtrlEnable.Put(1) | csr::kCtrlPerfClear.Put(1));
  uint32_t written = 0, last_retired = 0;
  uint64_t last_progress = rtl_->cycle();
  for (bool done = false; !done;) {
    // As many commands as the ring has room for.
    const uint32_t head = written == 0 ? base : rtl_->CsrRead(csr::kHead);
    const uint32_t room = kRingSize - (tail_ - head), count = std::min(room, total - written);
    for (uint32_t i = 0; i < count; ++i) {
      rtl_->MemWrite(kRingBase + static_cast<uint64_t>((tail_ + i) % kRingSize) * 64,
                     program.commands[written + i].data(), 64);
    }
    if (count > 0) {
      written += count;
      tail_ += count;
      rtl_->CsrWrite(csr::kTail, tail_);
    }
    done = rtl_->RunUntilIrq(kSlice);
    const uint32_t status = rtl_->CsrRead(csr::kStatus);
    if (csr::kStatusHalted.Get(status) != 0) ThrowHalt(program, base);
    const uint32_t retired = rtl_->CsrRead(csr::kRetired);
    if (options_.progress) options_.progress(retired - base, rtl_->cycle());
    if (retired != last_retired || done) {
      last_retired = retired;
      last_progress = rtl_->cycle();
    } else if (rtl_->cycle() - last_progress > options_.max_cycles_idle) {
      throw Error(fmt::format(
          "cycle {}: no command has retired for {} cycles ({} of {} have): the core hangs.\n{}",
          rtl_->cycle(), options_.max_cycles_idle, retired - base, total, rtl_->Describe()));
    }
  }
  rtl_->CsrWrite(csr::kIrqStatus, 3);
  if (lockstep_ != nullptr) lockstep_->CheckDrained();
  Counters run;
  run.cycles = Read64(csr::kPerfCycles);
  const uint32_t bases[kEngines] = {csr::kPerfLd, csr::kPerfSt, csr::kPerfMxe, csr::kPerfGta};
  for (size_t e = 0; e < kEngines; ++e) {
    for (size_t b = 0; b < kBuckets; ++b)
      run.engines[e][b] = Read64(bases[e] + static_cast<uint32_t>(b) * 8);
  }
  run.read_bytes = Read64(csr::kPerfRdBytes);
  run.write_bytes = Read64(csr::kPerfWrBytes);
  run.fetch_bytes = Read64(csr::kPerfFetchBytes);
  run.commands = total;
  counters_ += run;
}

}  // namespace wren::runtime

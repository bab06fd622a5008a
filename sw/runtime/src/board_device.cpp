#include "wren/runtime/board_device.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "wren/error.h"
#include "wren/isa/csr.h"
#include "wren/isa/isa.h"

namespace wren::runtime {
namespace {

constexpr uint32_t kRingSize = 65536;           // commands
constexpr uint32_t kPrograms = 64 * kRingSize;  // where every program begins
constexpr uint32_t kMaxCommands = kRingSize;    // of a part of a program, up to 8 MiB

constexpr uint32_t Word(uint32_t offset, uint32_t first) { return (offset - first) / 4; }

}  // namespace

BoardDevice::BoardDevice(link::SerialLink* link, const std::string& name, uint64_t ext_bytes,
                         const BoardDeviceOptions& options)
    : link_(link), config_(isa::Config::Named(name)), options_(options) {
  const std::vector<uint32_t> id = link_->ReadCsrs(csr::kId, 9);
  if (id[0] != 0x5752454e)
    throw Error(fmt::format("the board answers, but it is not a Wren: its ID is {:#x}", id[0]));
  if (id[1] != isa::kVersion)
    throw Error(
        fmt::format("the board has version {} of the command set and this program version {}; load "
                    "a bitstream of this version",
                    id[1], isa::kVersion));
  const auto shape = [&](const isa::Config& c) {
    return std::vector<uint32_t>{
        c.rows | c.cols << 8 | c.lanes << 16 | c.bus << 24, c.ab, c.wb, c.vm, c.acc, c.l2};
  };
  const std::vector<uint32_t> there(id.begin() + 2, id.begin() + 8);
  if (there != shape(config_)) {
    for (const char* other : {"nano", "small", "full"})
      if (there == shape(isa::Config::Named(other)))
        throw Error(
            fmt::format("the board has the configuration {}; give --config {}", other, other));
    throw Error(
        "the board has a configuration that this program does not know; load a bitstream of this "
        "version");
  }
  const auto too_small = [&] {
    return Error(
        fmt::format("the model needs {:.1f} MB of memory and the board has less; give a smaller "
                    "--context, or take a smaller model",
                    static_cast<double>(ext_bytes) / 1e6));
  };
  if (ext_bytes > uint64_t{1} << 32) throw too_small();
  try {
    uint32_t last;
    link_->ReadMemory(static_cast<uint32_t>(ext_bytes - 4) & ~3u, &last, 4);
  } catch (const link::OutsideMemory&) {
    throw too_small();
  }
  // Whatever an earlier session left: reset, and wait for the transfers under way.
  link_->WriteCsr(csr::kCtrl, csr::kCtrlSoftReset.Put(1));
  for (int i = 0; csr::kCtrlSoftReset.Get(link_->ReadCsr(csr::kCtrl)) != 0; ++i)
    if (i == 1000)
      throw Error("the board's core does not come out of its reset; press the reset button");
  link_->WriteCsr(csr::kRingHi, 0);
  link_->WriteCsr(csr::kRingSize, kRingSize);
  link_->WriteCsr(csr::kIrqStatus, 3);
  link_->WriteCsr(csr::kIrqEnable, 3);
  link_->WriteCsr(csr::kCtrl, csr::kCtrlEnable.Put(1));
}

// Any bytes: the words at both ends are completed with what stands there.
void BoardDevice::Write(uint64_t addr, const void* data, size_t n) {
  if (n == 0) return;
  const auto first = static_cast<uint32_t>(addr & ~uint64_t{3}),
             end = static_cast<uint32_t>((addr + n + 3) & ~uint64_t{3});
  if (first == addr && end == addr + n) return link_->WriteMemory(first, data, n);
  std::vector<uint8_t> words(end - first);
  link_->ReadMemory(first, words.data(), 4);
  link_->ReadMemory(end - 4, &words[words.size() - 4], 4);
  std::memcpy(&words[addr - first], data, n);
  link_->WriteMemory(first, words.data(), words.size());
}

void BoardDevice::Read(uint64_t addr, void* data, size_t n) const {
  if (n == 0) return;
  const auto first = static_cast<uint32_t>(addr & ~uint64_t{3}),
             end = static_cast<uint32_t>((addr + n + 3) & ~uint64_t{3});
  std::vector<uint8_t> words(end - first);
  link_->ReadMemory(first, words.data(), words.size());
  std::memcpy(data, &words[addr - first], n);
}

bool BoardDevice::TakeNumeric() {
  const bool raised = csr::kStatusNumeric.Get(link_->ReadCsr(csr::kStatus)) != 0;
  if (raised) link_->WriteCsr(csr::kCtrl, csr::kCtrlEnable.Put(1) | csr::kCtrlNumericClear.Put(1));
  return raised;
}

void BoardDevice::ThrowHalt(const compiler::Program& program, uint32_t base) {
  const std::vector<uint32_t> error = link_->ReadCsrs(csr::kErrCode, 5);
  const uint32_t index = error[Word(csr::kErrIndex, csr::kErrCode)], local = index - base;
  const bool known = local < program.commands.size();
  throw Error(
      fmt::format("the board's core halted: {} (info {}) in command {}{}; {}",
                  csr::ToString(static_cast<csr::ErrorCode>(error[0])),
                  error[Word(csr::kErrInfo, csr::kErrCode)], index,
                  known && local < program.labels.size() && !program.labels[local].tensor.empty()
                      ? " of " + program.labels[local].tensor
                      : "",
                  known ? isa::Disassemble(program.commands[local]) : ""));
}

void BoardDevice::Run(const compiler::Program& program) {
  for (size_t at = 0; at < program.commands.size(); at += kMaxCommands)
    RunPart(program, at, std::min<size_t>(kMaxCommands, program.commands.size() - at));
  counters_.commands += program.commands.size();
}

void BoardDevice::RunPart(const compiler::Program& program, size_t first, size_t count) {
  // The ring lies such that command tail_ is at kPrograms; what passes its end goes on at its
  // beginning.
  const uint32_t slot = tail_ % kRingSize, base = kPrograms - 64 * slot;
  const auto address = [&](size_t i) {
    return base + 64 * ((slot + static_cast<uint32_t>(i)) % kRingSize);
  };
  const size_t straight = std::min<size_t>(count, kRingSize - slot);
  const compiler::CommandBytes* commands = &program.commands[first];
  std::vector<link::SerialLink::Piece> pieces;
  for (size_t i = 0; i < count;) {
    const auto same = [&](size_t k) {
      return k < straight && k < there_.size() && there_[k] == commands[k];
    };
    size_t end = i;
    while (end < count && !same(end) && (end == i || end != straight)) ++end;
    if (end > i) pieces.push_back({address(i), commands[i].data(), 64 * (end - i)});
    i = end;
    while (i < count && same(i)) ++i;
  }
  link_->WriteMemory(pieces);
  // Commands that went round lie below kPrograms, and are not remembered.
  if (there_.size() < straight) there_.resize(straight);
  std::copy(commands, commands + straight, there_.begin());

  link_->WriteCsr(csr::kRingLo, base);
  link_->WriteCsr(csr::kCtrl, csr::kCtrlEnable.Put(1) | csr::kCtrlPerfClear.Put(1));
  const uint32_t begin = tail_;
  tail_ += static_cast<uint32_t>(count);
  link_->WriteCsr(csr::kTail, tail_);
  uint32_t last_retired = begin;
  uint64_t last_progress = 0;
  for (;;) {
    const std::vector<uint32_t> state =
        link_->ReadCsrs(csr::kStatus, Word(csr::kRetired, csr::kStatus) + 1);
    if (csr::kStatusHalted.Get(state[0]) != 0)
      ThrowHalt(program, begin - static_cast<uint32_t>(first));
    const uint32_t retired = state.back();
    if (retired == tail_ && csr::kStatusBusy.Get(state[0]) == 0) break;
    const std::vector<uint32_t> words = link_->ReadCsrs(csr::kPerfCycles, 2);
    const uint64_t cycles = words[0] | static_cast<uint64_t>(words[1]) << 32;
    if (retired != last_retired) {
      last_retired = retired;
      last_progress = cycles;
    } else if (cycles - last_progress > options_.max_cycles_idle) {
      throw Error(
          fmt::format("no command has retired for {} cycles ({} of {} have): the board's core "
                      "hangs; press the reset button",
                      options_.max_cycles_idle, retired - begin, count));
    }
  }
  link_->WriteCsr(csr::kIrqStatus, 3);
  AddCounters();
}

void BoardDevice::AddCounters() {
  Counters run;
  const auto wide = [](const std::vector<uint32_t>& words, size_t i) {
    return words[2 * i] | static_cast<uint64_t>(words[2 * i + 1]) << 32;
  };
  run.cycles = wide(link_->ReadCsrs(csr::kPerfCycles, 2), 0);
  const uint32_t bases[kEngines] = {csr::kPerfLd, csr::kPerfSt, csr::kPerfMxe, csr::kPerfGta};
  for (size_t e = 0; e < kEngines; ++e) {
    const std::vector<uint32_t> words = link_->ReadCsrs(bases[e], 2 * kBuckets);
    for (size_t b = 0; b < kBuckets; ++b) run.engines[e][b] = wide(words, b);
  }
  const std::vector<uint32_t> bytes = link_->ReadCsrs(csr::kPerfRdBytes, 6);
  run.read_bytes = wide(bytes, 0), run.write_bytes = wide(bytes, 1),
  run.fetch_bytes = wide(bytes, 2);
  counters_ += run;
}

}  // namespace wren::runtime

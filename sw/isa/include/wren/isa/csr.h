// Control and status registers: byte offsets, fields and enums.
// Generated from spec/csr.yaml by `make spec`; do not edit.

#pragma once

#include <cstdint>

namespace wren::csr {

// A field of a 32-bit register.
struct Field {
  unsigned lsb, width;
  constexpr uint32_t Mask() const { return (width == 32 ? 0xFFFFFFFFu : (1u << width) - 1u) << lsb; }
  constexpr uint32_t Get(uint32_t word) const { return (word & Mask()) >> lsb; }
  constexpr uint32_t Put(uint32_t value) const { return (value << lsb) & Mask(); }
};

enum class ErrorCode : uint32_t {
  kNone = 0,
  kBadOpcode = 1,
  kBadField = 2,
  kOutOfRange = 3,
  kMisaligned = 4,
  kAxiRead = 5,
  kAxiWrite = 6,
  kTimeout = 7,
  kEcc = 8,
  kSemOverflow = 9,
  kFetch = 10,
};
inline const char* ToString(ErrorCode value) {
  switch (value) {
    case ErrorCode::kNone:
      return "none";
    case ErrorCode::kBadOpcode:
      return "bad_opcode";
    case ErrorCode::kBadField:
      return "bad_field";
    case ErrorCode::kOutOfRange:
      return "out_of_range";
    case ErrorCode::kMisaligned:
      return "misaligned";
    case ErrorCode::kAxiRead:
      return "axi_read";
    case ErrorCode::kAxiWrite:
      return "axi_write";
    case ErrorCode::kTimeout:
      return "timeout";
    case ErrorCode::kEcc:
      return "ecc";
    case ErrorCode::kSemOverflow:
      return "sem_overflow";
    case ErrorCode::kFetch:
      return "fetch";
  }
  return "?";
}

enum class Operand : uint32_t {
  kNone = 0,
  kSrc = 1,
  kDst = 2,
  kIdx = 3,
  kAb = 4,
  kWb = 5,
  kAcc = 6,
  kX = 7,
  kA = 8,
  kB = 9,
  kM = 10,
  kC = 11,
  kOut = 12,
  kOutScale = 13,
  kRed = 14,
};
inline const char* ToString(Operand value) {
  switch (value) {
    case Operand::kNone:
      return "none";
    case Operand::kSrc:
      return "src";
    case Operand::kDst:
      return "dst";
    case Operand::kIdx:
      return "idx";
    case Operand::kAb:
      return "ab";
    case Operand::kWb:
      return "wb";
    case Operand::kAcc:
      return "acc";
    case Operand::kX:
      return "x";
    case Operand::kA:
      return "a";
    case Operand::kB:
      return "b";
    case Operand::kM:
      return "m";
    case Operand::kC:
      return "c";
    case Operand::kOut:
      return "out";
    case Operand::kOutScale:
      return "out_scale";
    case Operand::kRed:
      return "red";
  }
  return "?";
}

enum class Bucket : uint32_t {
  kWorking = 0,
  kWaitSem = 1,
  kStarved = 2,
  kBlocked = 3,
  kDraining = 4,
  kIdle = 5,
};
inline const char* ToString(Bucket value) {
  switch (value) {
    case Bucket::kWorking:
      return "working";
    case Bucket::kWaitSem:
      return "wait_sem";
    case Bucket::kStarved:
      return "starved";
    case Bucket::kBlocked:
      return "blocked";
    case Bucket::kDraining:
      return "draining";
    case Bucket::kIdle:
      return "idle";
  }
  return "?";
}

// ro. 'WREN'.
constexpr uint32_t kId = 0x000;
constexpr uint32_t kIdReset = 0x5752454E;
// ro. ISA version.
constexpr uint32_t kVersion = 0x004;
// ro. Array shape.
constexpr uint32_t kConfig0 = 0x008;
constexpr Field kConfig0Rows{0, 8};  // MXE rows.
constexpr Field kConfig0Cols{8, 8};  // MXE columns.
constexpr Field kConfig0Lanes{16, 8};  // GTA lanes.
constexpr Field kConfig0Bus{24, 8};  // Bytes per AXI and L2 beat.
// ro. AB data bytes.
constexpr uint32_t kAbBytes = 0x00C;
// ro. WB data bytes.
constexpr uint32_t kWbBytes = 0x010;
// ro. VM bytes.
constexpr uint32_t kVmBytes = 0x014;
// ro. ACC bytes.
constexpr uint32_t kAccBytes = 0x018;
// ro. L2 bytes.
constexpr uint32_t kL2Bytes = 0x01C;
// ro. Counts.
constexpr uint32_t kConfig1 = 0x020;
constexpr Field kConfig1Tables{0, 8};  // LUT tables.
constexpr Field kConfig1Sems{8, 8};  // Semaphores.
constexpr Field kConfig1Cores{16, 8};  // Cores.
// rw. Control.
constexpr uint32_t kCtrl = 0x040;
constexpr Field kCtrlEnable{0, 1};  // 1: fetch and execute commands from HEAD to TAIL.
constexpr Field kCtrlSoftReset{1, 1};  // Write 1: when AXI transfers under way have ended, resets queues, semaphores, engines, HEAD, TAIL and the error record (not the memories, not the ring registers). Reads 1 until done.
constexpr Field kCtrlPerfClear{2, 1};  // Write 1: clears the performance counters. Reads 0.
constexpr Field kCtrlNumericClear{3, 1};  // Write 1: clears STATUS.NUMERIC. Reads 0.
// ro. Status.
constexpr uint32_t kStatus = 0x044;
constexpr Field kStatusBusy{0, 1};  // Commands are waiting or executing.
constexpr Field kStatusHalted{1, 1};  // Stopped by an error; see ERR_*.
constexpr Field kStatusNumeric{2, 1};  // Sticky: a quantizer or integer conversion met NaN, infinity or saturated, or INT32 accumulation wrapped. Cleared by CTRL.NUMERIC_CLEAR and by soft reset.
// w1c. Interrupt causes.
constexpr uint32_t kIrqStatus = 0x048;
constexpr Field kIrqStatusDone{0, 1};  // A command with irq retired.
constexpr Field kIrqStatusError{1, 1};  // The core halted.
// rw. Mask of IRQ_STATUS bits that drive irq_o.
constexpr uint32_t kIrqEnable = 0x04C;
// rw. Ring base address, low word (multiple of 64).
constexpr uint32_t kRingLo = 0x050;
// rw. Ring base address, bits 39..32.
constexpr uint32_t kRingHi = 0x054;
// rw. Ring size in commands (power of two, 2 to 65536).
constexpr uint32_t kRingSize = 0x058;
// rw. Doorbell: free-running count of commands written (modulo 2^32). Command i lies at RING +
// 64*(i mod RING_SIZE).
constexpr uint32_t kTail = 0x05C;
// ro. Free-running count of commands dispatched to the engines. The ring slot of a command may be
// reused when HEAD has passed it.
constexpr uint32_t kHead = 0x060;
// ro. Commands retired.
constexpr uint32_t kRetired = 0x064;
// rw. Cycles a semaphore wait may last; 0: for ever.
constexpr uint32_t kTimeout = 0x068;
// ro. Cause (enum error).
constexpr uint32_t kErrCode = 0x080;
// ro. Engine (enum engine).
constexpr uint32_t kErrEngine = 0x084;
// ro. Index of the command (counts as TAIL does).
constexpr uint32_t kErrIndex = 0x088;
// ro. Tag of the command.
constexpr uint32_t kErrTag = 0x08C;
// ro. Detail; see enum error.
constexpr uint32_t kErrInfo = 0x090;
// ro. AXI errors: failing beat's address, low word.
constexpr uint32_t kErrAddrLo = 0x094;
// ro. AXI errors: address bits 39..32.
constexpr uint32_t kErrAddrHi = 0x098;
// ro. 2 words. Cycles while BUSY.
constexpr uint32_t kPerfCycles = 0x100;
// ro. 12 words. LD cycles by bucket.
constexpr uint32_t kPerfLd = 0x140;
// ro. 12 words. ST cycles by bucket.
constexpr uint32_t kPerfSt = 0x180;
// ro. 12 words. MXE cycles by bucket.
constexpr uint32_t kPerfMxe = 0x1C0;
// ro. 12 words. GTA cycles by bucket.
constexpr uint32_t kPerfGta = 0x200;
// ro. 2 words. Bytes read over AXI by LD (whole beats).
constexpr uint32_t kPerfRdBytes = 0x240;
// ro. 2 words. Bytes written over AXI (strobed).
constexpr uint32_t kPerfWrBytes = 0x248;
// ro. 2 words. Bytes of commands fetched.
constexpr uint32_t kPerfFetchBytes = 0x250;

}  // namespace wren::csr

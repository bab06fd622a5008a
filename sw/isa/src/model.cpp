#include "wren/isa/model.h"

#include <algorithm>
#include <cstdio>
#include <cstring>
#include <initializer_list>

#include "model_impl.h"
#include "wren/error.h"

namespace wren::isa {

using csr::Operand;

Config Config::Named(std::string_view name) {
  constexpr uint32_t kKi = 1024, kMi = 1024 * 1024;
  if (name == "nano") return {2, 1, 2, 16, 16 * kKi, 8 * kKi, 32 * kKi, 4 * kKi, 128 * kKi, 4};
  if (name == "small") return {4, 8, 16, 64, 128 * kKi, 32 * kKi, 128 * kKi, 32 * kKi, 1 * kMi, 8};
  if (name == "full")
    return {8, 16, 32, 64, 512 * kKi, 128 * kKi, 256 * kKi, 128 * kKi, 4 * kMi, 8};
  throw Error("unknown configuration '" + std::string(name) + "': use nano, small or full");
}

const char* Name(Space space) {
  static constexpr const char* kNames[] = {"EXT", "L2",       "AB", "AB scale",
                                           "WB",  "WB scale", "VM", "LUT"};
  return kNames[static_cast<size_t>(space)];
}

std::string Status::ToString() const {
  if (ok()) return "ok";
  std::string text = std::string(csr::ToString(fault)) + " in " + isa::ToString(engine);
  switch (fault) {
    case Fault::kOutOfRange:
    case Fault::kMisaligned:
      text += std::string(", operand ") + csr::ToString(static_cast<Operand>(info));
      break;
    case Fault::kBadField:
      text += ", field ending at bit " + std::to_string(info);
      break;
    default:
      text += ", info " + std::to_string(info);
  }
  if (fault == Fault::kAxiRead || fault == Fault::kAxiWrite) {
    char address[32];
    std::snprintf(address, sizeof address, ", address 0x%llx",
                  static_cast<unsigned long long>(addr));
    text += address;
  }
  return text;
}

size_t FlatMemory::Offset(uint64_t addr, size_t n) const {
  if (addr < base_ || addr - base_ > bytes_.size()) throw AxiFault{addr, 3};
  const size_t offset = static_cast<size_t>(addr - base_);
  if (n > bytes_.size() - offset) throw AxiFault{base_ + bytes_.size(), 3};
  return offset;
}

void FlatMemory::Read(uint64_t addr, void* data, size_t n) {
  std::memcpy(data, bytes_.data() + Offset(addr, n), n);
}

void FlatMemory::Write(uint64_t addr, const void* data, size_t n) {
  std::memcpy(bytes_.data() + Offset(addr, n), data, n);
}

namespace {

uint32_t ElementBytes(XFormat format) {
  switch (format) {
    case XFormat::kF16:
    case XFormat::kBf16:
      return 2;
    case XFormat::kI8:
      return 1;
    default:
      return 4;
  }
}

uint32_t ElementBytes(OutFormat format) {
  switch (format) {
    case OutFormat::kF16:
    case OutFormat::kBf16:
      return 2;
    case OutFormat::kI8:
    case OutFormat::kQ80:
    case OutFormat::kQ8Bf16:
      return 1;
    default:
      return 4;
  }
}

// Collects the first failing check of a command's operands, in the order the checks are made.
class OperandChecker {
 public:
  OperandChecker(Engine engine, uint32_t static_misaligned) : misaligned_(static_misaligned) {
    status_.engine = engine;
  }

  // `aligned` beyond the static alignment of the spec; [base, base + extent) must end at or below
  // `capacity`.
  void Check(Operand operand, bool aligned, uint64_t base, uint64_t extent, uint64_t capacity) {
    if (!status_.ok()) return;
    const uint32_t number = static_cast<uint32_t>(operand);
    if (!aligned || (misaligned_ >> number & 1) != 0) {
      status_.fault = Fault::kMisaligned;
      status_.info = number;
    } else if (base + extent > capacity) {
      status_.fault = Fault::kOutOfRange;
      status_.info = number;
    }
  }

  const Status& status() const { return status_; }

 private:
  uint32_t misaligned_;
  Status status_;
};

// sum of (n_i - 1) * s_i
uint64_t Walk(std::initializer_list<std::pair<uint32_t, uint32_t>> dimensions) {
  uint64_t sum = 0;
  for (const auto& [n, s] : dimensions) sum += static_cast<uint64_t>(n - 1) * s;
  return sum;
}

bool Aligned(uint32_t a, uint32_t b, uint32_t to) { return ((a | b) & (to - 1)) == 0; }

}  // namespace

uint32_t BlockBytes(XFormat format) { return 32 * ElementBytes(format); }
uint32_t BlockBytes(OutFormat format) { return 32 * ElementBytes(format); }

Status Model::Impl::CheckOperands(const Command& command, uint32_t misaligned) const {
  const Config& cfg = m_.config_;
  OperandChecker check(EngineOf(command), misaligned);
  const auto ext = [&](ExtSpace space) -> uint64_t {
    return space == ExtSpace::kExt ? kExtBytes : m_.l2_.size();
  };

  if (const auto* c = std::get_if<LdCopy>(&command)) {
    check.Check(Operand::kSrc, true, c->src,
                Walk({{c->n1, c->s1}, {c->n2, c->s2}, {c->n3, c->s3}}) + c->len, ext(c->src_space));
    check.Check(Operand::kDst, true, c->dst,
                Walk({{c->n1, c->t1}, {c->n2, c->t2}, {c->n3, c->t3}}) + c->len,
                Destination(c->dst_space).size());
  } else if (const auto* c = std::get_if<LdGather>(&command)) {
    check.Check(Operand::kSrc, true, c->src, Walk({{c->n2, c->s2}, {c->n3, c->s3}}) + c->len,
                ext(c->src_space));
    check.Check(Operand::kDst, true, c->dst,
                Walk({{c->n1, c->t1}, {c->n2, c->t2}, {c->n3, c->t3}}) + c->len,
                Destination(c->dst_space).size());
    check.Check(Operand::kIdx, true, c->idx, uint64_t{4} * c->n1, cfg.vm);
  } else if (const auto* c = std::get_if<LdFill>(&command)) {
    check.Check(Operand::kDst, true, c->dst,
                Walk({{c->n1, c->t1}, {c->n2, c->t2}, {c->n3, c->t3}}) + c->len,
                Destination(c->dst_space).size());
  } else if (const auto* c = std::get_if<LdTranspose>(&command)) {
    check.Check(Operand::kSrc, true, c->src,
                Walk({{c->n1, c->s1}, {c->n2, c->s2}, {c->n3, c->s3}}) + c->len, ext(c->src_space));
    check.Check(Operand::kDst, true, c->dst,
                Walk({{c->n1 / 32, c->t1}, {c->n2, c->t2}, {c->n3, c->t3}}) + uint64_t{32} * c->len,
                m_.wb_.size());
  } else if (const auto* c = std::get_if<StCopy>(&command)) {
    check.Check(Operand::kSrc, true, c->src,
                Walk({{c->n1, c->s1}, {c->n2, c->s2}, {c->n3, c->s3}}) + c->len,
                c->src_space == StSrc::kVm ? m_.vm_.size() : m_.l2_.size());
    check.Check(Operand::kDst, true, c->dst,
                Walk({{c->n1, c->t1}, {c->n2, c->t2}, {c->n3, c->t3}}) + c->len, ext(c->dst_space));
  } else if (const auto* c = std::get_if<MxeGemm>(&command)) {
    const uint32_t groups = CeilDiv(c->rows, cfg.rows);
    check.Check(Operand::kAb, true, c->ab, Walk({{groups, c->ab_gs}}) + c->kb, cfg.AbWords());
    check.Check(Operand::kWb, true, c->wb, Walk({{c->ncg, c->wb_ns}, {c->kb, c->wb_ks}}) + 1,
                cfg.WbSets(c->w_format));
    check.Check(Operand::kAcc, true, c->acc, Walk({{groups, c->acc_gs}}) + c->ncg, cfg.AccWords());
  } else if (const auto* c = std::get_if<GtaOp>(&command)) {
    const uint32_t groups = CeilDiv(c->rows, cfg.rows);
    const uint32_t blocks = CeilDiv(c->cols, 32);
    if (c->x_space == XSpace::kVm) {
      const uint32_t bytes_per_block = BlockBytes(c->x_format);
      check.Check(Operand::kX, Aligned(c->x, c->x_stride, bytes_per_block), c->x,
                  Walk({{c->rows, c->x_stride}}) + uint64_t{blocks} * bytes_per_block, cfg.vm);
    } else {
      check.Check(Operand::kX, Aligned(c->x, c->x_stride, 2), c->x,
                  Walk({{groups, c->x_stride}}) + uint64_t{blocks} * 32 / cfg.cols, cfg.AccWords());
    }
    const std::pair<Operand, GtaOperand> operands[] = {
        {Operand::kA, {c->a_mode, c->a_format, c->a, c->a_stride}},
        {Operand::kB, {c->b_mode, c->b_format, c->b, c->b_stride}},
        {Operand::kM, {c->m_mode, c->m_format, c->m, c->m_stride}},
        {Operand::kC, {c->c_mode, c->c_format, c->c, c->c_stride}},
    };
    for (const auto& [name, o] : operands) {
      const uint32_t size = ScalarBytes(o.format);
      switch (o.mode) {
        case OperandMode::kMat:
          check.Check(name, Aligned(o.base, o.stride, 32 * size), o.base,
                      Walk({{c->rows, o.stride}}) + uint64_t{blocks} * 32 * size, cfg.vm);
          break;
        case OperandMode::kCol:
          check.Check(name, Aligned(o.base, 0, 32 * size), o.base, uint64_t{blocks} * 32 * size,
                      cfg.vm);
          break;
        case OperandMode::kRow:
          check.Check(name, Aligned(o.base, o.stride, size), o.base,
                      Walk({{c->rows, o.stride}}) + size, cfg.vm);
          break;
        case OperandMode::kBlk:
          check.Check(name, Aligned(o.base, o.stride, size), o.base,
                      Walk({{c->rows, o.stride}}) + uint64_t{blocks} * size, cfg.vm);
          break;
        default:
          break;
      }
    }
    if (c->out_space == OutSpace::kVm) {
      const uint32_t bytes_per_block = BlockBytes(c->out_format);
      check.Check(Operand::kOut, Aligned(c->out, c->out_stride, bytes_per_block), c->out,
                  Walk({{c->rows, c->out_stride}}) + uint64_t{blocks} * bytes_per_block, cfg.vm);
      if (c->out_format == OutFormat::kQ80 || c->out_format == OutFormat::kQ8Bf16) {
        check.Check(Operand::kOutScale, true, c->out_scale,
                    Walk({{c->rows, c->out_stride >> 4}}) + uint64_t{2} * blocks, cfg.vm);
      }
    } else if (c->out_space == OutSpace::kAb) {
      check.Check(Operand::kOut, true, c->out, Walk({{groups, c->out_stride}}) + blocks,
                  cfg.AbWords());
    }
    if (c->red_op != ReduceOp::kNone) {
      check.Check(Operand::kRed, true, c->red,
                  Walk({{c->rows, c->red_stride}}) + uint64_t{4} * (c->red_blk != 0 ? blocks : 1),
                  cfg.vm);
    }
  }
  return check.status();
}

Model::Model(const Config& config, ExtMemory& ext)
    : config_(config), ext_(ext), impl_(new Impl(*this)) {
  const auto power_of_two = [](uint32_t n) { return n != 0 && (n & (n - 1)) == 0; };
  if (!power_of_two(config.rows) || !power_of_two(config.cols) || config.rows > 32 ||
      config.cols > 32) {
    throw Error("isa::Config: rows and cols must be powers of two, at most 32");
  }
  ab_.resize(config.ab);
  ab_scale_.resize(config.ab / 16);
  wb_.resize(config.wb);
  wb_scale_.resize(config.WbScaleBytes());
  vm_.resize(config.vm);
  acc_.resize(config.acc / 4);
  l2_.resize(config.l2);
  lut_.resize(config.tables * kTableBytes);
}

Model::~Model() = default;

void Model::Reset() {
  for (auto* memory : {&ab_, &ab_scale_, &wb_, &wb_scale_, &vm_, &l2_, &lut_}) {
    std::fill(memory->begin(), memory->end(), uint8_t{0});
  }
  std::fill(acc_.begin(), acc_.end(), 0u);
  SoftReset();
}

void Model::SoftReset() {
  semaphores_.fill(0);
  numeric_ = false;
}

namespace {

Bytes ToBytes(const uint8_t* command) {
  Bytes bytes;
  std::memcpy(bytes.data(), command, kCommandBytes);
  return bytes;
}

// Opcode and fields; on success sets the command and its static misalignment.
Status CheckAndDecode(const Bytes& bytes, const Config& config, Command* command,
                      uint32_t* misaligned) {
  Status status;
  if (!TryDecode(bytes, command, misaligned)) {
    const CommandSpec* spec = SpecOf(bytes[0]);
    if (spec == nullptr) {
      status.fault = Fault::kBadOpcode;
      status.info = bytes[0];
      return status;
    }
    status.engine = spec->engine;
    status.fault = Fault::kBadField;
    status.info = static_cast<uint32_t>(CheckFields(bytes).msb);
    return status;
  }
  const auto* gta = std::get_if<GtaOp>(command);
  if (gta != nullptr && gta->fn != 0 && gta->table >= config.tables) {
    status.engine = Engine::kGta;
    status.fault = Fault::kBadField;
    status.info = 387;  // msb of `table`
  }
  return status;
}

}  // namespace

Status Model::Check(const uint8_t* command) const {
  const Bytes bytes = ToBytes(command);
  Command decoded;
  uint32_t misaligned = 0;
  const Status status = CheckAndDecode(bytes, config_, &decoded, &misaligned);
  return status.ok() ? impl_->CheckOperands(decoded, misaligned) : status;
}

Status Model::Execute(const uint8_t* command, WriteSink* sink) {
  const Bytes bytes = ToBytes(command);
  Command decoded;
  uint32_t misaligned = 0;
  Status status = CheckAndDecode(bytes, config_, &decoded, &misaligned);
  if (status.ok()) status = impl_->CheckOperands(decoded, misaligned);
  return status.ok() ? impl_->Run(decoded, sink) : status;
}

Status Model::Impl::Run(const Command& command, WriteSink* sink) {
  const fp::FlushScope flush;
  Status status;
  status.engine = EngineOf(command);
  try {
    if (const auto* c = std::get_if<GtaOp>(&command)) {
      Gta(*c, sink);
    } else if (const auto* c = std::get_if<MxeGemm>(&command)) {
      Gemm(*c, sink);
    } else if (const auto* c = std::get_if<LdCopy>(&command)) {
      return Load(*c, nullptr, sink);
    } else if (const auto* c = std::get_if<LdGather>(&command)) {
      return Gather(*c, sink);
    } else if (const auto* c = std::get_if<LdFill>(&command)) {
      Fill(*c, sink);
    } else if (const auto* c = std::get_if<LdTranspose>(&command)) {
      Transpose(*c, sink);
    } else if (const auto* c = std::get_if<StCopy>(&command)) {
      Store(*c, sink);
    }
  } catch (const AxiFault& fault) {
    status.fault = status.engine == Engine::kSt ? Fault::kAxiWrite : Fault::kAxiRead;
    status.info = fault.response;
    status.addr = fault.addr;
  }
  return status;
}

Status Model::Step(const uint8_t* command, WriteSink* sink) {
  const Bytes bytes = ToBytes(command);
  Command decoded;
  uint32_t misaligned = 0;
  Status status = CheckAndDecode(bytes, config_, &decoded, &misaligned);
  if (status.ok()) status = impl_->CheckOperands(decoded, misaligned);
  if (!status.ok()) return status;

  const Header& h = HeaderOf(decoded);
  std::array<uint32_t, kSemaphores> need{};
  need[h.wait0_sem] += h.wait0_cnt;
  need[h.wait1_sem] += h.wait1_cnt;
  for (const uint32_t sem : {h.wait0_sem, h.wait1_sem}) {
    if (semaphores_[sem] < need[sem]) {
      throw Error("'" + Disassemble(decoded) + "' waits for semaphore " + std::to_string(sem) +
                  " to reach " + std::to_string(need[sem]) + ", but in program order it is " +
                  std::to_string(semaphores_[sem]) +
                  " and nothing earlier can raise it: put the posting command first");
    }
  }
  semaphores_[h.wait0_sem] = static_cast<uint8_t>(semaphores_[h.wait0_sem] - h.wait0_cnt);
  semaphores_[h.wait1_sem] = static_cast<uint8_t>(semaphores_[h.wait1_sem] - h.wait1_cnt);

  status = impl_->Run(decoded, sink);
  if (!status.ok()) return status;

  const std::pair<uint32_t, uint32_t> posts[] = {{h.post0_sem, h.post0_cnt},
                                                 {h.post1_sem, h.post1_cnt}};
  for (const auto& [sem, count] : posts) {
    if (semaphores_[sem] + count > kMaxSemaphore) {
      status.fault = Fault::kSemOverflow;
      status.info = sem;
      return status;
    }
    semaphores_[sem] = static_cast<uint8_t>(semaphores_[sem] + count);
  }
  return status;
}

RunResult Model::RunProgram(const uint8_t* commands, size_t count, WriteSink* sink) {
  RunResult result;
  for (; result.executed < count; ++result.executed) {
    try {
      result.status = Step(commands + result.executed * kCommandBytes, sink);
    } catch (const Error& e) {
      throw Error("command " + std::to_string(result.executed) + ": " + e.what());
    }
    if (!result.status.ok()) break;
  }
  return result;
}

}  // namespace wren::isa

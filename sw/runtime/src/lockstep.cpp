#include "wren/runtime/lockstep.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "wren/isa/isa.h"

namespace wren::runtime {
namespace {

constexpr size_t kHistory = 6;     // commands of the engine shown before the wrong one
constexpr size_t kKept = 64;       // issued commands remembered per engine
constexpr uint64_t kBefore = 300;  // cycles of waves before the wrong write
constexpr uint64_t kAfter = 30;

const char* EngineName(sim::Engine engine) {
  static const char* const kNames[] = {"CTL", "LD", "ST", "MXE", "GTA"};
  return kNames[static_cast<int>(engine)];
}

// The name as `make waves` takes it.
const char* EngineOption(sim::Engine engine) {
  static const char* const kNames[] = {"ctl", "ld", "st", "mxe", "gta"};
  return kNames[static_cast<int>(engine)];
}

const char* SpaceName(int space) { return isa::Name(static_cast<isa::Space>(space)); }

isa::Space SpaceOf(sim::LdSpace space) {
  switch (space) {
    case sim::LdSpace::kAb:
      return isa::Space::kAb;
    case sim::LdSpace::kAbScale:
      return isa::Space::kAbScale;
    case sim::LdSpace::kWb:
      return isa::Space::kWb;
    case sim::LdSpace::kWbScale:
      return isa::Space::kWbScale;
    case sim::LdSpace::kVm:
      return isa::Space::kVm;
    case sim::LdSpace::kLut:
      return isa::Space::kLut;
    case sim::LdSpace::kL2:
      return isa::Space::kL2;
  }
  return isa::Space::kVm;
}

std::string Float(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, 4);
  return fmt::format("{:.9g} (0x{:08x})", value, bits);
}

std::string Hex(const uint8_t* data, size_t n) {
  std::string text;
  for (size_t i = 0; i < n; ++i)
    text += fmt::format("{}{:02x}", i != 0 && i % 4 == 0 ? " " : "", data[i]);
  return text;
}

// A VM element of the command's result format, at `data`.
std::string Element(const uint8_t* data, int bytes) {
  if (bytes == 4) {
    uint32_t bits;
    std::memcpy(&bits, data, 4);
    return Float(bits);
  }
  return bytes == 2 ? fmt::format("0x{:02x}{:02x}", data[1], data[0])
                    : fmt::format("{} (0x{:02x})", static_cast<int8_t>(data[0]), data[0]);
}

}  // namespace

std::string MismatchInfo::ToString() const {
  std::string text = fmt::format("first wrong write, cycle {}, engine {}, command {}\n", cycle,
                                 EngineName(engine), index);
  text += fmt::format("  command  {}\n", command);
  if (!tensor.empty())
    text += row >= 0 ? fmt::format("  tensor   {} [{}][{}]\n", tensor, row, col)
                     : fmt::format("  tensor   {}\n", tensor);
  text +=
      fmt::format("  write    {} ({})\n  got      {}\n  want     {}\n", place, stream, got, want);
  if (!history.empty()) text += fmt::format("  before it on {}:\n", EngineName(engine));
  for (const std::string& line : history) text += "    " + line + "\n";
  return text + "  rerun    " + rerun;
}

// Takes what the model writes into the queues.
class Lockstep::Sink : public isa::WriteSink {
 public:
  explicit Sink(Lockstep* owner) : o_(*owner) {}
  void Acc(uint32_t word, uint32_t rowmask, const uint32_t* data) override {
    o_.acc_steps_.push_back({o_.current_, word, rowmask});
    o_.acc_data_.insert(o_.acc_data_.end(), data,
                        data + size_t{o_.model_.config().rows} * o_.model_.config().cols);
  }
  void Gta(uint32_t addr, const uint8_t* data, uint32_t n) override {
    o_.gta_.Push(o_.current_, Vm(), addr, data, n);
  }
  void GtaScale(uint32_t addr, uint16_t scale) override {
    o_.scale_.Push(o_.current_, Vm(), addr, &scale, 2);
  }
  void Red(uint32_t addr, uint32_t value) override {
    o_.red_.Push(o_.current_, Vm(), addr, &value, 4);
  }
  void GtaAb(uint32_t word, uint32_t lane, const uint8_t* data, uint16_t scale) override {
    uint8_t block[34];
    std::memcpy(block, data, 32);
    std::memcpy(block + 32, &scale, 2);
    o_.gta_ab_.Push(o_.current_, static_cast<int>(isa::Space::kAb),
                    uint64_t{word * o_.model_.config().rows + lane} * 64, block, 34);
  }
  void Ld(isa::Space space, uint64_t addr, const uint8_t* data, uint32_t n) override {
    o_.ld_.Push(o_.current_, static_cast<int>(space), addr, data, n);
  }
  void St(isa::Space space, uint64_t addr, const uint8_t* data, uint32_t n) override {
    o_.st_.Push(o_.current_, static_cast<int>(space), addr, data, n);
  }

 private:
  static int Vm() { return static_cast<int>(isa::Space::kVm); }
  Lockstep& o_;
};

void Lockstep::Stream::Push(uint32_t index, int space, uint64_t addr, const void* data, size_t n) {
  const size_t begin = bytes.size();
  const auto* from = static_cast<const uint8_t*>(data);
  bytes.insert(bytes.end(), from, from + n);
  runs.push_back({index, space, addr, begin, begin + n});
}

void Lockstep::Stream::Compact() {
  if (head != runs.size()) return;
  runs.clear();
  bytes.clear();
  head = 0;
}

Lockstep::Lockstep(const isa::Config& config, uint64_t ext_bytes, sim::RtlCore* rtl,
                   std::string test, uint64_t seed)
    : memory_(ext_bytes),
      model_(config, memory_),
      rtl_(rtl),
      test_(std::move(test)),
      seed_(seed),
      sink_(std::make_unique<Sink>(this)) {}

Lockstep::~Lockstep() = default;

void Lockstep::SetProgram(const compiler::Program* program, uint32_t first) {
  program_ = program;
  program_first_ = first;
}

uint32_t Lockstep::Newest(sim::Engine engine) const {
  const auto& issued = issued_[static_cast<int>(engine)];
  return issued.empty() ? 0 : issued.back().index;
}

const Lockstep::Issued* Lockstep::FindIssued(sim::Engine engine, uint32_t index) const {
  for (const Issued& issued : issued_[static_cast<int>(engine)]) {
    if (issued.index == index) return &issued;
  }
  return nullptr;
}

void Lockstep::OnIssue(sim::Engine engine, uint32_t index, const uint8_t* command) {
  auto& issued = issued_[static_cast<int>(engine)];
  Issued item{index, {}};
  std::memcpy(item.bytes.data(), command, item.bytes.size());
  issued.push_back(item);
  if (issued.size() > kKept) issued.pop_front();
  if (engine == sim::Engine::kCtl) return;
  current_ = index;
  const isa::Status status = model_.Execute(command, sink_.get());
  // A command that the model refuses must not have been issued, except where memory answers with an
  // error (the bench's fault injection, which the copy of memory here does not have).
  if (!status.ok()) {
    throw Error(fmt::format("lockstep: the RTL issued command {} ({}) that the model refuses: {}",
                            index, isa::Disassemble(item.bytes), status.ToString()));
  }
}

void Lockstep::Locate(const Issued& issued, const char* stream, uint64_t addr, int element_bytes,
                      MismatchInfo* info) const {
  const compiler::Label* label = nullptr;
  if (program_ != nullptr && issued.index - program_first_ < program_->labels.size())
    label = &program_->labels[issued.index - program_first_];
  if (label == nullptr) return;
  info->tensor = label->tensor;
  const isa::Command command = isa::Decode(issued.bytes);
  const auto set = [&](uint64_t row, uint64_t col) {
    info->row = label->row + static_cast<int>(row);
    info->col = label->col + static_cast<int>(col);
  };
  const uint64_t rows = model_.config().rows, cols = model_.config().cols;
  if (const auto* gemm = std::get_if<isa::MxeGemm>(&command)) {
    const uint64_t word = addr / (rows * cols) - gemm->acc, lane = addr % (rows * cols);
    const uint64_t group = gemm->acc_gs != 0 ? word / gemm->acc_gs : 0,
                   n = gemm->acc_gs != 0 ? word % gemm->acc_gs : word;
    set(group * rows + lane / cols, n * cols + lane % cols);
  } else if (const auto* gta = std::get_if<isa::GtaOp>(&command)) {
    const std::string where = stream;
    if (where == "AB") {
      const uint64_t block = addr / 64, word = block / rows - gta->out;
      set((gta->out_stride != 0 ? word / gta->out_stride * rows : 0) + block % rows,
          (gta->out_stride != 0 ? word % gta->out_stride : word) * 32 + addr % 64);
    } else {
      const bool reduction = where == "VM reduction", scale = where == "VM scale";
      const uint64_t base = reduction ? gta->red : scale ? gta->out_scale : gta->out;
      const uint64_t stride = reduction ? gta->red_stride
                              : scale   ? gta->out_stride >> 4
                                        : gta->out_stride;
      const uint64_t offset = addr - base;
      const uint64_t row = gta->rows > 1 && stride != 0 ? offset / stride : 0;
      set(row, (offset - row * stride) / static_cast<uint64_t>(element_bytes) * (scale ? 32 : 1));
      if (reduction && gta->red_blk == 0) info->col = label->col;
    }
  }
}

void Lockstep::Report(sim::Engine engine, const char* stream, uint32_t index, uint64_t addr,
                      std::string place, std::string got, std::string want, int element_bytes) {
  MismatchInfo info;
  info.cycle = rtl_->cycle();
  info.engine = engine;
  info.index = index;
  info.stream = stream;
  info.place = std::move(place);
  info.got = std::move(got);
  info.want = std::move(want);
  if (const Issued* issued = FindIssued(engine, index)) {
    info.command = isa::Disassemble(issued->bytes);
    Locate(*issued, stream, addr, element_bytes, &info);
  }
  const auto& issued = issued_[static_cast<int>(engine)];
  for (auto it = issued.rbegin(); it != issued.rend() && info.history.size() < kHistory; ++it) {
    if (it->index < index)
      info.history.insert(info.history.begin(),
                          fmt::format("{:>6}  {}", it->index, isa::Disassemble(it->bytes)));
  }
  info.rerun = fmt::format("make waves TEST=\"{}\" SEED={} FROM={} TO={} ENGINE={}", test_, seed_,
                           info.cycle > kBefore ? info.cycle - kBefore : 0, info.cycle + kAfter,
                           EngineOption(engine));
  throw Mismatch(std::move(info));
}

void Lockstep::Unexpected(sim::Engine engine, const char* stream, std::string place,
                          std::string got) {
  Report(engine, stream, Newest(engine), 0, std::move(place), std::move(got),
         "no write (the engine's commands have made all of theirs)", 4);
}

void Lockstep::Expect(Stream* stream, sim::Engine engine, int space, uint64_t addr,
                      const uint8_t* data, size_t n) {
  ++compared_;
  while (n > 0) {
    if (stream->head == stream->runs.size()) {
      Unexpected(engine, stream->name, fmt::format("{} 0x{:x}", SpaceName(space), addr),
                 Hex(data, n));
    }
    const Run& run = stream->runs[stream->head];
    const uint64_t want_addr = run.addr + stream->offset;
    const size_t piece = std::min(n, run.end - run.begin - stream->offset);
    const uint8_t* want = &stream->bytes[run.begin + stream->offset];
    if (run.space != space || want_addr != addr) {
      Report(engine, stream->name, run.index, want_addr, "address",
             fmt::format("{} 0x{:x}", SpaceName(space), addr),
             fmt::format("{} 0x{:x}", SpaceName(run.space), want_addr), 4);
    }
    if (std::memcmp(data, want, piece) != 0) {
      // The element that holds the first wrong byte.
      size_t at = 0;
      while (data[at] == want[at]) ++at;
      int element = 1;
      if (stream == &red_) element = 4;
      if (stream == &scale_) element = 2;
      if (const Issued* issued = FindIssued(engine, run.index);
          issued != nullptr && stream == &gta_) {
        const isa::Command command = isa::Decode(issued->bytes);
        const auto* op = std::get_if<isa::GtaOp>(&command);
        static constexpr int kBytes[] = {4, 2, 2, 4, 1, 1};
        if (op != nullptr) element = kBytes[static_cast<uint32_t>(op->out_format)];
      }
      at -= std::min<size_t>(at, (addr + at) % static_cast<uint64_t>(element));
      const size_t left = piece - at;
      const bool whole = static_cast<size_t>(element) <= left;
      Report(engine, stream->name, run.index, addr + at,
             fmt::format("{} 0x{:x}", SpaceName(space), addr + at),
             whole ? Element(data + at, element) : Hex(data + at, left),
             whole ? Element(want + at, element) : Hex(want + at, left), element);
    }
    stream->offset += piece;
    addr += piece;
    data += piece;
    n -= piece;
    if (stream->offset == run.end - run.begin) {
      ++stream->head;
      stream->offset = 0;
      stream->Compact();
    }
  }
}

void Lockstep::OnRetire(sim::Engine engine, uint32_t index) {
  const auto open = [&](const Stream& stream) {
    if (stream.head < stream.runs.size() &&
        static_cast<int32_t>(stream.runs[stream.head].index - index) <= 0) {
      const Run& run = stream.runs[stream.head];
      Report(engine, stream.name, run.index, run.addr + stream.offset,
             fmt::format("{} 0x{:x}", SpaceName(run.space), run.addr + stream.offset),
             "nothing: the command has retired",
             Hex(&stream.bytes[run.begin + stream.offset],
                 std::min<size_t>(16, run.end - run.begin - stream.offset)),
             4);
    }
  };
  switch (engine) {
    case sim::Engine::kLd:
      open(ld_);
      break;
    case sim::Engine::kSt:
      open(st_);
      break;
    case sim::Engine::kGta:
      open(gta_), open(scale_), open(red_), open(gta_ab_);
      break;
    case sim::Engine::kMxe:
      if (acc_head_ < acc_steps_.size() &&
          static_cast<int32_t>(acc_steps_[acc_head_].index - index) <= 0) {
        const AccStep& step = acc_steps_[acc_head_];
        Report(engine, "ACC", step.index,
               uint64_t{step.word} * model_.config().rows * model_.config().cols,
               fmt::format("word {}", step.word), "nothing: the command has retired", "a write", 4);
      }
      break;
    case sim::Engine::kCtl:
      break;
  }
}

void Lockstep::OnAcc(uint32_t word, uint32_t row_mask, const uint32_t* data) {
  ++compared_;
  const uint32_t rows = model_.config().rows, cols = model_.config().cols;
  const size_t size = size_t{rows} * cols;
  if (acc_head_ == acc_steps_.size())
    Unexpected(sim::Engine::kMxe, "ACC", fmt::format("word {}", word), Float(data[0]));
  const AccStep& step = acc_steps_[acc_head_];
  const uint32_t* want = &acc_data_[acc_head_ * size];
  if (step.word != word || step.mask != row_mask) {
    Report(sim::Engine::kMxe, "ACC", step.index, uint64_t{step.word} * size, "address",
           fmt::format("word {} rows 0x{:x}", word, row_mask),
           fmt::format("word {} rows 0x{:x}", step.word, step.mask), 4);
  }
  for (uint32_t r = 0; r < rows; ++r) {
    if ((row_mask >> r & 1) == 0 ||
        std::memcmp(data + r * cols, want + r * cols, size_t{cols} * 4) == 0)
      continue;
    uint32_t c = 0;
    while (data[r * cols + c] == want[r * cols + c]) ++c;
    Report(sim::Engine::kMxe, "ACC", step.index, uint64_t{word} * size + r * cols + c,
           fmt::format("word {} row {} column {}", word, r, c), Float(data[r * cols + c]),
           Float(want[r * cols + c]), 4);
  }
  if (++acc_head_ == acc_steps_.size()) {
    acc_steps_.clear();
    acc_data_.clear();
    acc_head_ = 0;
  }
}

void Lockstep::OnGta(uint32_t addr, const uint8_t* bytes, uint32_t n) {
  Expect(&gta_, sim::Engine::kGta, static_cast<int>(isa::Space::kVm), addr, bytes, n);
}

void Lockstep::OnGtaScale(uint32_t addr, uint16_t scale) {
  Expect(&scale_, sim::Engine::kGta, static_cast<int>(isa::Space::kVm), addr,
         reinterpret_cast<const uint8_t*>(&scale), 2);
}

void Lockstep::OnRed(uint32_t addr, uint32_t value) {
  Expect(&red_, sim::Engine::kGta, static_cast<int>(isa::Space::kVm), addr,
         reinterpret_cast<const uint8_t*>(&value), 4);
}

void Lockstep::OnGtaAb(uint32_t word, uint32_t lane, const uint8_t* data, uint16_t scale) {
  uint8_t block[34];
  std::memcpy(block, data, 32);
  std::memcpy(block + 32, &scale, 2);
  Expect(&gta_ab_, sim::Engine::kGta, static_cast<int>(isa::Space::kAb),
         uint64_t{word * model_.config().rows + lane} * 64, block, 34);
}

namespace {

// Calls visit(offset, bytes) for each run of strobed granules of a beat.
template <class Visit>
void StrobedRuns(uint32_t bytes, uint64_t strb, uint32_t granule, Visit visit) {
  const uint32_t count = bytes / granule;
  for (uint32_t i = 0; i < count;) {
    if ((strb >> i & 1) == 0) {
      ++i;
      continue;
    }
    uint32_t end = i;
    while (end < count && (strb >> end & 1) != 0) ++end;
    visit(i * granule, (end - i) * granule);
    i = end;
  }
}

}  // namespace

void Lockstep::OnLd(sim::LdSpace space, uint64_t addr, const uint8_t* data, uint32_t bytes,
                    uint64_t strb, uint32_t granule) {
  StrobedRuns(bytes, strb, granule, [&](uint32_t at, uint32_t n) {
    Expect(&ld_, sim::Engine::kLd, static_cast<int>(SpaceOf(space)), addr + at, data + at, n);
  });
}

void Lockstep::OnSt(bool l2, uint64_t addr, const uint8_t* data, uint32_t bytes, uint64_t strb,
                    uint32_t granule) {
  const int space = static_cast<int>(l2 ? isa::Space::kL2 : isa::Space::kExt);
  StrobedRuns(bytes, strb, granule, [&](uint32_t at, uint32_t n) {
    Expect(&st_, sim::Engine::kSt, space, addr + at, data + at, n);
  });
}

void Lockstep::CheckDrained() const {
  for (const Stream* stream : {&gta_, &scale_, &red_, &gta_ab_, &ld_, &st_}) {
    if (stream->head != stream->runs.size()) {
      throw Error(
          fmt::format("lockstep: the program has ended and {} writes are still expected, the first "
                      "by command {}",
                      stream->name, stream->runs[stream->head].index));
    }
  }
  if (acc_head_ != acc_steps_.size())
    throw Error("lockstep: the program has ended and ACC writes are still expected");
}

}  // namespace wren::runtime

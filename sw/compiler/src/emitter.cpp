#include "wren/compiler/emitter.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "wren/error.h"

namespace wren::compiler {
namespace {

// Byte positions in the header (spec/isa.yaml).
constexpr int kFlagsByte = 1;
constexpr uint8_t kOverlapBit = 2;
constexpr int kTagByte = 4;
constexpr int kWaitByte = 8;   // two pairs of semaphore, count
constexpr int kPostByte = 12;  // two pairs of semaphore, count

constexpr size_t kMostTokens = 200;  // posts that may wait in one semaphore (it counts to 255)

constexpr int kOpFill = 0x12;
constexpr int kOpGather = 0x11;
constexpr int kOpTranspose = 0x13;

int EngineOfOpcode(uint8_t opcode) {
  switch (opcode >> 4) {
    case 0:
      return kCtl;
    case 1:
      return kLd;
    case 2:
      return kSt;
    case 3:
      return kMxe;
    case 4:
      return kGta;
    default:
      throw Error(fmt::format("emitter: no engine for opcode {:#x}", opcode));
  }
}

// The field of bits [msb, lsb] of a command.
uint64_t Bits(const CommandBytes& c, int msb, int lsb) {
  uint64_t value = 0;
  for (int byte = msb / 8; byte >= lsb / 8; --byte)
    value = value << 8 | c[static_cast<size_t>(byte)];
  value >>= lsb % 8;
  const int width = msb - lsb + 1;
  return width >= 64 ? value : value & ((uint64_t{1} << width) - 1);
}

uint64_t CeilDiv(uint64_t a, uint64_t b) { return (a + b - 1) / b; }

// Most intervals that one strided operand is split into; beyond that its hull stands for it.
constexpr uint64_t kMaxPieces = 256;

// One dimension of a strided operand, outermost last.
struct Dim {
  uint64_t count, stride;
};

// Adds what an operand of runs of `len` at base + i * stride touches, in units of `unit`. Runs that
// touch each other are joined; too many separate ones become their hull.
void AddStrided(Region region, bool write, uint64_t base, uint64_t len, std::vector<Dim> dims,
                uint64_t unit, std::vector<Access>* out) {
  uint64_t pieces = 1, hull = len;
  std::vector<Dim> separate;
  for (const Dim& dim : dims) {
    hull += (dim.count - 1) * dim.stride;
    if (dim.count == 1 || dim.stride == 0) continue;
    if (separate.empty() && dim.stride <= len) {  // the runs join
      len += (dim.count - 1) * dim.stride;
      continue;
    }
    separate.push_back(dim);
    pieces = pieces > kMaxPieces ? pieces : pieces * dim.count;
  }
  const auto add = [&](uint64_t begin, uint64_t size) {
    out->push_back({region, begin / unit, CeilDiv(begin + size, unit), write});
  };
  if (pieces > kMaxPieces) {
    add(base, hull);
    return;
  }
  for (uint64_t i = 0; i < pieces; ++i) {
    uint64_t at = base, rest = i;
    for (const Dim& dim : separate) {
      at += rest % dim.count * dim.stride;
      rest /= dim.count;
    }
    add(at, len);
  }
}

std::vector<Dim> DmaDims(const CommandBytes& c, bool source) {
  const int s = source ? 280 : 376;
  return {{Bits(c, 247, 232), Bits(c, s + 31, s)},
          {Bits(c, 263, 248), Bits(c, s + 63, s + 32)},
          {Bits(c, 279, 264), Bits(c, s + 95, s + 64)}};
}

void LdAccesses(const CommandBytes& c, const isa::Config& cfg, std::vector<Access>* out) {
  const int opcode = c[0];
  const uint64_t len = Bits(c, 231, 208);
  if (opcode != kOpFill) {
    const uint64_t src = Bits(c, 167, 128);
    const Region region = Bits(c, 169, 168) != 0 ? Region::kL2 : Region::kExt;
    if (opcode == kOpGather) {
      const uint64_t idx = Bits(c, 491, 472);
      out->push_back({Region::kVm, idx, idx + 4 * Bits(c, 247, 232), false});
      // The indices are not known here: anything from the base on.
      out->push_back({region, src, region == Region::kL2 ? cfg.l2 : isa::kExtBytes, false});
    } else {
      AddStrided(region, false, src, len, DmaDims(c, true), 1, out);
    }
  }
  const uint64_t dst = Bits(c, 207, 176);
  std::vector<Dim> dims = DmaDims(c, false);
  uint64_t run = len;
  if (opcode == kOpTranspose) {  // groups of 32 rows, 32 bytes per column
    dims[0].count = CeilDiv(dims[0].count, 32);
    run *= 32;
  }
  const auto add = [&](Region region, uint64_t unit) {
    AddStrided(region, true, dst, run, dims, unit, out);
  };
  switch (Bits(c, 172, 170)) {
    case 0:
      add(Region::kAb, uint64_t{cfg.rows} * 32);
      break;
    case 1:
      add(Region::kAbScale, uint64_t{cfg.rows} * 2);
      break;
    case 2:
      add(Region::kWb, uint64_t{cfg.cols} * 16);
      break;
    case 3:
      add(Region::kWbScale, uint64_t{cfg.cols} * 2);
      break;
    case 4:
      add(Region::kVm, 1);
      break;
    case 5:
      add(Region::kLut, 1);
      break;
    default:
      add(Region::kL2, 1);
      break;
  }
}

void StAccesses(const CommandBytes& c, std::vector<Access>* out) {
  const uint64_t len = Bits(c, 231, 208);
  AddStrided(Bits(c, 172, 170) != 0 ? Region::kL2 : Region::kVm, false, Bits(c, 207, 176), len,
             DmaDims(c, true), 1, out);
  AddStrided(Bits(c, 169, 168) != 0 ? Region::kL2 : Region::kExt, true, Bits(c, 167, 128), len,
             DmaDims(c, false), 1, out);
}

void MxeAccesses(const CommandBytes& c, const isa::Config& cfg, std::vector<Access>* out) {
  const uint64_t groups = CeilDiv(Bits(c, 255, 240), cfg.rows), ncg = Bits(c, 271, 256),
                 kb = Bits(c, 287, 272);
  for (const Region region : {Region::kAb, Region::kAbScale})
    AddStrided(region, false, Bits(c, 143, 128), kb, {{groups, Bits(c, 159, 144)}}, 1, out);
  // Whichever of n and k is the shorter stride first, so that runs join.
  Dim n{ncg, Bits(c, 191, 176)}, k{kb, Bits(c, 207, 192)};
  if (n.stride < k.stride) std::swap(n, k);
  const uint64_t wb = Bits(c, 175, 160);
  AddStrided(Region::kWbScale, false, wb, 1, {k, n}, 1, out);
  // Data in units of 4-bit sets.
  const uint64_t units = Bits(c, 295, 292) == 0 ? 2 : 1;
  k.stride *= units, n.stride *= units;
  AddStrided(Region::kWb, false, wb * units, units, {k, n}, 1, out);
  AddStrided(Region::kAcc, true, Bits(c, 223, 208), ncg, {{groups, Bits(c, 239, 224)}}, 1, out);
}

void GtaAccesses(const CommandBytes& c, const isa::Config& cfg, std::vector<Access>* out) {
  const uint64_t rows = Bits(c, 143, 128), blocks = CeilDiv(Bits(c, 159, 144), 32),
                 groups = CeilDiv(rows, cfg.rows);
  const auto vm = [&](uint64_t base, uint64_t stride, uint64_t size, bool write) {
    AddStrided(Region::kVm, write, base, size, {{rows, stride}}, 1, out);
  };
  static constexpr uint64_t kElement[] = {4, 2, 2, 4, 1, 1, 1};  // x_format and out_format
  const uint64_t x = Bits(c, 183, 164), x_stride = Bits(c, 203, 184);
  if (Bits(c, 160, 160) != 0) {
    AddStrided(Region::kAcc, false, x, blocks * 32 / cfg.cols, {{groups, x_stride}}, 1, out);
  } else {
    vm(x, x_stride, blocks * 32 * kElement[Bits(c, 163, 161)], false);
  }
  static constexpr int kOperandLsb[] = {204, 249, 294,
                                        339};  // a, b, m, c: mode 3, format 2, base 20, stride 20
  for (const int lsb : kOperandLsb) {
    const uint64_t size = Bits(c, lsb + 4, lsb + 3) == 0 ? 4 : 2;
    const uint64_t base = Bits(c, lsb + 24, lsb + 5), stride = Bits(c, lsb + 44, lsb + 25);
    switch (Bits(c, lsb + 2, lsb)) {
      case 2:
        vm(base, stride, blocks * 32 * size, false);
        break;
      case 3:
        vm(base, 0, blocks * 32 * size, false);
        break;
      case 4:
        vm(base, stride, size, false);
        break;
      case 5:
        vm(base, stride, blocks * size, false);
        break;
      default:
        break;
    }
  }
  if (Bits(c, 384, 384) != 0) {
    const uint64_t table = Bits(c, 387, 385) * isa::kTableBytes;
    out->push_back({Region::kLut, table, table + isa::kTableBytes, false});
  }
  if (Bits(c, 390, 388) != 0)
    vm(Bits(c, 411, 392), Bits(c, 427, 412), Bits(c, 391, 391) != 0 ? 4 * blocks : 4, true);
  const uint64_t out_format = Bits(c, 432, 430), base = Bits(c, 452, 433),
                 stride = Bits(c, 472, 453);
  switch (Bits(c, 429, 428)) {
    case 1:
      vm(base, stride, blocks * 32 * kElement[out_format], true);
      if (out_format >= 5) vm(Bits(c, 492, 473), stride >> 4, 2 * blocks, true);
      break;
    case 2:
      for (const Region region : {Region::kAb, Region::kAbScale})
        AddStrided(region, true, base, blocks, {{groups, stride}}, 1, out);
      break;
    default:
      break;
  }
}

}  // namespace

void Move(Program* program, int by) {
  for (const Moving& moving : program->moving) {
    const auto index = static_cast<size_t>(moving.index);
    auto [bytes, label] = moving.make(by);
    CommandBytes& command = program->commands[index];
    bytes[kFlagsByte] |= command[kFlagsByte] & kOverlapBit;
    std::copy(&command[kTagByte], &command[kPostByte + 4], &bytes[kTagByte]);
    command = bytes;
    program->labels[index] = std::move(label);
  }
}

std::vector<Access> AccessesOf(const CommandBytes& command, const isa::Config& config) {
  std::vector<Access> accesses;
  accesses.reserve(8);
  switch (EngineOfOpcode(command[0])) {
    case kLd:
      LdAccesses(command, config, &accesses);
      break;
    case kSt:
      StAccesses(command, &accesses);
      break;
    case kMxe:
      MxeAccesses(command, config, &accesses);
      break;
    case kGta:
      GtaAccesses(command, config, &accesses);
      break;
    default:
      break;
  }
  return accesses;
}

Emitter::Emitter(const isa::Config& config, uint32_t scratch_vm, uint64_t scratch_ext)
    : config_(config), scratch_vm_(scratch_vm), scratch_ext_(scratch_ext) {
  for (Clock& clock : known_of_engine_) clock.fill(-1);
}

void Emitter::SetConstant(uint64_t begin, uint64_t end) {
  constant_begin_ = begin;
  constant_end_ = end;
}

bool Emitter::IsConstant(const Access& access) const {
  if (access.region != Region::kExt || access.write || access.begin < constant_begin_) return false;
  // A gather's end is open: one whose base is constant reads constants.
  return access.end <= constant_end_ ||
         (access.end == isa::kExtBytes && access.begin < constant_end_);
}

Emitter::Clock Emitter::NeedsOf(const std::vector<Access>& accesses) const {
  Clock needs;
  needs.fill(-1);
  const auto need = [&](int producer) {
    if (producer < 0) return;
    int& newest = needs[static_cast<size_t>(engine_of_[static_cast<size_t>(producer)])];
    newest = std::max(newest, producer);
  };
  for (const Access& access : accesses) {
    if (IsConstant(access)) continue;
    const auto& nodes = nodes_[static_cast<size_t>(access.region)];
    auto it = nodes.upper_bound(access.begin);
    if (it != nodes.begin() && std::prev(it)->second.end > access.begin) --it;
    for (; it != nodes.end() && it->first < access.end; ++it) {
      need(it->second.writer);
      if (access.write) {
        for (const int reader : it->second.readers) need(reader);
      }
    }
  }
  return needs;
}

void Emitter::Split(std::map<uint64_t, Node>* nodes, uint64_t at) {
  auto it = nodes->upper_bound(at);
  if (it == nodes->begin()) return;
  --it;
  if (it->first == at || it->second.end <= at) return;
  Node tail = it->second;
  it->second.end = at;
  nodes->emplace_hint(std::next(it), at, tail);
}

void Emitter::Track(const Access& access, int index, int engine) {
  if (access.begin >= access.end || IsConstant(access)) return;
  auto& nodes = nodes_[static_cast<size_t>(access.region)];
  Split(&nodes, access.begin);
  Split(&nodes, access.end);
  auto it = nodes.lower_bound(access.begin);
  if (access.write) {
    while (it != nodes.end() && it->first < access.end) it = nodes.erase(it);
    Node node;
    node.end = access.end;
    node.writer = index;
    nodes.emplace(access.begin, node);
    return;
  }
  uint64_t at = access.begin;
  while (at < access.end) {
    if (it == nodes.end() || it->first > at) {  // a gap: bytes nobody touched yet
      Node node;
      node.end = it == nodes.end() ? access.end : std::min(access.end, it->first);
      it = nodes.emplace(at, node).first;
    }
    it->second.readers[static_cast<size_t>(engine)] = index;
    at = it->second.end;
    ++it;
  }
}

int Emitter::PosterFrom(int producer) const {
  // A later command of the same engine serves as well as the producer itself: it retires later.
  const int engine = engine_of_[static_cast<size_t>(producer)];
  for (size_t p = static_cast<size_t>(producer); p < program_.commands.size(); ++p) {
    if (engine_of_[p] != engine) continue;
    const CommandBytes& c = program_.commands[p];
    if (c[kPostByte + 1] == 0 || c[kPostByte + 3] == 0) return static_cast<int>(p);
  }
  return -1;
}

bool Emitter::Crowded(int poster, int engine) const {
  const auto& waits =
      waits_[static_cast<size_t>((engine_of_[static_cast<size_t>(poster)] - 1) * 4 + (engine - 1))];
  // Before the poster acts, the wait kMostTokens posts earlier must have been taken.
  return waits.size() >= kMostTokens &&
         known_at_[static_cast<size_t>(poster)][static_cast<size_t>(engine)] <
             waits[waits.size() - kMostTokens];
}

void Emitter::AppendFence() {
  const auto index = static_cast<int>(program_.commands.size());
  isa::CtlFence fence;
  fence.tag = static_cast<uint32_t>(index);
  program_.commands.push_back(isa::Encode(fence));
  program_.labels.push_back({"synchronisation", 0, 0});
  engine_of_.push_back(kCtl);
  Clock all;
  all.fill(index);
  known_at_.push_back(all);
  for (Clock& clock : known_of_engine_) clock = all;
  for (auto& waits : waits_) waits.clear();
  last_gta_ = -1;
}

void Emitter::Link(int poster, int consumer, int wait_slot) {
  const int from = engine_of_[static_cast<size_t>(poster)],
            to = engine_of_[static_cast<size_t>(consumer)];
  const auto semaphore = static_cast<uint8_t>((from - 1) * 4 + (to - 1));
  waits_[semaphore].push_back(consumer);
  uint8_t* post = &program_.commands[static_cast<size_t>(poster)][kPostByte];
  if (post[1] != 0) post += 2;
  uint8_t* wait =
      &program_
           .commands[static_cast<size_t>(consumer)][static_cast<size_t>(kWaitByte + 2 * wait_slot)];
  post[0] = wait[0] = semaphore;
  post[1] = wait[1] = 1;
}

CommandBytes Emitter::DummyBytes(int engine, uint32_t scratch_vm, uint64_t scratch_ext) {
  switch (engine) {
    case kLd: {
      isa::LdFill c;
      c.dst_space = isa::LdDst::kVm;
      c.dst = scratch_vm;
      c.len = 16;
      c.n1 = c.n2 = c.n3 = 1;
      return isa::Encode(c);
    }
    case kSt: {
      isa::StCopy c;
      c.src = scratch_vm;
      c.dst = scratch_ext;
      c.len = 2;
      c.n1 = c.n2 = c.n3 = 1;
      return isa::Encode(c);
    }
    case kGta: {
      isa::GtaOp c;
      c.rows = 1;
      c.cols = 1;
      return isa::Encode(c);
    }
    default:
      throw Error("emitter: a matrix command needs more than two waits or posts");
  }
}

int Emitter::Append(CommandBytes bytes, Label label) {
  const std::vector<Access> accesses = AccessesOf(bytes, config_);
  const int index = AppendAfter(bytes, std::move(label), NeedsOf(accesses));
  const int engine = engine_of_[static_cast<size_t>(index)];
  for (const Access& access : accesses) {
    if (!access.write) Track(access, index, engine);
  }
  for (const Access& access : accesses) {
    if (access.write) Track(access, index, engine);
  }
  return index;
}

int Emitter::AppendAfter(const CommandBytes& bytes, Label label, const Clock& needs) {
  const int engine = EngineOfOpcode(bytes[0]);
  // Nearest producer first: what it knows to have retired often covers the others.
  std::array<int, kEngines> order{kCtl, kLd, kSt, kMxe, kGta};
  std::sort(order.begin(), order.end(), [&](int a, int b) {
    return needs[static_cast<size_t>(a)] > needs[static_cast<size_t>(b)];
  });
  std::vector<int> posters;
  Clock known = known_of_engine_[engine];
  for (const int from : order) {
    const int producer = needs[static_cast<size_t>(from)];
    const bool in_order = from == engine && (engine == kMxe || engine == kGta);
    if (producer < 0 || in_order || producer <= known[static_cast<size_t>(from)]) continue;
    int poster = PosterFrom(producer);
    if (poster < 0) {
      Clock none;
      none.fill(-1);
      poster =
          AppendAfter(DummyBytes(from, scratch_vm_, scratch_ext_), {"synchronisation", 0, 0}, none);
    }
    if (Crowded(poster, engine)) {
      AppendFence();
      return AppendAfter(bytes, std::move(label), needs);
    }
    if (posters.size() == kWaits) {  // a command of its own takes the waits that do not fit
      Clock first;
      first.fill(-1);
      first[static_cast<size_t>(engine_of_[static_cast<size_t>(posters[0])])] = posters[0];
      AppendAfter(DummyBytes(engine, scratch_vm_, scratch_ext_), {"synchronisation", 0, 0}, first);
      return AppendAfter(bytes, std::move(label), needs);
    }
    posters.push_back(poster);
    const Clock& theirs = known_at_[static_cast<size_t>(poster)];
    for (size_t e = 0; e < kEngines; ++e) known[e] = std::max(known[e], theirs[e]);
    known[static_cast<size_t>(from)] = std::max(known[static_cast<size_t>(from)], poster);
  }

  const auto index = static_cast<int>(program_.commands.size());
  program_.commands.push_back(bytes);
  program_.labels.push_back(std::move(label));
  engine_of_.push_back(engine);
  for (size_t i = 0; i < posters.size(); ++i) Link(posters[i], index, static_cast<int>(i));
  CommandBytes& self = program_.commands.back();
  for (size_t i = 0; i < 4; ++i)
    self[kTagByte + i] = static_cast<uint8_t>(static_cast<uint32_t>(index) >> (8 * i));
  if (engine == kGta) {
    // Two are under way at most: older ones than the last are done when this one starts.
    if (last_gta_ >= 0 && needs[kGta] == last_gta_) {
      known[kGta] = std::max(known[kGta], index - 1);
    } else {
      self[kFlagsByte] |= kOverlapBit;
    }
    last_gta_ = index;
  }
  known_at_.push_back(known);
  known_of_engine_[engine] = known;
  return index;
}

Program Emitter::Finish() {
  isa::CtlFence fence;
  fence.irq = 1;
  Append(isa::Encode(fence), {"end", 0, 0});
  Program done = std::move(program_);
  program_ = {};
  engine_of_.clear();
  known_at_.clear();
  for (Clock& clock : known_of_engine_) clock.fill(-1);
  for (auto& nodes : nodes_) nodes.clear();
  for (auto& waits : waits_) waits.clear();
  last_gta_ = -1;
  return done;
}

}  // namespace wren::compiler

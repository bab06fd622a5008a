#include "wren/sim/netlist.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "wren/error.h"

namespace wren::sim {

using Json = nlohmann::json;

namespace {

constexpr uint32_t kZero = 0, kOne = 1,
                   kOpen = 2;  // the constant nets; what nobody drives is kOpen
constexpr uint32_t kNone = UINT32_MAX;
constexpr uint32_t kGroupCells = 12;
constexpr size_t kUnits = 2048;  // of a DP16KD

struct Cell {
  std::string name;
  const Json* json;
  std::map<std::string, std::vector<uint32_t>> pins;
};

}  // namespace

// Builds a design from Yosys' JSON.
class NetlistReader {
 public:
  NetlistReader(const Json& json, const std::string& top) : modules_(json.at("modules")) {
    if (!modules_.contains(top)) throw Error(fmt::format("the netlist has no module '{}'", top));
    parent_ = {kZero, kOne, kOpen};
    const Json& ports = modules_.at(top).at("ports");
    std::unordered_map<int64_t, uint32_t> bits;
    for (const auto& [name, port] : ports.items()) {
      NetlistDesign::PortNets p{name, port.at("direction") == "input", {}};
      for (const Json& bit : port.at("bits")) p.nets.push_back(NetOf(bit, &bits));
      design_->ports_.push_back(std::move(p));
    }
    Flatten(top, "", &bits);
  }

  std::shared_ptr<const NetlistDesign> Build() {
    Renumber();
    for (auto& port : design_->ports_) {
      for (uint32_t& net : port.nets) net = Root(net);
      if (port.input) {
        for (const uint32_t net : port.nets) Drive(net, "port " + port.name);
      }
    }
    for (const Cell& cell : cells_) Add(cell);
    Order();
    return design_;
  }

 private:
  using Bits = std::unordered_map<int64_t, uint32_t>;

  uint32_t NewNet() {
    parent_.push_back(static_cast<uint32_t>(parent_.size()));
    return static_cast<uint32_t>(parent_.size() - 1);
  }
  uint32_t NetOf(const Json& bit, Bits* bits) {
    if (bit.is_string()) {
      const auto& text = bit.get_ref<const std::string&>();
      return text == "0" ? kZero : text == "1" ? kOne : kOpen;
    }
    const auto [at, fresh] = bits->try_emplace(bit.get<int64_t>(), 0);
    if (fresh) at->second = NewNet();
    return at->second;
  }
  uint32_t Find(uint32_t net) {
    while (parent_[net] != net) net = parent_[net] = parent_[parent_[net]];
    return net;
  }
  void Join(uint32_t a, uint32_t b) {  // the lower number stays: constants do
    a = Find(a), b = Find(b);
    if (a > b) std::swap(a, b);
    if (b <= kOpen && a != b) throw Error("the netlist drives a net with two constants");
    parent_[b] = a;
  }

  void Flatten(const std::string& module, const std::string& path, Bits* bits) {
    for (const auto& [name, cell] : modules_.at(module).at("cells").items()) {
      const auto& type = cell.at("type").get_ref<const std::string&>();
      if (type[0] == '$' && type == "$scopeinfo") continue;
      std::map<std::string, std::vector<uint32_t>> pins;
      for (const auto& [pin, connection] : cell.at("connections").items()) {
        auto& nets = pins[pin];
        for (const Json& bit : connection) nets.push_back(NetOf(bit, bits));
      }
      const std::string full = path.empty() ? name : path + "." + name;
      const auto found = modules_.find(type);
      if (found == modules_.end() || found->at("cells").empty() || IsLibraryCell(*found)) {
        cells_.push_back({full, &cell, std::move(pins)});
        continue;
      }
      Bits inside;
      for (const auto& [pin, nets] : pins) {
        const Json& port = found->at("ports").at(pin).at("bits");
        if (port.size() != nets.size())
          throw Error(
              fmt::format("{}.{} has {} bits, its module {}", full, pin, nets.size(), port.size()));
        for (size_t i = 0; i < nets.size(); ++i) {
          const bool bound = port[i].is_string() || inside.count(port[i].get<int64_t>()) != 0;
          if (bound) {
            Join(NetOf(port[i], &inside), nets[i]);
          } else {
            inside[port[i].get<int64_t>()] = nets[i];
          }
        }
      }
      Flatten(type, full, &inside);
    }
  }
  // Yosys writes the models of its cells into the file too.
  static bool IsLibraryCell(const Json& module) {
    const auto attributes = module.find("attributes");
    if (attributes == module.end()) return false;
    for (const char* name : {"blackbox", "whitebox", "lib_whitebox"}) {
      if (attributes->contains(name)) return true;
    }
    return false;
  }

  void Renumber() {
    number_.assign(parent_.size(), kNone);
    number_[kZero] = kZero, number_[kOne] = kOne, number_[kOpen] = kOpen;
    uint32_t next = kOpen + 1;
    for (uint32_t n = next; n < parent_.size(); ++n) {
      if (Find(n) == n) number_[n] = next++;
    }
    design_->nets_ = next;
    driver_.assign(next, kNone);
    driven_.assign(next, false);
  }
  uint32_t Root(uint32_t net) { return number_[Find(net)]; }
  void Drive(uint32_t net, const std::string& who) {
    if (net <= kOpen || driven_[net])
      throw Error(fmt::format("{} drives a net that is driven already", who));
    driven_[net] = true;
  }

  // A pin of one bit, or bit `bit` of a wider one; kOpen when it is not connected.
  uint32_t Pin(const Cell& cell, const std::string& pin, size_t bit = 0) {
    const auto at = cell.pins.find(pin);
    return at == cell.pins.end() || bit >= at->second.size() ? kOpen : Root(at->second[bit]);
  }
  template <size_t n>
  std::array<uint32_t, n> Bus(const Cell& cell, const std::string& prefix) {  // A0, A1, ...
    std::array<uint32_t, n> nets;
    for (size_t i = 0; i < n; ++i) nets[i] = Pin(cell, prefix + std::to_string(i));
    return nets;
  }
  // An output; a net of its own when it is not connected.
  uint32_t Out(const Cell& cell, const std::string& pin, size_t bit = 0) {
    uint32_t net = Pin(cell, pin, bit);
    if (net == kOpen) {
      net = design_->nets_++;
      driver_.push_back(kNone);
      driven_.push_back(false);
    }
    Drive(net, cell.name);
    return net;
  }
  static std::string Text(const Cell& cell, const std::string& name, const std::string& absent) {
    const auto at = cell.json->find("parameters");
    if (at == cell.json->end() || !at->contains(name)) return absent;
    std::string text = at->at(name).get<std::string>();
    while (!text.empty() && text.back() == ' ')
      text.pop_back();  // Yosys marks texts of 0 and 1 with a space
    return text;
  }
  static uint64_t Number(const Cell& cell, const std::string& name, uint64_t absent) {
    const std::string text = Text(cell, name, "");
    uint64_t value = 0;
    for (const char c : text) value = value << 1 | (c == '1');
    return text.empty() ? absent : value;
  }
  void Require(const Cell& cell, const std::string& name,
               std::initializer_list<const char*> allowed) {
    const std::string text = Text(cell, name, *allowed.begin());
    for (const char* a : allowed) {
      if (text == a) return;
    }
    throw Error(fmt::format("{}: {} = {} is not modelled", cell.name, name, text));
  }
  void RequireLow(const Cell& cell, const std::string& pin) {
    if (const uint32_t net = Pin(cell, pin); net != kZero && net != kOpen)
      throw Error(fmt::format("{}: a use of {} is not modelled", cell.name, pin));
  }
  void CheckClock(const Cell& cell, const std::string& pin, const std::string& mux) {
    Require(cell, mux, {pin.c_str()});
    const uint32_t net = Pin(cell, pin);
    if (clock_ == kNone) clock_ = net;
    if (net != clock_)
      throw Error(
          fmt::format("{} has another clock than the cells before it; one is modelled", cell.name));
  }

  // Combinational cells by the nets they read and drive, to be ordered.
  struct Node {
    NetlistDesign::Kind kind;
    uint32_t index;
    std::vector<uint32_t> in;
  };
  void AddNode(NetlistDesign::Kind kind, size_t index, std::vector<uint32_t> in,
               const std::vector<uint32_t>& out) {
    for (const uint32_t net : out) driver_[net] = static_cast<uint32_t>(nodes_.size());
    nodes_.push_back({kind, static_cast<uint32_t>(index), std::move(in)});
  }

  void AddLut(const Cell& cell, std::array<uint32_t, 4> in, const char* out, uint16_t init) {
    NetlistDesign::Lut lut{{in[0], in[1], in[2], in[3]}, Out(cell, out), init};
    names_.push_back(cell.name);
    luts_.push_back(lut);
    AddNode(NetlistDesign::Kind::kLut, luts_.size() - 1, {in.begin(), in.end()}, {lut.out});
  }

  void Add(const Cell& cell) {
    const auto type = cell.json->at("type").get<std::string>();
    ++design_->cells_[type];
    if (type == "LUT4") {
      AddLut(cell, {Pin(cell, "A"), Pin(cell, "B"), Pin(cell, "C"), Pin(cell, "D")}, "Z",
             static_cast<uint16_t>(Number(cell, "INIT", 0)));
    } else if (type == "PFUMX") {  // Z = C0 ? ALUT : BLUT
      AddLut(cell, {Pin(cell, "BLUT"), Pin(cell, "ALUT"), Pin(cell, "C0"), kZero}, "Z", 0xCACA);
    } else if (type == "L6MUX21") {  // Z = SD ? D1 : D0
      AddLut(cell, {Pin(cell, "D0"), Pin(cell, "D1"), Pin(cell, "SD"), kZero}, "Z", 0xCACA);
    } else if (type == "CCU2C") {
      AddCarry(cell);
    } else if (type == "MULT18X18D") {
      AddMult(cell);
    } else if (type == "TRELLIS_DPR16X4") {
      AddRam(cell);
    } else if (type == "TRELLIS_FF") {
      AddRegister(cell);
    } else if (type == "DP16KD") {
      AddBlock(cell);
    } else {
      throw Error(fmt::format("{}: cells of type {} are not modelled", cell.name, type));
    }
  }

  void AddCarry(const Cell& cell) {
    NetlistDesign::Carry c;
    std::vector<uint32_t> in;
    for (size_t half = 0; half < 2; ++half) {
      const std::string h = std::to_string(half);
      for (size_t i = 0; i < 4; ++i)
        in.push_back(c.in[half][i] = Pin(cell, std::string(1, "ABCD"[i]) + h));
      c.init[half] = static_cast<uint16_t>(Number(cell, "INIT" + h, 0));
      Require(cell, "INJECT1_" + h, {"YES", "NO"});
      c.inject[half] = Text(cell, "INJECT1_" + h, "YES") == "YES";
      c.sum[half] = Out(cell, "S" + h);
    }
    in.push_back(c.cin = Pin(cell, "CIN"));
    c.cout = Out(cell, "COUT");
    carries_.push_back(c);
    AddNode(NetlistDesign::Kind::kCarry, carries_.size() - 1, std::move(in),
            {c.sum[0], c.sum[1], c.cout});
  }

  void AddMult(const Cell& cell) {
    for (const char* name : {"REG_INPUTA_CLK", "REG_INPUTB_CLK", "REG_INPUTC_CLK",
                             "REG_PIPELINE_CLK", "REG_OUTPUT_CLK"})
      Require(cell, name, {"NONE"});
    RequireLow(cell, "SOURCEA");
    RequireLow(cell, "SOURCEB");
    NetlistDesign::Mult m;
    m.a = Bus<18>(cell, "A"), m.b = Bus<18>(cell, "B");
    m.signed_a = Pin(cell, "SIGNEDA"), m.signed_b = Pin(cell, "SIGNEDB");
    std::vector<uint32_t> in(m.a.begin(), m.a.end()), out;
    in.insert(in.end(), m.b.begin(), m.b.end());
    in.push_back(m.signed_a), in.push_back(m.signed_b);
    for (size_t i = 0; i < 36; ++i) out.push_back(m.p[i] = Out(cell, "P" + std::to_string(i)));
    mults_.push_back(m);
    AddNode(NetlistDesign::Kind::kMult, mults_.size() - 1, std::move(in), out);
  }

  void AddRam(const Cell& cell) {
    CheckClock(cell, "WCK", "WCKMUX");
    Require(cell, "WREMUX", {"WRE", "INV"});
    NetlistDesign::Ram r;
    std::vector<uint32_t> in, out;
    for (size_t i = 0; i < 4; ++i) {
      r.di[i] = Pin(cell, "DI", i), r.wad[i] = Pin(cell, "WAD", i);
      in.push_back(r.rad[i] = Pin(cell, "RAD", i));
      out.push_back(r.dout[i] = Out(cell, "DO", i));
    }
    r.we = Pin(cell, "WRE"), r.we_invert = Text(cell, "WREMUX", "WRE") == "INV";
    rams_.push_back(r);
    AddNode(NetlistDesign::Kind::kRam, rams_.size() - 1, std::move(in), out);
  }

  void AddRegister(const Cell& cell) {
    CheckClock(cell, "CLK", "CLKMUX");
    Require(cell, "CEMUX", {"1", "CE", "INV", "0"});
    Require(cell, "LSRMUX", {"LSR", "INV"});
    Require(cell, "SRMODE", {"LSR_OVER_CE", "ASYNC"});
    Require(cell, "REGSET", {"RESET", "SET"});
    Require(cell, "LSRMODE", {"LSR"});
    const std::string mux = Text(cell, "CEMUX", "1");
    NetlistDesign::RegisterGroup g{mux == "1"   ? kOne
                                   : mux == "0" ? kZero
                                                : Pin(cell, "CE"),
                                   Pin(cell, "LSR"),
                                   mux == "INV",
                                   Text(cell, "LSRMUX", "LSR") == "INV",
                                   Text(cell, "SRMODE", "LSR_OVER_CE") == "ASYNC",
                                   {}};
    if (g.lsr == kOpen) g.lsr = kZero;
    if (g.lsr == kZero && !g.lsr_invert) g.async = false;
    const auto key = std::make_tuple(g.ce, g.lsr, g.ce_invert, g.lsr_invert, g.async);
    const auto [at, fresh] = register_group_.try_emplace(key, design_->registers_.size());
    if (fresh) design_->registers_.push_back(g);
    design_->registers_[at->second].registers.push_back(
        {Pin(cell, "DI"), Out(cell, "Q"), Text(cell, "REGSET", "RESET") == "SET"});
  }

  void AddBlock(const Cell& cell) {
    NetlistDesign::Block block;
    for (size_t p = 0; p < 2; ++p) {
      const std::string s(1, "AB"[p]);
      NetlistDesign::BlockPort& port = block.port[p];
      CheckClock(cell, "CLK" + s, "CLK" + s + "MUX");
      Require(cell, "REGMODE_" + s, {"NOREG"});
      Require(cell, "CSDECODE_" + s, {"0b000"});
      for (int i = 0; i < 3; ++i) RequireLow(cell, "CS" + s + std::to_string(i));
      RequireLow(cell, "RST" + s);
      port.width = static_cast<int>(Number(cell, "DATA_WIDTH_" + s, 18));
      if (port.width != 1 && port.width != 2 && port.width != 4 && port.width != 9 &&
          port.width != 18 && port.width != 36)
        throw Error(fmt::format("{}: a port of {} bits is not modelled", cell.name, port.width));
      const std::string mode = Text(cell, "WRITEMODE_" + s, "NORMAL");
      Require(cell, "WRITEMODE_" + s, {"NORMAL", "WRITETHROUGH", "READBEFOREWRITE"});
      port.mode = mode == "NORMAL"         ? NetlistDesign::WriteMode::kNormal
                  : mode == "WRITETHROUGH" ? NetlistDesign::WriteMode::kThrough
                                           : NetlistDesign::WriteMode::kReadFirst;
      port.address = Bus<14>(cell, "AD" + s);
      port.in = Bus<18>(cell, "DI" + s);
      for (size_t i = 0; i < 18; ++i) port.out[i] = Out(cell, "DO" + s + std::to_string(i));
      port.ce = Pin(cell, "CE" + s), port.we = Pin(cell, "WE" + s);
    }
    block.wide = block.port[0].width == 36;
    // Written through A at 36 bits; B reads, at 36 or at less.
    if ((block.port[1].width == 36 && !block.wide) || (block.wide && block.port[1].we != kZero))
      throw Error(fmt::format("{}: this use of 36 bits is not modelled", cell.name));
    block.init.assign(kUnits, 0);
    for (size_t i = 0; i < 64; ++i) {  // 16 words of two units each, in 20 bits
      const std::string text = Text(cell, fmt::format("INITVAL_{:02X}", i), "");
      for (size_t bit = 0; bit < text.size(); ++bit) {
        if (text[text.size() - 1 - bit] != '1') continue;
        const size_t word = bit / 20, at = bit % 20;
        if (at < 18) block.init[i * 32 + word * 2 + at / 9] |= static_cast<uint16_t>(1 << at % 9);
      }
    }
    design_->blocks_.push_back(std::move(block));
  }

  // Topological order, depth first so that neighbours read each other; groups; who reads what.
  void Order() {
    NetlistDesign& d = *design_;
    std::vector<uint32_t> order;
    std::vector<uint8_t> state(nodes_.size(), 0);  // 1: on the way, 2: done
    std::vector<std::pair<uint32_t, size_t>> stack;
    const auto visit = [&](uint32_t net) {
      if (driver_[net] == kNone || state[driver_[net]] == 2) return;
      stack.push_back({driver_[net], 0});
      state[driver_[net]] = 1;
      while (!stack.empty()) {
        auto& [node, next] = stack.back();
        if (next == nodes_[node].in.size()) {
          state[node] = 2;
          order.push_back(node);
          stack.pop_back();
          continue;
        }
        const uint32_t from = driver_[nodes_[node].in[next++]];
        if (from == kNone || state[from] == 2) continue;
        if (state[from] == 1) throw Error("the netlist has a combinational loop");
        state[from] = 1;
        stack.push_back({from, 0});
      }
    };
    for (const auto& group : d.registers_) {
      for (const auto& r : group.registers) visit(r.d);
      visit(group.ce), visit(group.lsr);
    }
    for (uint32_t net = 0; net < d.nets_; ++net) visit(net);

    std::vector<std::pair<uint32_t, uint32_t>> reads;  // net, group
    uint32_t group = 0, in_group = 0;
    d.group_runs_.push_back(0);
    for (const uint32_t n : order) {
      if (in_group == kGroupCells) {
        d.group_runs_.push_back(static_cast<uint32_t>(d.runs_.size()));
        ++group, in_group = 0;
      }
      ++in_group;
      Node& node = nodes_[n];
      uint32_t index = 0;
      switch (node.kind) {
        case NetlistDesign::Kind::kLut:
          index = static_cast<uint32_t>(d.luts_.size());
          d.luts_.push_back(luts_[node.index]);
          d.lut_of_[names_[node.index]] = index;
          d.lut_names_.push_back(names_[node.index]);
          break;
        case NetlistDesign::Kind::kCarry:
          index = static_cast<uint32_t>(d.carries_.size());
          d.carries_.push_back(carries_[node.index]);
          break;
        case NetlistDesign::Kind::kMult:
          index = static_cast<uint32_t>(d.mults_.size());
          d.mults_.push_back(mults_[node.index]);
          break;
        case NetlistDesign::Kind::kRam:
          index = static_cast<uint32_t>(d.rams_.size());
          d.rams_.push_back(rams_[node.index]);
          d.rams_.back().group = group;
          break;
      }
      if (d.runs_.size() > d.group_runs_.back() && d.runs_.back().kind == node.kind) {
        ++d.runs_.back().count;
      } else {
        d.runs_.push_back({node.kind, index, 1});
      }
      for (const uint32_t net : node.in) reads.push_back({net, group});
    }
    d.group_runs_.push_back(static_cast<uint32_t>(d.runs_.size()));

    // A group computes its cells in order: what it reads of itself needs no mark.
    std::vector<uint32_t> group_of(d.nets_, kNone);
    const auto own = [&](uint32_t g) {
      for (uint32_t r = d.group_runs_[g]; r < d.group_runs_[g + 1]; ++r) {
        for (uint32_t i = d.runs_[r].begin; i < d.runs_[r].begin + d.runs_[r].count; ++i) {
          switch (d.runs_[r].kind) {
            case NetlistDesign::Kind::kLut:
              group_of[d.luts_[i].out] = g;
              break;
            case NetlistDesign::Kind::kCarry:
              group_of[d.carries_[i].sum[0]] = group_of[d.carries_[i].sum[1]] =
                  group_of[d.carries_[i].cout] = g;
              break;
            case NetlistDesign::Kind::kMult:
              for (const uint32_t net : d.mults_[i].p) group_of[net] = g;
              break;
            case NetlistDesign::Kind::kRam:
              for (const uint32_t net : d.rams_[i].dout) group_of[net] = g;
              break;
          }
        }
      }
    };
    for (uint32_t g = 0; g + 1 < d.group_runs_.size(); ++g) own(g);
    std::sort(reads.begin(), reads.end());
    reads.erase(std::unique(reads.begin(), reads.end()), reads.end());
    d.readers_.assign(d.nets_ + 1, 0);
    for (const auto& [net, g] : reads) {
      if (group_of[net] != g) ++d.readers_[net + 1];
    }
    for (uint32_t net = 0; net < d.nets_; ++net) d.readers_[net + 1] += d.readers_[net];
    d.reader_list_.reserve(reads.size());
    for (const auto& [net, g] : reads) {
      if (group_of[net] != g) d.reader_list_.push_back(g);
    }

    std::vector<bool> used(d.nets_, false);
    for (const Node& node : nodes_) {
      for (const uint32_t net : node.in) used[net] = true;
    }
    for (const auto& g : d.registers_) {
      used[g.ce] = used[g.lsr] = true;
      for (const auto& r : g.registers) used[r.d] = true;
    }
    for (const auto& r : d.rams_) {
      used[r.we] = true;
      for (size_t i = 0; i < 4; ++i) used[r.di[i]] = used[r.wad[i]] = true;
    }
    for (const auto& p : d.ports_) {
      for (const uint32_t net : p.nets) used[net] = true;
    }
    for (const auto& b : d.blocks_) {
      for (const auto& p : b.port) {
        used[p.ce] = used[p.we] = true;
        for (const uint32_t net : p.in) used[net] = true;
        for (const uint32_t net : p.address) used[net] = true;
      }
    }
    for (auto& b : d.blocks_) {
      for (auto& p : b.port)
        p.read = std::any_of(p.out.begin(), p.out.end(), [&](uint32_t net) { return used[net]; });
      if (b.port[1].width == 36)
        b.port[1].read |= b.port[0].read, b.port[0].read = false;
      else if (b.wide && b.port[0].read)
        throw Error("a block RAM is read through the port that writes 36 bits: not modelled");
    }
  }

  const Json& modules_;
  std::shared_ptr<NetlistDesign> design_ = std::make_shared<NetlistDesign>();
  std::vector<uint32_t> parent_, number_;
  std::vector<Cell> cells_;
  std::vector<uint32_t> driver_;  // per net: the node, or kNone
  std::vector<bool> driven_;
  std::vector<Node> nodes_;
  std::vector<std::string> names_;
  std::vector<NetlistDesign::Lut> luts_;
  std::vector<NetlistDesign::Carry> carries_;
  std::vector<NetlistDesign::Mult> mults_;
  std::vector<NetlistDesign::Ram> rams_;
  std::map<std::tuple<uint32_t, uint32_t, bool, bool, bool>, size_t> register_group_;
  uint32_t clock_ = kNone;
};

namespace {

// Builds a document without the names, sources and attributes of nets and cells, which are most of
// the file.
class Filter : public nlohmann::json_sax<Json> {
 public:
  Json root;
  std::string error;

  bool null() override { return Leaf(nullptr); }
  bool boolean(bool v) override { return Leaf(v); }
  bool number_integer(number_integer_t v) override { return Leaf(v); }
  bool number_unsigned(number_unsigned_t v) override { return Leaf(static_cast<int64_t>(v)); }
  bool number_float(number_float_t v, const string_t&) override { return Leaf(v); }
  bool string(string_t& v) override { return Leaf(std::move(v)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return Start(Json::object()); }
  bool start_array(std::size_t) override { return Start(Json::array()); }
  bool end_object() override { return End(); }
  bool end_array() override { return End(); }
  bool key(string_t& name) override {
    if (skipped_ > 0) return true;
    key_ = name;  // attributes of modules stay: they mark the library's cells
    skip_next_ = name == "netnames" || name == "port_directions" || name == "hide_name" ||
                 (name == "attributes" && stack_.size() > 3);
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const Json::exception& e) override {
    error = e.what();
    return false;
  }

 private:
  Json* Add(Json value) {
    if (stack_.empty()) {
      root = std::move(value);
      return &root;
    }
    Json& top = *stack_.back();
    if (top.is_array()) {
      top.push_back(std::move(value));
      return &top.back();
    }
    return &(top[key_] = std::move(value));
  }
  bool Leaf(Json value) {
    if (skipped_ == 0 && !skip_next_) Add(std::move(value));
    skip_next_ = false;
    return true;
  }
  bool Start(Json value) {
    if (skipped_ > 0 || skip_next_) {
      ++skipped_;
      skip_next_ = false;
    } else {
      stack_.push_back(Add(std::move(value)));
    }
    return true;
  }
  bool End() {
    if (skipped_ > 0) {
      --skipped_;
    } else {
      stack_.pop_back();
    }
    return true;
  }

  std::vector<Json*> stack_;
  std::string key_;
  int skipped_ = 0;  // how deep inside what is left out
  bool skip_next_ = false;
};

template <class Input>
std::shared_ptr<const NetlistDesign> Read(Input&& input, const std::string& name,
                                          const std::string& top) {
  Filter filter;
  try {
    if (!Json::sax_parse(std::forward<Input>(input), &filter))
      throw Error(fmt::format("{} is not JSON: {}", name, filter.error));
    return NetlistReader(filter.root, top).Build();
  } catch (const Json::exception& e) {
    throw Error(fmt::format("{} is not a netlist of Yosys: {}", name, e.what()));
  }
}

}  // namespace

std::shared_ptr<const NetlistDesign> NetlistDesign::Load(const std::string& file,
                                                         const std::string& top) {
  std::ifstream in(file);
  if (!in) throw Error(fmt::format("cannot read the netlist {}; make it with make synth", file));
  return Read(in, file, top);
}

std::shared_ptr<const NetlistDesign> NetlistDesign::Parse(const std::string& json,
                                                          const std::string& top) {
  return Read(json, "the text", top);
}

const NetlistDesign::PortNets& NetlistDesign::Port(const std::string& name) const {
  for (const PortNets& port : ports_) {
    if (port.name == name) return port;
  }
  throw Error(fmt::format("the netlist has no port '{}'", name));
}

int NetlistDesign::FindLut(const std::string& name) const {
  const auto at = lut_of_.find(name);
  return at == lut_of_.end() ? -1 : static_cast<int>(at->second);
}

uint16_t NetlistDesign::reachable(size_t lut) const {
  uint16_t entries = 0;
  for (uint32_t i = 0; i < 16; ++i) {
    bool can = true;
    for (uint32_t k = 0; k < 4; ++k) {
      const uint32_t net = luts_[lut].in[k], bit = i >> k & 1;
      can &= !(net == kZero && bit == 1) && !(net == kOne && bit == 0) && net != kOpen;
    }
    if (can) entries |= static_cast<uint16_t>(1 << i);
  }
  return entries;
}

NetlistSim::NetlistSim(std::shared_ptr<const NetlistDesign> design, const NetlistOptions& options)
    : design_(std::move(design)),
      random_(options.seed * 0x9E3779B97F4A7C15u + 1),
      value_(design_->nets_, 0),
      dirty_groups_(design_->group_runs_.size() - 1) {
  const NetlistDesign& d = *design_;
  value_[kOne] = 1;
  if (options.random_start) value_[kOpen] = Random();
  for (const auto& lut : d.luts_) init_.push_back(lut.init);
  entries_read_.assign(d.luts_.size(), 0);
  for (const auto& group : d.registers_) {
    for (const auto& r : group.registers) value_[r.q] = options.random_start ? Random() : r.set;
  }
  ram_.resize(d.rams_.size());
  for (auto& words : ram_) {
    for (uint8_t& word : words) word = options.random_start ? Random64() & 15 : 0;
  }
  for (const auto& block : d.blocks_) block_.push_back(block.init);
  dirty_.assign(dirty_groups_ / 64 + 1, 0);
  for (size_t g = 0; g < dirty_groups_; ++g) dirty_[g / 64] |= uint64_t{1} << g % 64;
}

uint64_t NetlistSim::Random64() {  // xorshift64*
  random_ ^= random_ >> 12, random_ ^= random_ << 25, random_ ^= random_ >> 27;
  return random_ * 0x2545F4914F6CDD1Du >> 7;
}

inline void NetlistSim::Mark(uint32_t net) {
  const NetlistDesign& d = *design_;
  for (uint32_t i = d.readers_[net]; i < d.readers_[net + 1]; ++i)
    dirty_[d.reader_list_[i] / 64] |= uint64_t{1} << d.reader_list_[i] % 64;
}

void NetlistSim::Set(const NetlistDesign::PortNets& port, uint64_t value) {
  for (size_t i = 0; i < port.nets.size(); ++i) Put(port.nets[i], value >> i & 1);
}
void NetlistSim::SetBytes(const NetlistDesign::PortNets& port, const uint8_t* bytes) {
  for (size_t i = 0; i < port.nets.size(); ++i) Put(port.nets[i], bytes[i / 8] >> i % 8 & 1);
}
uint64_t NetlistSim::Get(const NetlistDesign::PortNets& port) const {
  uint64_t value = 0;
  for (size_t i = 0; i < port.nets.size(); ++i) value |= uint64_t{value_[port.nets[i]]} << i;
  return value;
}
void NetlistSim::GetBytes(const NetlistDesign::PortNets& port, uint8_t* bytes) const {
  for (size_t i = 0; i < port.nets.size(); ++i) {
    if (i % 8 == 0) bytes[i / 8] = 0;
    bytes[i / 8] |= static_cast<uint8_t>(value_[port.nets[i]] << i % 8);
  }
}

void NetlistSim::Break(size_t lut, uint16_t entries) {
  init_[lut] ^= entries;
  for (uint32_t g = 0; g < dirty_groups_; ++g) dirty_[g / 64] |= uint64_t{1} << g % 64;
}

void NetlistSim::Compute(uint32_t group) {
  const NetlistDesign& d = *design_;
  uint8_t* const v = value_.data();
  for (uint32_t r = d.group_runs_[group]; r < d.group_runs_[group + 1]; ++r) {
    const NetlistDesign::Run run = d.runs_[r];
    switch (run.kind) {
      case NetlistDesign::Kind::kLut:
        for (uint32_t i = run.begin; i < run.begin + run.count; ++i) {
          const NetlistDesign::Lut& lut = d.luts_[i];
          const uint32_t at =
              v[lut.in[0]] | v[lut.in[1]] << 1 | v[lut.in[2]] << 2 | v[lut.in[3]] << 3;
          entries_read_[i] |= static_cast<uint16_t>(1 << at);
          Put(lut.out, init_[i] >> at & 1);
        }
        break;
      case NetlistDesign::Kind::kCarry:
        for (uint32_t i = run.begin; i < run.begin + run.count; ++i) {
          const NetlistDesign::Carry& c = d.carries_[i];
          uint8_t carry = v[c.cin];
          for (size_t h = 0; h < 2; ++h) {
            const uint32_t low = v[c.in[h][0]] | v[c.in[h][1]] << 1;
            const uint8_t lut4 = c.init[h] >> (low | v[c.in[h][2]] << 2 | v[c.in[h][3]] << 3) & 1;
            const uint8_t lut2 = c.init[h] >> low & 1;
            Put(c.sum[h], lut4 ^ (c.inject[h] ? 0 : carry));
            carry = lut4 != 0 ? carry : c.inject[h] ? 0 : lut2;
          }
          Put(c.cout, carry);
        }
        break;
      case NetlistDesign::Kind::kMult:
        for (uint32_t i = run.begin; i < run.begin + run.count; ++i) {
          const NetlistDesign::Mult& m = d.mults_[i];
          int64_t a = 0, b = 0;
          for (size_t k = 0; k < 18; ++k)
            a |= int64_t{v[m.a[k]]} << k, b |= int64_t{v[m.b[k]]} << k;
          if (v[m.signed_a] != 0 && a >> 17 != 0) a -= 1 << 18;
          if (v[m.signed_b] != 0 && b >> 17 != 0) b -= 1 << 18;
          const int64_t p = a * b;
          for (size_t k = 0; k < 36; ++k) Put(m.p[k], p >> k & 1);
        }
        break;
      case NetlistDesign::Kind::kRam:
        for (uint32_t i = run.begin; i < run.begin + run.count; ++i) {
          const NetlistDesign::Ram& m = d.rams_[i];
          const uint8_t word =
              ram_[i][v[m.rad[0]] | v[m.rad[1]] << 1 | v[m.rad[2]] << 2 | v[m.rad[3]] << 3];
          for (size_t k = 0; k < 4; ++k) Put(m.dout[k], word >> k & 1);
        }
        break;
    }
  }
}

void NetlistSim::Settle() {
  const NetlistDesign& d = *design_;
  for (bool again = true; again;) {
    for (size_t word = 0; word < dirty_.size(); ++word) {  // groups mark only later ones
      while (dirty_[word] != 0) {
        const auto bit = static_cast<uint32_t>(__builtin_ctzll(dirty_[word]));
        dirty_[word] &= dirty_[word] - 1;
        Compute(static_cast<uint32_t>(word * 64 + bit));
        ++computed_;
      }
    }
    again = false;
    for (const auto& group : d.registers_) {
      if (!group.async || value_[group.lsr] == group.lsr_invert) continue;
      for (const auto& r : group.registers) {
        if (value_[r.q] == r.set) continue;
        Put(r.q, r.set);
        again = true;
      }
    }
  }
}

void NetlistSim::Clock() {
  const NetlistDesign& d = *design_;
  changes_.clear();
  for (const auto& group : d.registers_) {
    if (value_[group.lsr] != group.lsr_invert) {
      for (const auto& r : group.registers) {
        if (value_[r.q] != r.set) changes_.push_back({r.q, r.set});
      }
    } else if (value_[group.ce] != group.ce_invert) {
      for (const auto& r : group.registers) {
        if (value_[r.q] != value_[r.d]) changes_.push_back({r.q, value_[r.d]});
      }
    }
  }
  for (size_t i = 0; i < d.blocks_.size(); ++i) ClockBlock(i);
  for (size_t i = 0; i < d.rams_.size(); ++i) {
    const NetlistDesign::Ram& m = d.rams_[i];
    if (value_[m.we] == m.we_invert) continue;
    uint32_t at = 0;
    uint8_t word = 0;
    for (size_t k = 0; k < 4; ++k)
      at |= uint32_t{value_[m.wad[k]]} << k, word |= static_cast<uint8_t>(value_[m.di[k]] << k);
    ram_[i][at] = word;
    dirty_[m.group / 64] |= uint64_t{1} << m.group % 64;
  }
  for (const auto& [net, value] : changes_) Put(net, value);
}

uint32_t NetlistSim::Address(const NetlistDesign::BlockPort& port) const {
  uint32_t at = 0;
  for (size_t i = 0; i < 14; ++i) at |= uint32_t{value_[port.address[i]]} << i;
  return at;
}

void NetlistSim::ClockBlock(size_t index) {
  const NetlistDesign::Block& block = design_->blocks_[index];
  std::vector<uint16_t>& units = block_[index];
  // Where each port works: its first unit and how many, or a part of one unit.
  struct Work {
    bool on = false, write = false;
    uint32_t unit = 0, count = 1, shift = 0;
    uint16_t mask = 0x1FF;  // of a unit
    uint32_t enables = 15;  // units written
  } work[2];
  for (size_t p = 0; p < 2; ++p) {
    const NetlistDesign::BlockPort& port = block.port[p];
    Work& w = work[p];
    w.on = value_[port.ce] != 0;
    w.write = w.on && value_[port.we] != 0;
    if (!w.on || (!w.write && !port.read)) {
      w.on = false;
      continue;
    }
    const uint32_t at = Address(port);
    w.unit = at >> 3;
    switch (port.width) {
      case 1:
        w.shift = at & 7, w.mask = 1;
        break;
      case 2:
        w.shift = at & 6, w.mask = 3;
        break;
      case 4:
        w.shift = at & 4, w.mask = 15;
        break;
      case 9:
        break;
      case 18:
        w.unit &= ~1u, w.count = 2, w.enables = at & 3;
        break;
      default:
        w.unit &= ~3u, w.count = 4, w.enables = at & 15;
        break;
    }
  }
  if (!work[0].on && !work[1].on) return;
  uint16_t read[2][4] = {};
  for (size_t p = 0; p < 2; ++p) {
    const Work& w = work[p];
    for (uint32_t k = 0; w.on && k < w.count; ++k) read[p][k] = units[w.unit + k];
  }
  for (size_t p = 0; p < 2; ++p) {
    const Work& w = work[p];
    if (!w.write) continue;
    for (uint32_t k = 0; k < w.count; ++k) {
      if (w.count > 1 && (w.enables >> k & 1) == 0) continue;
      uint16_t data = 0;
      const auto& in =
          block.port[k / 2].in;  // the upper half of 36 bits comes through the other port
      for (uint32_t i = 0; i < 9; ++i)
        data |= static_cast<uint16_t>(value_[(w.count == 4 ? in : block.port[p].in)[k % 2 * 9 + i]]
                                      << i);
      const auto mask = static_cast<uint16_t>(w.mask << w.shift);
      uint16_t& unit = units[w.unit + k];
      unit = static_cast<uint16_t>((unit & ~mask) | ((data << w.shift) & mask));
      // The other port reads it at the same time.
      const Work& other = work[1 - p];
      if (other.on && w.unit + k >= other.unit && w.unit + k < other.unit + other.count)
        read[1 - p][w.unit + k - other.unit] ^= static_cast<uint16_t>(Random64() & mask);
    }
  }
  for (size_t p = 0; p < 2; ++p) {
    const NetlistDesign::BlockPort& port = block.port[p];
    const Work& w = work[p];
    if (!w.on || !port.read || (w.write && port.mode == NetlistDesign::WriteMode::kNormal))
      continue;
    for (uint32_t k = 0; k < w.count; ++k) {
      const uint16_t unit = w.write && port.mode == NetlistDesign::WriteMode::kThrough
                                ? units[w.unit + k]
                                : read[p][k];
      const uint16_t data = static_cast<uint16_t>(unit >> w.shift & w.mask);
      const auto& out = w.count == 4 ? block.port[k / 2].out : port.out;
      for (uint32_t i = 0; i < 9; ++i) {
        const uint32_t net = out[k % 2 * 9 + i];
        const uint8_t bit = data >> i & 1;
        if (value_[net] != bit) changes_.push_back({net, bit});
      }
    }
  }
}

}  // namespace wren::sim

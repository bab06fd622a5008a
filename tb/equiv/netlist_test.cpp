// The simulator of netlists, cell by cell, on netlists of a few cells.
#include "wren/sim/netlist.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>

#include "wren/error.h"

namespace wren::sim {
namespace {

using Json = nlohmann::json;

uint64_t Seed() {
  const char* text = std::getenv("WREN_SEED");
  return text != nullptr ? std::strtoull(text, nullptr, 0) : 1;
}

// A module whose ports and cells are connected by names: "a" or "a[3]", "0", "1".
class Module {
 public:
  void Port(const std::string& name, const char* direction, int width = 1) {
    Json bits = Json::array();
    for (int i = 0; i < width; ++i)
      bits.push_back(Bit(width == 1 ? name : fmt::format("{}[{}]", name, i)));
    json_["ports"][name] = {{"direction", direction}, {"bits", bits}};
  }
  Json Bit(const std::string& net) {
    if (net == "0" || net == "1" || net == "x") return net;
    return bits_.try_emplace(net, static_cast<int>(bits_.size()) + 2).first->second;
  }
  void Add(const std::string& name, const std::string& type, const Json& parameters,
           const std::vector<std::pair<std::string, std::string>>& pins) {
    Json connections = Json::object();
    for (const auto& [pin, net] : pins) connections[pin].push_back(Bit(net));
    json_["cells"][name] = {{"type", type},
                            {"parameters", parameters},
                            {"connections", connections},
                            {"attributes", {{"src", "here"}}}};
  }
  const Json& json() const { return json_; }

 private:
  Json json_ = {{"attributes", Json::object()},
                {"ports", Json::object()},
                {"cells", Json::object()},
                {"netnames", {{"n", 1}}}};
  std::map<std::string, int> bits_;
};

std::shared_ptr<const NetlistDesign> Design(const Module& top) {
  return NetlistDesign::Parse(Json{{"modules", {{"top", top.json()}}}}.dump(), "top");
}
std::string Binary(uint64_t value, int bits) {
  std::string text;
  for (int i = bits - 1; i >= 0; --i) text += (value >> i & 1) != 0 ? '1' : '0';
  return text;
}
std::string Net(const char* name, int i) { return fmt::format("{}[{}]", name, i); }

struct Sim : NetlistSim {
  explicit Sim(std::shared_ptr<const NetlistDesign> d) : NetlistSim(std::move(d), {Seed(), true}) {}
  void In(const char* port, uint64_t value) { Set(design().Port(port), value); }
  uint64_t Out(const char* port) const { return Get(design().Port(port)); }
  void Edge() {
    Settle();
    Clock();
    Settle();
  }
};

TEST(Netlist, LutsAndMuxesFollowTheirTables) {
  std::mt19937_64 random(Seed());
  for (int i = 0; i < 50; ++i) {
    const auto init = static_cast<uint16_t>(random());
    Module m;
    m.Port("in", "input", 4), m.Port("z", "output"), m.Port("f", "output"), m.Port("l", "output");
    m.Add("u", "LUT4", {{"INIT", Binary(init, 16)}},
          {{"A", "in[0]"}, {"B", "in[1]"}, {"C", "in[2]"}, {"D", "in[3]"}, {"Z", "z"}});
    m.Add("p", "PFUMX", Json::object(),
          {{"ALUT", "in[0]"}, {"BLUT", "in[1]"}, {"C0", "in[2]"}, {"Z", "f"}});
    m.Add("x", "L6MUX21", Json::object(),
          {{"D0", "in[0]"}, {"D1", "in[1]"}, {"SD", "in[2]"}, {"Z", "l"}});
    Sim sim(Design(m));
    for (uint32_t in = 0; in < 16; ++in) {
      sim.In("in", in);
      sim.Settle();
      EXPECT_EQ(sim.Out("z"), init >> in & 1u);
      EXPECT_EQ(sim.Out("f"), (in & 4) != 0 ? in & 1 : in >> 1 & 1);
      EXPECT_EQ(sim.Out("l"), (in & 4) != 0 ? in >> 1 & 1 : in & 1);
    }
    // A flipped entry is seen where it is read, and only there.
    sim.Break(static_cast<size_t>(sim.design().FindLut("u")), 1 << 5);
    for (uint32_t in = 0; in < 16; ++in) {
      sim.In("in", in);
      sim.Settle();
      EXPECT_EQ(sim.Out("z"), (init >> in & 1u) ^ (in == 5 ? 1 : 0));
    }
  }
}

TEST(Netlist, CarryCellsAddAndSubtract) {
  Module m;
  m.Port("a", "input", 8), m.Port("b", "input", 8), m.Port("sub", "input"),
      m.Port("s", "output", 8), m.Port("c", "output");
  for (int i = 0; i < 4; ++i) {
    m.Add(fmt::format("u{}", i), "CCU2C",
          {{"INIT0", Binary(0x96AA, 16)},
           {"INIT1", Binary(0x96AA, 16)},
           {"INJECT1_0", "NO"},
           {"INJECT1_1", "NO"}},
          {{"CIN", i == 0 ? "sub" : fmt::format("carry{}", i)},
           {"COUT", i == 3 ? "c" : fmt::format("carry{}", i + 1)},
           {"A0", Net("a", 2 * i)},
           {"B0", Net("b", 2 * i)},
           {"C0", "sub"},
           {"D0", "1"},
           {"S0", Net("s", 2 * i)},
           {"A1", Net("a", 2 * i + 1)},
           {"B1", Net("b", 2 * i + 1)},
           {"C1", "sub"},
           {"D1", "1"},
           {"S1", Net("s", 2 * i + 1)}});
  }
  Sim sim(Design(m));
  for (uint32_t a = 0; a < 256; a += 3) {
    for (uint32_t b = 0; b < 256; ++b) {
      for (uint32_t sub = 0; sub < 2; ++sub) {
        sim.In("a", a), sim.In("b", b), sim.In("sub", sub);
        sim.Settle();
        const uint32_t want = sub != 0 ? a + 256 - b : a + b;
        ASSERT_EQ(sim.Out("s"), want & 255);
        ASSERT_EQ(sim.Out("c"), want >> 8);
      }
    }
  }
}

TEST(Netlist, MultipliersTakeSignedAndUnsignedNumbers) {
  std::mt19937_64 random(Seed());
  Module m;
  m.Port("a", "input", 18), m.Port("b", "input", 18), m.Port("sa", "input"), m.Port("sb", "input"),
      m.Port("p", "output", 36);
  std::vector<std::pair<std::string, std::string>> pins = {
      {"SIGNEDA", "sa"}, {"SIGNEDB", "sb"}, {"SOURCEA", "0"}, {"SOURCEB", "0"}};
  for (int i = 0; i < 18; ++i)
    pins.push_back({fmt::format("A{}", i), Net("a", i)}),
        pins.push_back({fmt::format("B{}", i), Net("b", i)});
  for (int i = 0; i < 36; ++i) pins.push_back({fmt::format("P{}", i), Net("p", i)});
  m.Add("u", "MULT18X18D", Json::object(), pins);
  Sim sim(Design(m));
  for (int i = 0; i < 2000; ++i) {
    const auto a = static_cast<int64_t>(random() % (1 << 18)),
               b = static_cast<int64_t>(random() % (1 << 18));
    const bool sa = random() % 2 != 0, sb = random() % 2 != 0;
    sim.In("a", static_cast<uint64_t>(a)), sim.In("b", static_cast<uint64_t>(b)), sim.In("sa", sa),
        sim.In("sb", sb);
    sim.Settle();
    const int64_t x = sa && a >= 1 << 17 ? a - (1 << 18) : a,
                  y = sb && b >= 1 << 17 ? b - (1 << 18) : b;
    ASSERT_EQ(sim.Out("p"), static_cast<uint64_t>(x * y) & ((uint64_t{1} << 36) - 1))
        << x << " * " << y;
  }
}

TEST(Netlist, RegistersObeyEnableAndBothKindsOfReset) {
  Module m;
  for (const char* port : {"clk", "d", "ce", "lsr"}) m.Port(port, "input");
  m.Port("plain", "output"), m.Port("sync", "output"), m.Port("async", "output"),
      m.Port("inverted", "output");
  m.Add("plain", "TRELLIS_FF", {{"CEMUX", "1 "}},
        {{"CLK", "clk"}, {"DI", "d"}, {"LSR", "0"}, {"Q", "plain"}});
  m.Add("sync", "TRELLIS_FF", {{"CEMUX", "CE"}, {"SRMODE", "LSR_OVER_CE"}, {"REGSET", "SET"}},
        {{"CLK", "clk"}, {"CE", "ce"}, {"DI", "d"}, {"LSR", "lsr"}, {"Q", "sync"}});
  m.Add("async", "TRELLIS_FF", {{"CEMUX", "CE"}, {"SRMODE", "ASYNC"}},
        {{"CLK", "clk"}, {"CE", "ce"}, {"DI", "d"}, {"LSR", "lsr"}, {"Q", "async"}});
  m.Add("inverted", "TRELLIS_FF", {{"CEMUX", "INV"}, {"LSRMUX", "INV"}, {"SRMODE", "ASYNC"}},
        {{"CLK", "clk"}, {"CE", "ce"}, {"DI", "d"}, {"LSR", "lsr"}, {"Q", "inverted"}});
  Sim sim(Design(m));
  std::mt19937_64 random(Seed());
  uint64_t plain = 0, sync = 0, async = 0, inverted = 0;
  for (int i = 0; i < 500; ++i) {
    const uint64_t d = random() % 2, ce = random() % 2,
                   lsr = i == 0              ? 1
                         : i == 1            ? 0
                         : random() % 4 == 0 ? 1
                                             : 0;
    sim.In("d", d), sim.In("ce", ce), sim.In("lsr", lsr);
    sim.Settle();  // asynchronous resets need no edge
    if (lsr != 0) async = 0;
    if (lsr == 0) inverted = 0;
    if (i > 1) {
      EXPECT_EQ(sim.Out("async"), async);
      EXPECT_EQ(sim.Out("inverted"), inverted);
      EXPECT_EQ(sim.Out("sync"), sync);
    }
    sim.Edge();
    plain = d;
    sync = lsr != 0 ? 1 : ce != 0 ? d : sync;
    async = lsr != 0 ? 0 : ce != 0 ? d : async;
    inverted = lsr == 0 ? 0 : ce == 0 ? d : inverted;
    EXPECT_EQ(sim.Out("plain"), plain);
    if (i > 1) {
      EXPECT_EQ(sim.Out("sync"), sync);
      EXPECT_EQ(sim.Out("async"), async);
    }
  }
}

TEST(Netlist, DistributedRamIsReadInTheSameCycle) {
  Module m;
  m.Port("clk", "input"), m.Port("we", "input"), m.Port("wa", "input", 4), m.Port("ra", "input", 4),
      m.Port("d", "input", 4), m.Port("q", "output", 4);
  std::vector<std::pair<std::string, std::string>> pins = {{"WCK", "clk"}, {"WRE", "we"}};
  for (int i = 0; i < 4; ++i) {
    pins.push_back({"DI", Net("d", i)}), pins.push_back({"WAD", Net("wa", i)}),
        pins.push_back({"RAD", Net("ra", i)}), pins.push_back({"DO", Net("q", i)});
  }
  m.Add("u", "TRELLIS_DPR16X4", {{"WCKMUX", "WCK"}, {"WREMUX", "WRE"}}, pins);
  Sim sim(Design(m));
  std::mt19937_64 random(Seed());
  std::vector<uint64_t> want(16);
  for (uint64_t i = 0; i < 16; ++i) {
    want[i] = random() % 16;
    sim.In("we", 1), sim.In("wa", i), sim.In("d", want[i]);
    sim.Edge();
  }
  for (int i = 0; i < 1000; ++i) {
    const uint64_t we = random() % 2, wa = random() % 16, ra = random() % 16, d = random() % 16;
    sim.In("we", we), sim.In("wa", wa), sim.In("ra", ra), sim.In("d", d);
    sim.Settle();
    ASSERT_EQ(sim.Out("q"), want[ra]);
    sim.Edge();
    if (we != 0) want[wa] = d;
    ASSERT_EQ(sim.Out("q"), want[ra]);
  }
}

// Written through A and read through B, as synthesis uses it; words of the given width.
void TestBlockRam(int width, bool enables) {
  SCOPED_TRACE(width);
  const int shift = width == 2    ? 1
                    : width == 9  ? 3
                    : width == 18 ? 4
                                  : 5,
            words = (1 << 14) >> shift, parts = enables ? width / 9 : 1;
  Module m;
  m.Port("clk", "input"), m.Port("we", "input"), m.Port("re", "input"), m.Port("wa", "input", 14),
      m.Port("ra", "input", 14);
  m.Port("en", "input", 4), m.Port("d", "input", 36), m.Port("q", "output", 36);
  std::vector<std::pair<std::string, std::string>> pins = {
      {"CLKA", "clk"}, {"CLKB", "clk"}, {"CEA", "1"},  {"CEB", "re"},
      {"WEA", "we"},   {"WEB", "0"},    {"RSTA", "0"}, {"RSTB", "0"}};
  for (int i = 0; i < 14; ++i) {
    pins.push_back({fmt::format("ADA{}", i), i < parts && enables ? Net("en", i) : Net("wa", i)});
    pins.push_back({fmt::format("ADB{}", i), Net("ra", i)});
  }
  for (int i = 0; i < 18; ++i) {
    pins.push_back({fmt::format("DIA{}", i), Net("d", i)});
    if (width == 36) {
      pins.push_back({fmt::format("DIB{}", i), Net("d", i + 18)});
      pins.push_back({fmt::format("DOA{}", i), Net("q", i)});
      pins.push_back({fmt::format("DOB{}", i), Net("q", i + 18)});
    } else {
      pins.push_back({fmt::format("DOB{}", i), Net("q", i)});
    }
  }
  m.Add("u", "DP16KD",
        {{"DATA_WIDTH_A", Binary(static_cast<uint64_t>(width), 32)},
         {"DATA_WIDTH_B", Binary(static_cast<uint64_t>(width), 32)},
         {"CSDECODE_A", "0b000"},
         {"CSDECODE_B", "0b000"},
         {"REGMODE_A", "NOREG"},
         {"REGMODE_B", "NOREG"},
         {"INITVAL_00", std::string(319, '0') + "1"}},
        pins);
  Sim sim(Design(m));
  std::mt19937_64 random(Seed());
  const uint64_t all = (uint64_t{1} << width) - 1;
  std::vector<uint64_t> want(static_cast<size_t>(words), 0);
  want[0] = 1;  // as INITVAL says
  uint64_t read = 0;
  bool known = false;
  int collisions = 0;
  for (int i = 0; i < 20000; ++i) {
    const uint64_t we = i == 0 ? 0 : random() % 2, re = i == 0 ? 1 : random() % 2,
                   en = random() % (1u << parts), d = random() & all;
    const uint64_t wa = random() % static_cast<uint64_t>(i % 3 == 0 ? words : 8),
                   ra = i == 0 ? 0 : random() % static_cast<uint64_t>(i % 3 == 0 ? words : 8);
    sim.In("we", we), sim.In("re", re), sim.In("wa", wa << shift), sim.In("ra", ra << shift),
        sim.In("en", en), sim.In("d", d);
    sim.Edge();
    const uint64_t part = (uint64_t{1} << (width / parts)) - 1;
    uint64_t mask = enables ? 0 : all;
    for (int k = 0; enables && k < parts; ++k)
      mask |= (en >> k & 1) != 0 ? part << (k * width / parts) : 0;
    if (we == 0) mask = 0;
    if (re != 0) {
      known = !(wa == ra && mask != 0);  // a collision: any bits
      if (known)
        read = want[ra];
      else
        ASSERT_EQ((sim.Out("q") ^ want[ra]) & all & ~mask, 0u)
            << "only what is written at the same time may be wrong";
      collisions += known ? 0 : 1;
    }
    if (known) ASSERT_EQ(sim.Out("q") & all, read) << "cycle " << i;
    want[wa] = (want[wa] & ~mask) | (d & mask);
  }
  EXPECT_GT(collisions, 100);
}

TEST(Netlist, BlockRamHoldsWordsOfEveryWidth) {
  TestBlockRam(2, false);
  TestBlockRam(9, false);
  TestBlockRam(18, true);
  TestBlockRam(36, true);
}

TEST(Netlist, FlattensModules) {
  Module inner;
  inner.Port("a", "input"), inner.Port("z", "output"), inner.Port("through", "output");
  inner.Add("not", "LUT4", {{"INIT", Binary(0x5555, 16)}},
            {{"A", "a"}, {"B", "0"}, {"C", "0"}, {"D", "0"}, {"Z", "z"}});
  Json json = inner.json();
  json["ports"]["through"]["bits"] =
      json["ports"]["a"]["bits"];  // a wire from an input to an output
  Module m;
  m.Port("a", "input"), m.Port("z", "output"), m.Port("t", "output");
  m.Add("u0", "inner", Json::object(), {{"a", "a"}, {"z", "n"}, {"through", "t"}});
  m.Add("u1", "inner", Json::object(), {{"a", "n"}, {"z", "z"}, {"through", "unused"}});
  Sim sim(
      NetlistDesign::Parse(Json{{"modules", {{"top", m.json()}, {"inner", json}}}}.dump(), "top"));
  for (const uint64_t a : {0, 1, 0}) {
    sim.In("a", a);
    sim.Settle();
    EXPECT_EQ(sim.Out("z"), a);
    EXPECT_EQ(sim.Out("t"), a);
  }
  EXPECT_EQ(sim.design().luts(), 2u);
  EXPECT_GE(sim.design().FindLut("u1.not"), 0);
}

TEST(Netlist, RefusesWhatItDoesNotModel) {
  const auto refused = [](const Module& m) {
    try {
      Design(m);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  Module loop;
  loop.Port("z", "output");
  loop.Add("u", "LUT4", {{"INIT", Binary(0x5555, 16)}}, {{"A", "z"}, {"Z", "z"}});
  EXPECT_EQ(refused(loop), "the netlist has a combinational loop");
  Module unknown;
  unknown.Add("u", "EHXPLLL", Json::object(), {});
  EXPECT_EQ(refused(unknown), "u: cells of type EHXPLLL are not modelled");
  Module clocks;
  clocks.Port("a", "input"), clocks.Port("b", "input");
  clocks.Add("u0", "TRELLIS_FF", Json::object(), {{"CLK", "a"}, {"DI", "0"}, {"Q", "q0"}});
  clocks.Add("u1", "TRELLIS_FF", Json::object(), {{"CLK", "b"}, {"DI", "0"}, {"Q", "q1"}});
  EXPECT_EQ(refused(clocks), "u1 has another clock than the cells before it; one is modelled");
  Module twice;
  twice.Port("a", "input");
  twice.Add("u", "LUT4", {{"INIT", Binary(0, 16)}}, {{"Z", "a"}});
  EXPECT_EQ(refused(twice), "u drives a net that is driven already");
  Module registered;
  registered.Add("u", "MULT18X18D", {{"REG_OUTPUT_CLK", "CLK0"}}, {});
  EXPECT_EQ(refused(registered), "u: REG_OUTPUT_CLK = CLK0 is not modelled");
}

}  // namespace
}  // namespace wren::sim

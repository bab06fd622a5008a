// The instruction-set model against the naive machine, command by command.
#include "wren/isa/model.h"

#include <gtest/gtest.h>

#include "naive.h"
#include "random_commands.h"
#include "wren/error.h"

namespace wren::isa {
namespace {

using naive::Machine;
using naive::RandomCommands;
using naive::Seed;

constexpr size_t kExtSize = 1 << 16;

// Records what a sink is told, and applies it to copies of the memories the command may write.
class Replay : public WriteSink {
 public:
  Replay(Model& model, FlatMemory& ext)
      : config_(model.config()),
        ab(model.ab()),
        ab_scale(model.ab_scale()),
        vm(model.vm()),
        l2(model.l2()),
        wb(model.wb()),
        wb_scale(model.wb_scale()),
        lut(model.lut()),
        ext(ext.bytes()),
        acc(model.acc()) {}

  void Acc(uint32_t word, uint32_t rowmask, const uint32_t* data) override {
    for (uint32_t i = 0; i < config_.rows * config_.cols; ++i) {
      uint32_t& cell = acc.at(word * config_.rows * config_.cols + i);
      if (rowmask >> (i / config_.cols) & 1) {
        cell = data[i];
      } else {
        EXPECT_EQ(cell, data[i]) << "row outside the mask changed";
      }
    }
  }
  void Gta(uint32_t addr, const uint8_t* data, uint32_t n) override { Put(vm, addr, data, n); }
  void GtaScale(uint32_t addr, uint16_t scale) override { Put(vm, addr, &scale, 2); }
  void GtaAb(uint32_t word, uint32_t lane, const uint8_t* data, uint16_t scale) override {
    const uint32_t block = word * config_.rows + lane;
    Put(ab, block * 32, data, 32);
    Put(ab_scale, block * 2, &scale, 2);
  }
  void Red(uint32_t addr, uint32_t value) override { Put(vm, addr, &value, 4); }
  void Ld(Space space, uint64_t addr, const uint8_t* data, uint32_t n) override {
    switch (space) {
      case Space::kAb:
        return Put(ab, addr, data, n);
      case Space::kAbScale:
        return Put(ab_scale, addr, data, n);
      case Space::kWb:
        return Put(wb, addr, data, n);
      case Space::kWbScale:
        return Put(wb_scale, addr, data, n);
      case Space::kVm:
        return Put(vm, addr, data, n);
      case Space::kLut:
        return Put(lut, addr, data, n);
      case Space::kL2:
        return Put(l2, addr, data, n);
      case Space::kExt:
        ADD_FAILURE() << "LD does not write external memory";
    }
  }
  void St(Space space, uint64_t addr, const uint8_t* data, uint32_t n) override {
    Put(space == Space::kExt ? ext : l2, addr, data, n);
  }

  bool Equals(Model& m, FlatMemory& e) const {
    return ab == m.ab() && ab_scale == m.ab_scale() && vm == m.vm() && l2 == m.l2() &&
           wb == m.wb() && wb_scale == m.wb_scale() && lut == m.lut() && ext == e.bytes() &&
           acc == m.acc();
  }

 private:
  static void Put(std::vector<uint8_t>& memory, uint64_t addr, const void* data, size_t n) {
    ASSERT_LE(addr + n, memory.size());
    std::memcpy(memory.data() + addr, data, n);
  }
  Config config_;
  std::vector<uint8_t> ab, ab_scale, vm, l2, wb, wb_scale, lut, ext;
  std::vector<uint32_t> acc;
};

// A configuration with small memories, so that comparing them all is quick; the arrays are the real
// ones.
Config Small(const char* name) {
  Config c = Config::Named(name);
  c.ab = std::min(c.ab, 65536u);
  c.wb = std::min(c.wb, 32768u);
  c.vm = std::min(c.vm, 131072u);
  c.l2 = 65536;
  return c;
}

class EveryConfig : public ::testing::TestWithParam<const char*> {
 protected:
  // Runs `count` random commands from `make` on the model (with and without a sink) and on the
  // naive machine.
  template <class Make>
  void Compare(int count, uint64_t salt, Make make) {
    const uint64_t seed = Seed(20251) * 1000 + salt;
    const Config config = Small(GetParam());
    for (int i = 0; i < count; ++i) {
      FlatMemory ext(kExtSize), quiet_ext(kExtSize);
      Model model(config, ext), quiet(config, quiet_ext);
      RandomCommands random(config, kExtSize, seed + static_cast<uint64_t>(i));
      const bool wild = i % 2 == 1;
      naive::FillMemories(model, ext, random.rng(), wild);
      const Command command = make(random, model);
      quiet_ext.bytes() = ext.bytes();
      quiet.ab() = model.ab();
      quiet.ab_scale() = model.ab_scale();
      quiet.wb() = model.wb();
      quiet.wb_scale() = model.wb_scale();
      quiet.vm() = model.vm();
      quiet.acc() = model.acc();
      quiet.l2() = model.l2();
      quiet.lut() = model.lut();

      Machine machine(model, ext);
      Replay replay(model, ext);
      const Bytes bytes = Encode(command);
      const Status status = model.Execute(bytes.data(), &replay);
      ASSERT_TRUE(status.ok()) << status.ToString() << ": " << Disassemble(command)
                               << ", WREN_SEED=" << Seed(20251);
      machine.Run(command);
      ASSERT_EQ(machine.Difference(model, ext), "")
          << Disassemble(command) << "\n command " << i << ", WREN_SEED=" << Seed(20251);
      ASSERT_TRUE(replay.Equals(model, ext))
          << "the sink was not told every write: " << Disassemble(command);
      ASSERT_TRUE(quiet.Execute(bytes.data()).ok());
      ASSERT_EQ(machine.Difference(quiet, quiet_ext), "")
          << "without a sink: " << Disassemble(command);
    }
  }
};

TEST_P(EveryConfig, GtaEqualsNaiveArithmeticElementByElement) {
  Compare(300, 1, [](RandomCommands& r, Model&) { return Command(r.Gta()); });
}

TEST_P(EveryConfig, GemmEqualsNaiveSumsInAscendingK) {
  Compare(150, 2, [](RandomCommands& r, Model&) { return Command(r.Gemm()); });
}

// Steps then meet in one word, so their order counts: with a sink they are made one by one.
TEST_P(EveryConfig, GemmWhoseRowGroupsShareWordsOfAccIsTheSameWithAndWithoutASink) {
  const Config config = Small(GetParam());
  FlatMemory ext(16), quiet_ext(16);
  Model model(config, ext), quiet(config, quiet_ext);
  RandomCommands random(config, 16, Seed(23));
  int shared = 0;
  for (int i = 0; i < 100; ++i) {
    naive::FillMemories(model, ext, random.rng(), false);
    quiet.ab() = model.ab();
    quiet.ab_scale() = model.ab_scale();
    quiet.wb() = model.wb();
    quiet.wb_scale() = model.wb_scale();
    quiet.acc() = model.acc();
    MxeGemm c = random.Gemm();
    c.acc_gs = random.Below(c.ncg);
    shared += c.rows > config.rows ? 1 : 0;
    const Bytes bytes = Encode(c);
    Replay replay(model, ext);
    ASSERT_TRUE(model.Execute(bytes.data(), &replay).ok());
    ASSERT_TRUE(quiet.Execute(bytes.data()).ok());
    ASSERT_EQ(model.acc(), quiet.acc()) << Disassemble(c) << ", WREN_SEED=" << Seed(23);
  }
  EXPECT_GT(shared, 30);
}

TEST_P(EveryConfig, LoadCopiesRunsInFourDimensions) {
  Compare(60, 3, [](RandomCommands& r, Model&) { return Command(r.Copy()); });
}

TEST_P(EveryConfig, LoadGathersByIndexFromVm) {
  Compare(60, 4, [](RandomCommands& r, Model& m) { return Command(r.Gather(&m.vm())); });
}

TEST_P(EveryConfig, LoadFillsWithThePattern) {
  Compare(40, 5, [](RandomCommands& r, Model&) { return Command(r.Fill()); });
}

TEST_P(EveryConfig, LoadTransposesTokensIntoBlocks) {
  Compare(40, 6, [](RandomCommands& r, Model&) { return Command(r.Transpose()); });
}

TEST_P(EveryConfig, StoreCopiesRunsOfHalfwords) {
  Compare(60, 7, [](RandomCommands& r, Model&) { return Command(r.Store()); });
}

// Every mode, kind and edge, over every BF16 value and values that reach the ends of the exponent.
TEST(Table, EqualsTheNaiveFunctionOverEveryBf16Input) {
  std::mt19937_64 rng(Seed(21));
  std::vector<uint8_t> table(kTableBytes);
  std::vector<float> x(65536 + 8192), y(x.size());
  for (uint32_t shape = 0; shape < 256; ++shape) {
    const uint32_t mode = shape & 3, edges = shape >> 2 & 15;
    if (mode == 3 || (edges & 3) == 3 || edges >> 2 == 3) continue;  // undefined
    naive::RandomTable(rng, table.data());
    const float header[] = {naive::F(shape), -3.0f, mode == 1 ? 256.0f : 8.0f};
    for (int e = 0; e < 3; ++e)
      std::memcpy(&table[16 * static_cast<size_t>(e) + 12], &header[e], 4);
    for (size_t i = 0; i < x.size(); ++i) {
      x[i] = naive::F(i < 65536 ? static_cast<uint32_t>(i << 16) : naive::RandomFloat(rng, true));
      if (i >= 65536 + 4096)
        x[i] = static_cast<float>(static_cast<int>(i - 65536 - 6144)) * 0.0703125f;
    }
    EvalTable(table.data(), x.data(), y.data(), x.size());
    for (size_t i = 0; i < x.size(); ++i) {
      ASSERT_EQ(naive::U(y[i]), naive::Table(table.data(), naive::U(x[i])))
          << "flags " << shape << ", x = " << x[i] << ", WREN_SEED=" << Seed(21);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Isa, EveryConfig, ::testing::Values("nano", "small", "full"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace wren::isa

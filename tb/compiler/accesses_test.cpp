// AccessesOf: what a command claims to read and write, against what the model does with it.
#include <cstdlib>
#include <map>
#include <set>

#include "engines.h"
#include "gtest/gtest.h"
#include "random_program.h"

namespace wren::compiler::test {
namespace {

uint64_t Seed() {
  const char* seed = std::getenv("WREN_SEED");
  return seed == nullptr ? 1 : std::strtoull(seed, nullptr, 0);
}

// Every byte (AB, WB, ACC: every word) that is written, with its value.
class Recorder : public isa::WriteSink {
 public:
  explicit Recorder(const isa::Config& config) : config_(config) {}
  void Acc(uint32_t word, uint32_t rowmask, const uint32_t* data) override {
    touched[Region::kAcc].insert(word);
    for (uint32_t r = 0; r < config_.rows; ++r) {
      if ((rowmask >> r & 1) == 0) continue;
      for (uint32_t c = 0; c < config_.cols; ++c) values.push_back(data[r * config_.cols + c]);
    }
  }
  void Gta(uint32_t addr, const uint8_t* data, uint32_t n) override {
    Bytes(Region::kVm, addr, data, n);
  }
  void GtaScale(uint32_t addr, uint16_t scale) override {
    Bytes(Region::kVm, addr, reinterpret_cast<const uint8_t*>(&scale), 2);
  }
  void GtaAb(uint32_t word, uint32_t, const uint8_t* data, uint16_t scale) override {
    touched[Region::kAb].insert(word);
    touched[Region::kAbScale].insert(word);
    values.insert(values.end(), data, data + 32);
    values.push_back(scale);
  }
  void Red(uint32_t addr, uint32_t value) override {
    Bytes(Region::kVm, addr, reinterpret_cast<const uint8_t*>(&value), 4);
  }
  void Ld(isa::Space space, uint64_t addr, const uint8_t* data, uint32_t n) override {
    switch (space) {
      case isa::Space::kAb:
        Words(Region::kAb, addr, data, n, config_.rows * 32);
        break;
      case isa::Space::kAbScale:
        Words(Region::kAbScale, addr, data, n, config_.rows * 2);
        break;
      case isa::Space::kWb:
        Words(Region::kWb, addr, data, n, config_.cols * 16);
        break;
      case isa::Space::kWbScale:
        Words(Region::kWbScale, addr, data, n, config_.cols * 2);
        break;
      case isa::Space::kVm:
        Bytes(Region::kVm, addr, data, n);
        break;
      case isa::Space::kLut:
        Bytes(Region::kLut, addr, data, n);
        break;
      default:
        Bytes(Region::kL2, addr, data, n);
        break;
    }
  }
  void St(isa::Space space, uint64_t addr, const uint8_t* data, uint32_t n) override {
    Bytes(space == isa::Space::kExt ? Region::kExt : Region::kL2, addr, data, n);
  }

  std::map<Region, std::set<uint64_t>> touched;
  std::vector<uint32_t> values;  // in the order of the writes

 private:
  void Bytes(Region region, uint64_t addr, const uint8_t* data, uint32_t n) {
    Words(region, addr, data, n, 1);
  }
  void Words(Region region, uint64_t addr, const uint8_t* data, uint32_t n, uint32_t unit) {
    for (uint32_t i = 0; i < n; ++i) touched[region].insert((addr + i) / unit);
    values.insert(values.end(), data, data + n);
  }
  isa::Config config_;
};

// Inverts everything that no access claims.
void Poison(const std::vector<Access>& accesses, const isa::Config& config, isa::Model* model,
            isa::FlatMemory* ext) {
  const auto poison = [&](Region region, auto* memory, size_t unit) {
    std::vector<bool> keep(memory->size());
    for (const Access& a : accesses) {
      if (a.region != region) continue;
      for (uint64_t i = a.begin * unit; i < a.end * unit && i < keep.size(); ++i) keep[i] = true;
    }
    for (size_t i = 0; i < memory->size(); ++i) {
      if (!keep[i])
        (*memory)[i] = static_cast<std::remove_reference_t<decltype((*memory)[0])>>(~(*memory)[i]);
    }
  };
  poison(Region::kExt, &ext->bytes(), 1), poison(Region::kL2, &model->l2(), 1);
  poison(Region::kAb, &model->ab(), config.rows * 32),
      poison(Region::kAbScale, &model->ab_scale(), config.rows * 2);
  poison(Region::kWb, &model->wb(), config.cols * 16),
      poison(Region::kWbScale, &model->wb_scale(), config.cols * 2);
  poison(Region::kVm, &model->vm(), 1), poison(Region::kLut, &model->lut(), 1);
  poison(Region::kAcc, &model->acc(), config.rows * config.cols);
}

class AccessesOn : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Configurations, AccessesOn, testing::Values("nano", "small", "full"),
                         [](const auto& info) { return std::string(info.param); });

TEST_P(AccessesOn, HoldWhatTheModelReadsAndWrites) {
  isa::Config config = isa::Config::Named(GetParam());
  config.l2 = 2 * kL2Bytes;  // no larger than the test needs
  isa::FlatMemory ext(kExtSize);
  isa::Model model(config, ext);
  RandomProgram random(config, Seed());
  const int commands = config.rows == 2 ? 2000 : 300;
  std::map<uint8_t, int> seen;
  for (int i = 0; i < commands; ++i) {
    if (i % 100 == 0) random.Fill(&model, &ext);
    const CommandBytes bytes = random.Next();
    SCOPED_TRACE("WREN_SEED=" + std::to_string(Seed()) + " command " + std::to_string(i) + ": " +
                 isa::Disassemble(bytes));
    ++seen[bytes[0]];
    const std::vector<Access> accesses = AccessesOf(bytes, config);
    const Memories before = Memories::Of(model, ext);
    Recorder clean(config), poisoned(config);
    ASSERT_TRUE(model.Execute(bytes.data(), &clean).ok());
    const Memories after = Memories::Of(model, ext);

    // Writes: all inside, and the claim's ends are really reached.
    for (const auto& [region, places] : clean.touched) {
      for (const uint64_t place : places) {
        bool inside = false;
        for (const Access& a : accesses)
          inside = inside || (a.write && a.region == region && a.begin <= place && place < a.end);
        ASSERT_TRUE(inside) << "writes " << place << " of region " << static_cast<int>(region);
      }
    }
    for (const Access& a : accesses) {
      if (!a.write) continue;
      const auto& places = clean.touched[a.region];
      ASSERT_TRUE(places.count(a.begin) == 1 && places.count(a.end - 1) == 1)
          << "claims " << a.begin << ".." << a.end << " of region " << static_cast<int>(a.region);
    }
    // Reads: nothing outside the claims matters.
    before.PutInto(&model, &ext);
    Poison(accesses, config, &model, &ext);
    ASSERT_TRUE(model.Execute(bytes.data(), &poisoned).ok());
    ASSERT_EQ(clean.values, poisoned.values) << "depends on what it does not claim to read";
    after.PutInto(&model, &ext);
  }
  EXPECT_EQ(seen.size(), 7u) << "a kind of command was never tried";
}

TEST(Accesses, OfOneLoadAreItsRuns) {
  const isa::Config config = isa::Config::Named("nano");
  isa::LdCopy c;
  c.src = 4096;
  c.dst_space = isa::LdDst::kAb;
  c.dst = 128;
  c.len = 64;
  c.n1 = 3;
  c.s1 = 80;
  c.t1 = 64;
  const std::vector<Access> accesses = AccessesOf(isa::Encode(c), config);
  // Three separate runs of the source, and one of the destination, whose runs touch.
  ASSERT_EQ(accesses.size(), 4u);
  for (uint64_t i = 0; i < 3; ++i) {
    EXPECT_EQ(accesses[i].region, Region::kExt);
    EXPECT_EQ(accesses[i].begin, 4096 + i * 80);
    EXPECT_EQ(accesses[i].end, 4096 + i * 80 + 64);
    EXPECT_FALSE(accesses[i].write);
  }
  EXPECT_EQ(accesses[3].region, Region::kAb);
  EXPECT_EQ(accesses[3].begin, 2u);  // words of ROWS blocks
  EXPECT_EQ(accesses[3].end, 5u);
  EXPECT_TRUE(accesses[3].write);
}

TEST(Accesses, OfManyRunsAreTheirHull) {
  const isa::Config config = isa::Config::Named("nano");
  isa::LdCopy c;
  c.src = 4096;
  c.dst_space = isa::LdDst::kVm;
  c.dst = 128;
  c.len = 64;
  c.n1 = 5;
  c.n2 = 52;  // 260 runs
  c.s1 = 80;
  c.s2 = 1024;
  c.t1 = 64;
  c.t2 = 320;
  const std::vector<Access> accesses = AccessesOf(isa::Encode(c), config);
  ASSERT_EQ(accesses.size(), 2u);
  EXPECT_EQ(accesses[0].begin, 4096u);
  EXPECT_EQ(accesses[0].end, 4096u + 4 * 80 + 51 * 1024 + 64);
  EXPECT_EQ(accesses[1].begin, 128u);
  EXPECT_EQ(accesses[1].end, 128u + 260 * 64);
}

TEST(Accesses, OfAnImmediateAreNone) {
  const isa::Config config = isa::Config::Named("nano");
  isa::GtaOp op;
  op.cols = 32;
  op.x = 1024;
  op.SetAImm(2.0f);
  op.SetBImm(2.0f);
  op.m_mode = isa::OperandMode::kSelf;
  const std::vector<Access> accesses = AccessesOf(isa::Encode(op), config);
  ASSERT_EQ(accesses.size(), 1u);
  EXPECT_EQ(accesses[0].begin, 1024u);
  EXPECT_EQ(accesses[0].end, 1152u);
  EXPECT_FALSE(accesses[0].write);
}

}  // namespace
}  // namespace wren::compiler::test

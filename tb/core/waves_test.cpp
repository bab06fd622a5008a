// What a trace shows: every edge of the clock, changes of registers at its rising edges, and clocks
// of idle units that stand still.
#include <gtest/gtest.h>
#include <gtkwave/fstapi.h>

#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "core_bench.h"

namespace wren::core {
namespace {

// When one-bit signals of a trace rise and fall.
class Waves {
 public:
  struct Edges {
    std::vector<uint64_t> rises, falls;
  };

  explicit Waves(const std::string& file) : reader_(fstReaderOpen(file.c_str())) {
    EXPECT_NE(reader_, nullptr) << file;
    if (reader_ == nullptr) return;
    std::vector<std::string> scope{""};
    while (const fstHier* h = fstReaderIterateHier(reader_)) {
      if (h->htyp == FST_HT_SCOPE) {
        scope.push_back(scope.back() + std::string(h->u.scope.name, h->u.scope.name_length) + ".");
      } else if (h->htyp == FST_HT_UPSCOPE) {
        scope.pop_back();
      } else if (h->htyp == FST_HT_VAR && h->u.var.length == 1) {
        handle_[scope.back() + std::string(h->u.var.name, h->u.var.name_length)] = h->u.var.handle;
      }
    }
    fstReaderSetFacProcessMaskAll(reader_);
    fstReaderIterBlocks(reader_, &Waves::Change, this, nullptr);
  }
  ~Waves() {
    if (reader_ != nullptr) fstReaderClose(reader_);
  }

  // Of the signal whose path ends like this; the shortest path if there are several.
  const Edges& Of(const std::string& end) {
    const std::string* best = nullptr;
    for (const auto& [path, handle] : handle_) {
      if (path.size() >= end.size() &&
          path.compare(path.size() - end.size(), end.size(), end) == 0 &&
          (best == nullptr || path.size() < best->size()))
        best = &path;
    }
    EXPECT_NE(best, nullptr) << "no signal " << end;
    return edges_[best != nullptr ? handle_[*best] : 0];
  }

 private:
  static void Change(void* self, uint64_t time, fstHandle handle, const unsigned char* value) {
    auto* waves = static_cast<Waves*>(self);
    const auto [known, first] = waves->value_.try_emplace(handle, *value);
    if (first || known->second == *value) return;
    known->second = *value;
    (*value == '1' ? waves->edges_[handle].rises : waves->edges_[handle].falls).push_back(time);
  }

  void* reader_;
  std::map<std::string, fstHandle> handle_;
  std::map<fstHandle, unsigned char> value_;
  std::map<fstHandle, Edges> edges_;
};

TEST(Waves, ShowTheClocks) {
  const std::string file = testing::TempDir() + "wren_waves_test.fst";
  uint64_t cycles = 0;
  {
    sim::RtlOptions options;
    options.trace_file = file;
    CoreBench b(kConfig, options);
    b.Add(With(Load(0x1000, isa::LdDst::kVm, 0x400, 2048), 0, 0, 1, 1));
    b.Add(With(Store(0x400, 0x3002, 2046), 1, 1, 0, 0));
    b.RunAndCompare();
    cycles = b.rtl().cycle();
  }
  Waves waves(file);
  const Waves::Edges clock = waves.Of("wren.clk_i");
  EXPECT_EQ(clock.rises.size(), cycles);
  for (size_t i = 1; i < clock.rises.size(); ++i)
    ASSERT_EQ(clock.rises[i], clock.rises[i - 1] + 2) << "cycle " << i;

  const Waves::Edges busy = waves.Of("mon_busy_q");
  ASSERT_FALSE(busy.rises.empty());
  for (const uint64_t time : busy.rises)
    EXPECT_EQ(time % 2, clock.rises.at(0) % 2) << "mon_busy_q rises beside the clock's rising edge";

  // LD works for a while, the vector engine not at all.
  const size_t ld = waves.Of("u_dma.u_ld.clk_i").rises.size(),
               gta = waves.Of("u_gta.clk_i").rises.size();
  EXPECT_GT(ld, 2048u / 16);
  EXPECT_LT(ld, cycles);
  EXPECT_GT(gta, 0u);
  EXPECT_LT(gta, 40u);  // the reset, and four cycles
  std::remove(file.c_str());
}

}  // namespace
}  // namespace wren::core

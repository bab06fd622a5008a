// What a timeline says of the layers of a network.
#include "wren/runtime/timeline.h"

#include "gtest/gtest.h"

namespace wren::runtime {
namespace {

TimelineEvent Event(sim::Engine engine, uint64_t issued, uint64_t retired, const char* name) {
  return {engine, 0, issued, retired, name, ""};
}

const LayerCost& Of(const std::vector<LayerCost>& layers, const std::string& name) {
  for (const LayerCost& layer : layers) {
    if (layer.name == name) return layer;
  }
  static const LayerCost none;
  ADD_FAILURE() << "no " << name;
  return none;
}

TEST(Layers, AddUpToAllCyclesAndKeepEachEnginesBusyOnesApart) {
  const size_t mxe = static_cast<size_t>(sim::Engine::kMxe),
               gta = static_cast<size_t>(sim::Engine::kGta);
  // One of another program, then: embedding; layer 0, whose last GTA command ends while layer 1's
  // first product is under way; a fence between; the output.
  std::vector<TimelineEvent> events = {
      Event(sim::Engine::kMxe, 0, 50, "blk.7.product"),
      Event(sim::Engine::kGta, 100, 110, "embed"),
      Event(sim::Engine::kMxe, 105, 150, "blk.0.attn_q.product"),
      Event(sim::Engine::kMxe, 140, 160, "blk.0.ffn_up.product"),
      Event(sim::Engine::kGta, 155, 185, "blk.0.ffn_act"),
      Event(sim::Engine::kMxe, 165, 200, "blk.1.attn_q.product"),
      Event(sim::Engine::kCtl, 200, 203, "synchronisation"),
      Event(sim::Engine::kGta, 200, 230, "blk.1.resid"),
      Event(sim::Engine::kMxe, 231, 260, "output.product"),
  };
  std::vector<LayerCost> layers;
  AddLayers(events, 1, 90, &layers);
  ASSERT_EQ(layers.size(), 4u);
  EXPECT_EQ(layers.front().name, "embedding");
  EXPECT_EQ(Of(layers, "embedding").cycles, 20u);
  EXPECT_EQ(Of(layers, "layer 0").cycles, 75u);
  EXPECT_EQ(Of(layers, "layer 1").cycles, 45u);
  EXPECT_EQ(Of(layers, "output").cycles, 30u);
  EXPECT_EQ(Of(layers, "layer 0").busy[mxe], 55u);  // 105 to 150 and on to 160
  EXPECT_EQ(Of(layers, "layer 0").busy[gta], 30u);
  EXPECT_EQ(Of(layers, "layer 1").busy[mxe], 35u);
  EXPECT_EQ(Of(layers, "layer 1").commands, 3u);
  EXPECT_EQ(Of(layers, "output").busy[mxe], 29u);

  // The next program adds to the same layers.
  for (TimelineEvent& event : events) event.issued += 1000, event.retired += 1000;
  AddLayers(events, 1, 1090, &layers);
  ASSERT_EQ(layers.size(), 4u);
  EXPECT_EQ(Of(layers, "layer 0").cycles, 150u);
}

TEST(Layers, OfAProgramWithoutLayersAreOne) {
  std::vector<LayerCost> layers;
  AddLayers({Event(sim::Engine::kLd, 3, 9, "tables")}, 0, 0, &layers);
  ASSERT_EQ(layers.size(), 1u);
  EXPECT_EQ(layers[0].name, "embedding");
  EXPECT_EQ(layers[0].cycles, 9u);
}

}  // namespace
}  // namespace wren::runtime

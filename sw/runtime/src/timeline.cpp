#include "wren/runtime/timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "wren/error.h"
#include "wren/isa/isa.h"

namespace wren::runtime {
namespace {

// "blk.3.attn_q" is of layer 3; empty for what stands between layers.
std::string LayerOf(const std::string& label) {
  for (const char* output : {"output", "logits", "pooled", "result"}) {
    if (label.compare(0, 6, output) == 0) return "output";
  }
  if (label.compare(0, 4, "blk.") != 0) return {};
  return "layer " + label.substr(4, label.find('.', 4) - 4);
}

}  // namespace

void AddLayers(const std::vector<TimelineEvent>& events, size_t first, uint64_t begin,
               std::vector<LayerCost>* layers) {
  std::array<uint64_t, 5> engine_end;
  engine_end.fill(begin);
  uint64_t end = begin;
  std::string name = "embedding";
  for (size_t i = first; i < events.size(); ++i) {
    const TimelineEvent& event = events[i];
    const std::string layer = LayerOf(event.name);
    if (!layer.empty()) name = layer;
    auto at = std::find_if(layers->begin(), layers->end(),
                           [&](const LayerCost& cost) { return cost.name == name; });
    if (at == layers->end()) at = layers->insert(layers->end(), LayerCost{name, 0, {}, 0});
    at->cycles += std::max(event.retired, end) - end;
    end = std::max(event.retired, end);
    const auto e = static_cast<size_t>(event.engine);
    const uint64_t from = std::max(event.issued, engine_end[e]);
    at->busy[e] += std::max(event.retired, from) - from;
    engine_end[e] = std::max(event.retired, engine_end[e]);
    ++at->commands;
  }
}

void Timeline::SetProgram(const compiler::Program* program, uint32_t first) {
  program_ = program;
  first_ = first;
}

void Timeline::OnIssue(sim::Engine engine, uint32_t index, const uint8_t* command) {
  isa::Bytes bytes;
  std::memcpy(bytes.data(), command, bytes.size());
  TimelineEvent event{engine, index, rtl_->cycle(), 0, {}, isa::Disassemble(bytes)};
  if (program_ != nullptr && index - first_ < program_->labels.size())
    event.name = program_->labels[index - first_].tensor;
  if (event.name.empty()) event.name = event.command.substr(0, event.command.find(' '));
  open_[static_cast<int>(engine)].push_back(std::move(event));
  if (next_ != nullptr) next_->OnIssue(engine, index, command);
}

void Timeline::OnRetire(sim::Engine engine, uint32_t index) {
  auto& open = open_[static_cast<int>(engine)];
  if (!open.empty()) {
    open.front().retired = rtl_->cycle();
    events_.push_back(std::move(open.front()));
    open.pop_front();
  }
  if (next_ != nullptr) next_->OnRetire(engine, index);
}

void Timeline::Write(const std::string& path) const {
  static const char* const kNames[] = {"CTL", "LD", "ST", "MXE", "GTA"};
  nlohmann::json trace;
  for (int e = 0; e < 5; ++e) {
    for (int lane = 0; lane < 2; ++lane) {
      trace["traceEvents"].push_back(
          {{"ph", "M"},
           {"name", "thread_name"},
           {"pid", 1},
           {"tid", 2 * e + lane},
           {"args",
            {{"name", fmt::format("{}{}", kNames[e], lane == 0 ? "" : " (overlapping)")}}}});
    }
  }
  // Commands of one engine may overlap: the second of two goes to the engine's other row.
  uint64_t busy_until[5][2] = {};
  for (const TimelineEvent& event : events_) {
    const int e = static_cast<int>(event.engine);
    const int lane = event.issued >= busy_until[e][0] ? 0 : 1;
    busy_until[e][lane] = event.retired;
    trace["traceEvents"].push_back(
        {{"ph", "X"},
         {"name", event.name},
         {"pid", 1},
         {"tid", 2 * e + lane},
         {"ts", event.issued},
         {"dur", event.retired - event.issued},
         {"args", {{"index", event.index}, {"command", event.command}}}});
  }
  std::ofstream file(path);
  file << trace.dump() << "\n";
  file.flush();
  if (!file) throw Error(fmt::format("cannot write {}; check the path and the space left", path));
}

}  // namespace wren::runtime

#include "wren/runtime/timeline.h"

#include <fmt/format.h>

#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>

#include "wren/error.h"
#include "wren/isa/isa.h"

namespace wren::runtime {

void Timeline::SetProgram(const compiler::Program* program, uint32_t first) {
  program_ = program;
  first_ = first;
}

void Timeline::OnIssue(sim::Engine engine, uint32_t index, const uint8_t* command) {
  isa::Bytes bytes;
  std::memcpy(bytes.data(), command, bytes.size());
  Event event{engine, index, rtl_->cycle(), 0, {}, isa::Disassemble(bytes)};
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
  for (const Event& event : events_) {
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

// Four engines side by side, without hardware: runs a program in a random order that the machine
// could choose.
//
// As docs/spec-notes.md ("Ordering and semaphores") says: commands are dispatched in program order
// into one queue per engine; an engine takes its commands in order, each when both its waits hold;
// GTA commands without `overlap` start when the GTA is empty, others when it has at most one;
// commands retire in order, and then their posts take effect. LD and ST have several commands under
// way at once, the GTA two, the MXE one. A command takes effect all at once, at its issue or at its
// retirement, which one is drawn per command: a reader that retires late and a writer that acts
// early meet in the wrong order unless a semaphore holds them.
#pragma once

#include <array>
#include <cstring>
#include <deque>
#include <random>
#include <string>
#include <vector>

#include "wren/compiler/emitter.h"
#include "wren/isa/isa.h"
#include "wren/isa/model.h"

namespace wren::compiler::test {

// All memories of a model, to put back and to compare.
struct Memories {
  std::vector<uint8_t> ab, ab_scale, wb, wb_scale, vm, l2, lut, ext;
  std::vector<uint32_t> acc;

  static Memories Of(isa::Model& m, isa::FlatMemory& ext) {
    return {m.ab(), m.ab_scale(), m.wb(),      m.wb_scale(), m.vm(),
            m.l2(), m.lut(),      ext.bytes(), m.acc()};
  }
  void PutInto(isa::Model* m, isa::FlatMemory* e) const {
    m->ab() = ab, m->ab_scale() = ab_scale, m->wb() = wb, m->wb_scale() = wb_scale;
    m->vm() = vm, m->l2() = l2, m->lut() = lut, m->acc() = acc, e->bytes() = ext;
  }
  // The first difference, or "".
  std::string Difference(const Memories& other) const {
    std::string found;
    const auto look = [&](const char* name, const auto& a, const auto& b) {
      for (size_t i = 0; found.empty() && i < a.size(); ++i) {
        if (a[i] != b[i]) found = std::string(name) + "[" + std::to_string(i) + "]";
      }
    };
    look("ab", ab, other.ab), look("ab_scale", ab_scale, other.ab_scale);
    look("wb", wb, other.wb), look("wb_scale", wb_scale, other.wb_scale);
    look("vm", vm, other.vm), look("acc", acc, other.acc), look("lut", lut, other.lut);
    look("l2", l2, other.l2), look("ext", ext, other.ext);
    return found;
  }
};

struct Interleaving {
  std::string error;  // deadlock, semaphore overflow, fault; "" when the program ran to its end
  std::array<int, isa::kSemaphores> left{};     // semaphores at the end
  std::array<int, isa::kSemaphores> largest{};  // the most each one held
  int most_under_way = 0;                       // commands of all engines at once
};

// Runs `program` on `model` in an order drawn from `random`. With `execute` false only the order is
// played.
inline Interleaving Interleave(const Program& program, isa::Model* model, std::mt19937_64* random,
                               bool execute = true) {
  constexpr int kDepth[kEngines] = {1, 4, 4, 1, 2};
  struct UnderWay {
    size_t index;
    bool at_retire;
  };
  Interleaving result;
  std::array<int, isa::kSemaphores> semaphores{};
  std::deque<size_t> queues[kEngines];
  std::deque<UnderWay> under_way[kEngines];
  std::vector<isa::Command> commands;
  commands.reserve(program.commands.size());
  for (const CommandBytes& bytes : program.commands) commands.push_back(isa::Decode(bytes));

  // Each run has its own character: deep or shallow queues, engines of different speed, early or
  // late effects.
  const size_t queue_depth = size_t{1} << (*random)() % 7;
  std::array<unsigned, 2 * kEngines + 1> weight{};
  for (unsigned& w : weight) w = 1u << (*random)() % 6;
  const unsigned late_in_8 = static_cast<unsigned>((*random)() % 9);

  size_t next = 0, retired = 0;
  const auto act = [&](size_t index) {
    if (!execute || !result.error.empty()) return;
    const isa::Status status = model->Execute(program.commands[index].data());
    if (!status.ok()) result.error = "command " + std::to_string(index) + ": " + status.ToString();
  };
  const auto can_issue = [&](int e) {
    if (queues[e].empty() || static_cast<int>(under_way[e].size()) >= kDepth[e]) return false;
    const size_t index = queues[e].front();
    const isa::Header& h = isa::HeaderOf(commands[index]);
    std::array<uint32_t, isa::kSemaphores> need{};
    need[h.wait0_sem] += h.wait0_cnt;
    need[h.wait1_sem] += h.wait1_cnt;
    for (size_t s = 0; s < need.size(); ++s) {
      if (semaphores[s] < static_cast<int>(need[s])) return false;
    }
    const auto* gta = std::get_if<isa::GtaOp>(&commands[index]);
    return gta == nullptr || gta->overlap != 0 || under_way[kGta].empty();
  };
  while (retired < program.commands.size() && result.error.empty()) {
    // Choices: dispatch, or issue or retire on one of the engines. A fence is dispatched when all
    // before it have retired.
    std::array<bool, 2 * kEngines + 1> possible{};
    if (next < commands.size()) {
      const auto engine = static_cast<size_t>(isa::EngineOf(commands[next]));
      const bool ctl = engine == kCtl;
      const bool fence = std::holds_alternative<isa::CtlFence>(commands[next]);
      possible[0] = ctl ? (!fence || retired == next) : queues[engine].size() < queue_depth;
    }
    unsigned total = possible[0] ? weight[0] : 0;
    for (int e = kLd; e < kEngines; ++e) {
      const auto i = static_cast<size_t>(e);
      possible[2 * i] = can_issue(e);
      possible[2 * i + 1] = !under_way[e].empty();
      total +=
          (possible[2 * i] ? weight[2 * i] : 0) + (possible[2 * i + 1] ? weight[2 * i + 1] : 0);
    }
    if (total == 0) {
      result.error = "deadlock after " + std::to_string(retired) + " commands";
      break;
    }
    unsigned draw = static_cast<unsigned>((*random)() % total);
    size_t choice = 0;
    for (; !possible[choice] || draw >= weight[choice]; ++choice)
      draw -= possible[choice] ? weight[choice] : 0;

    const auto post = [&](size_t index) {
      const isa::Header& h = isa::HeaderOf(commands[index]);
      for (const auto& [sem, cnt] :
           {std::pair{h.post0_sem, h.post0_cnt}, {h.post1_sem, h.post1_cnt}}) {
        semaphores[sem] += static_cast<int>(cnt);
        result.largest[sem] = std::max(result.largest[sem], semaphores[sem]);
        if (semaphores[sem] > static_cast<int>(isa::kMaxSemaphore))
          result.error = "semaphore " + std::to_string(sem) + " overflows";
      }
      ++retired;
    };
    if (choice == 0) {
      const auto engine = static_cast<int>(isa::EngineOf(commands[next]));
      if (engine == kCtl) {
        post(next);
      } else {
        queues[engine].push_back(next);
      }
      ++next;
    } else if (choice % 2 == 0) {
      const size_t e = choice / 2, index = queues[e].front();
      queues[e].pop_front();
      const isa::Header& h = isa::HeaderOf(commands[index]);
      semaphores[h.wait0_sem] -= static_cast<int>(h.wait0_cnt);
      semaphores[h.wait1_sem] -= static_cast<int>(h.wait1_cnt);
      const bool late = (*random)() % 8 < late_in_8;
      under_way[e].push_back({index, late});
      if (!late) act(index);
      int busy = 0;
      for (const auto& list : under_way) busy += static_cast<int>(list.size());
      result.most_under_way = std::max(result.most_under_way, busy);
    } else {
      const size_t e = choice / 2;
      const UnderWay command = under_way[e].front();
      under_way[e].pop_front();
      if (command.at_retire) act(command.index);
      post(command.index);
    }
  }
  result.left = semaphores;
  return result;
}

}  // namespace wren::compiler::test

// Emitter: turns a sequence of commands into a program with its synchronisation.
//
// The caller emits commands in an order that would be right if each ran to its end before the next
// began. The emitter works out from the commands' own fields which bytes each one reads and writes,
// and adds the semaphore waits and posts (and the GTA's `overlap` bit) that keep exactly the needed
// order while the four engines run side by side.
//
// How: every memory is a map of intervals with the last writer and the readers since. A command
// depends on the writers of what it reads and on the readers and writers of what it writes. For
// each pair of engines there is one semaphore that counts tokens: engines are in order, so the n-th
// post meets the n-th wait. Vector clocks drop the waits that earlier waits already imply. A
// semaphore that could come near its largest value (a producer far ahead of its consumer) is kept
// low by a fence. A strided operand counts as its separate runs, or, when
// these are many, as the interval from its first to its last byte: never too little.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "wren/isa/isa.h"
#include "wren/isa/model.h"

namespace wren::compiler {

using CommandBytes = std::array<uint8_t, 64>;

// Engines, numbered as in spec/isa.yaml.
enum Engine : int { kCtl = 0, kLd = 1, kSt = 2, kMxe = 3, kGta = 4, kEngines = 5 };

// What a command writes, in the words of the model: its result's element (0, 0) is element (row,
// col) of `tensor`.
struct Label {
  std::string tensor;
  int row = 0;
  int col = 0;
};

// A command that says where in a sequence the program works: make(by) is what stands in its place
// when the program works `by` positions later (earlier when negative), but for synchronisation.
struct Moving {
  int index;
  std::function<std::pair<CommandBytes, Label>(int by)> make;
};

struct Program {
  std::vector<CommandBytes> commands;
  std::vector<Label> labels;   // one per command; the command's tag is its index here
  std::vector<Moving> moving;  // few, or none

  const uint8_t* bytes() const { return commands.empty() ? nullptr : commands[0].data(); }
};

// The memories whose order the emitter keeps. AB in words, WB in sets, ACC in words, the others in
// bytes.
enum class Region : uint8_t { kExt, kL2, kAb, kAbScale, kWb, kWbScale, kVm, kAcc, kLut };

// Puts make(by) in the place of each moving command and keeps the synchronisation. That is right as
// long as the commands overlap each other in the same way as before: it is the caller that knows.
void Move(Program* program, int by);

struct Access {
  Region region;
  uint64_t begin;
  uint64_t end;
  bool write;
};

// Everything that `command` reads and writes on a machine of shape `config`.
std::vector<Access> AccessesOf(const CommandBytes& command, const isa::Config& config);

class Emitter {
 public:
  // `scratch_vm`: 16 bytes of VM, `scratch_ext`: 16 bytes of external memory that nothing else uses
  // (for the rare command that only synchronises).
  Emitter(const isa::Config& config, uint32_t scratch_vm, uint64_t scratch_ext);

  // External bytes [begin, end) that no command writes: reads of them need no tracking.
  void SetConstant(uint64_t begin, uint64_t end);

  // Appends a command (of any struct of isa.h); returns its index.
  template <class Command>
  int Emit(const Command& command, Label label = {}) {
    return Append(isa::Encode(command), std::move(label));
  }

  // Appends make(0), a pair of a command and its label, and lets the program move.
  template <class Make>
  int EmitMoving(Make make) {
    const auto bytes = [make](int by) {
      auto [command, label] = make(by);
      return std::pair<CommandBytes, Label>(isa::Encode(command), std::move(label));
    };
    auto [command, label] = bytes(0);
    const int index = Append(command, std::move(label));
    program_.moving.push_back({index, bytes});
    return index;
  }

  // Ends the program with a fence that raises the interrupt. The emitter is then empty again.
  Program Finish();

 private:
  static constexpr int kWaits = 2;
  struct Node {
    uint64_t end = 0;
    int writer = -1;
    std::array<int, kEngines> readers{-1, -1, -1, -1, -1};
  };
  using Clock = std::array<int, kEngines>;  // per engine: the newest command known to have retired

  // Appends with what it must wait for: per engine the newest command that has to retire first.
  int Append(CommandBytes bytes, Label label);
  int AppendAfter(const CommandBytes& bytes, Label label, const Clock& needs);
  Clock NeedsOf(const std::vector<Access>& accesses) const;
  bool IsConstant(const Access& access) const;
  static void Split(std::map<uint64_t, Node>* nodes, uint64_t at);
  void Track(const Access& access, int index, int engine);
  // The first command of `producer`'s engine from `producer` on with a free post, or -1.
  int PosterFrom(int producer) const;
  void Link(int poster, int consumer, int wait_slot);
  // Whether one more post by `poster` to `engine` could pile up too many that have not been taken.
  bool Crowded(int poster, int engine) const;
  void AppendFence();
  static CommandBytes DummyBytes(int engine, uint32_t scratch_vm, uint64_t scratch_ext);

  isa::Config config_;
  uint32_t scratch_vm_;
  uint64_t scratch_ext_;
  uint64_t constant_begin_ = 0;
  uint64_t constant_end_ = 0;
  Program program_;
  std::vector<int> engine_of_;
  std::vector<Clock> known_at_;      // what was known to have retired when the command issues
  Clock known_of_engine_[kEngines];  // the same, newest per engine
  std::array<std::vector<int>, 16>
      waits_;          // per semaphore: the commands that wait for it, since the last fence
  int last_gta_ = -1;  // the newest GTA command, since the last fence
  std::array<std::map<uint64_t, Node>, 9> nodes_;  // per Region
};

}  // namespace wren::compiler

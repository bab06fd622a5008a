// TextModel: a language model that takes tokens and gives logits, on any backend.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "wren/compiler/language_model.h"
#include "wren/formats/model_file.h"
#include "wren/golden/golden.h"
#include "wren/runtime/device.h"

namespace wren::runtime {

class TextModel {
 public:
  virtual ~TextModel() = default;
  virtual int context() const = 0;
  // Forgets everything.
  virtual void Reset() = 0;
  // Appends tokens (several at once: prefill) and returns the logits {vocab} after the last one, or
  // with `all` those after each, {tokens, vocab}. Throws wren::Error when the context is full or a
  // token is outside the vocabulary.
  virtual std::vector<float> Append(const std::vector<int>& tokens, bool all) = 0;
  // Tokens so far.
  int position() const { return position_; }

 protected:
  int position_ = 0;
};

// FP32, no hardware.
class GoldenText : public TextModel {
 public:
  explicit GoldenText(const ModelFile& model);
  int context() const override { return network_.context; }
  void Reset() override;
  std::vector<float> Append(const std::vector<int>& tokens, bool all) override;
  golden::Golden& golden() { return golden_; }

 private:
  golden::Network network_;
  golden::Golden golden_;
};

// A compiled model on a device. The device's external memory must reach the plan's ext_end().
class DeviceText : public TextModel {
 public:
  // Writes the model's image and runs its set-up program.
  DeviceText(std::unique_ptr<compiler::LanguageModel> plan, Device* device);
  int context() const override { return plan_->context(); }
  void Reset() override { position_ = 0; }
  std::vector<float> Append(const std::vector<int>& tokens, bool all) override;
  const compiler::LanguageModel& plan() const { return *plan_; }
  // Multiply-accumulates that the mathematics of all steps so far needs.
  uint64_t useful_macs() const { return useful_macs_; }
  // Steps that raised NUMERIC and so ran again with the exact attention (docs/decisions/0005).
  int exact_steps() const { return exact_steps_; }
  // Called with the position and program of each step before it runs.
  void set_step_hook(std::function<void(int, const compiler::Program&)> hook) {
    step_hook_ = std::move(hook);
  }

 private:
  std::unique_ptr<compiler::LanguageModel> plan_;
  Device* device_;
  uint64_t useful_macs_ = 0;
  int exact_steps_ = 0;
  std::function<void(int, const compiler::Program&)> step_hook_;
};

// exp of the mean negative log probability of tokens[1..] given all before them. Resets the model.
// `progress` (may be empty) is called with the tokens done.
double Perplexity(TextModel* model, const std::vector<int>& tokens,
                  const std::function<void(size_t)>& progress = {});

}  // namespace wren::runtime

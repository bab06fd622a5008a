// EncoderModel: an encoder that takes sentences or images and gives vectors, on any backend.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "wren/compiler/encoder.h"
#include "wren/formats/model_file.h"
#include "wren/golden/encoder.h"
#include "wren/runtime/device.h"

namespace wren::runtime {

// One input: text has tokens, an image patches {patches, patch_values} (wren/formats/image.h).
struct EncoderInput {
  std::vector<int> tokens;
  std::vector<float> patches;
};

class EncoderModel {
 public:
  virtual ~EncoderModel() = default;
  // Inputs that one Run takes best.
  virtual int batch() const = 0;
  // One vector per input: logits, or an embedding of length 1. Throws wren::Error when an input
  // does not fit the model.
  virtual std::vector<std::vector<float>> Run(const std::vector<EncoderInput>& inputs) = 0;
};

// FP32, no hardware.
class GoldenEncoderModel : public EncoderModel {
 public:
  explicit GoldenEncoderModel(const ModelFile& model);
  int batch() const override { return 1; }
  std::vector<std::vector<float>> Run(const std::vector<EncoderInput>& inputs) override;
  golden::GoldenEncoder& golden() { return golden_; }

 private:
  golden::EncoderNetwork network_;
  golden::GoldenEncoder golden_;
};

// A compiled encoder on a device. The device's external memory must reach the plan's ext_end().
class DeviceEncoder : public EncoderModel {
 public:
  // Writes the model's image and runs its set-up program.
  DeviceEncoder(const ModelFile& model, std::unique_ptr<compiler::Encoder> plan, Device* device);
  int batch() const override { return plan_->max_batch(); }
  std::vector<std::vector<float>> Run(const std::vector<EncoderInput>& inputs) override;
  const compiler::Encoder& plan() const { return *plan_; }
  // Multiply-accumulates that the mathematics of all inputs so far needs.
  uint64_t useful_macs() const { return useful_macs_; }

 private:
  void RunBatch(const EncoderInput* inputs, size_t count, std::vector<std::vector<float>>* out);

  Hyperparameters hp_;
  std::unique_ptr<compiler::Encoder> plan_;
  Device* device_;
  uint64_t useful_macs_ = 0;
  std::map<std::vector<int>, compiler::Program> programs_;  // by the lengths of a batch
};

}  // namespace wren::runtime

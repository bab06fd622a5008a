#include "wren/runtime/encoder_model.h"

#include <fmt/format.h>

#include <algorithm>

#include "wren/error.h"
#include "wren/formats/to_golden.h"

namespace wren::runtime {
namespace {

constexpr size_t kMaxPrograms = 16;  // sentences come in many lengths

// Throws unless the input is one of the model's.
void Check(const Hyperparameters& hp, const EncoderInput& input, int max_tokens) {
  if (hp.image_size > 0) {
    const auto values = static_cast<size_t>(hp.patches()) * static_cast<size_t>(hp.patch_values());
    if (input.patches.size() != values) {
      throw Error(fmt::format("an image has {} values in patches, the model takes {}",
                              input.patches.size(), values));
    }
    return;
  }
  if (input.tokens.empty() || input.tokens.size() > static_cast<size_t>(max_tokens)) {
    throw Error(fmt::format("a text of {} tokens does not fit an encoder of {}; shorten it",
                            input.tokens.size(), max_tokens));
  }
  for (const int token : input.tokens) {
    if (token < 0 || token >= hp.vocab)
      throw Error(fmt::format("token {} is outside the vocabulary of {}", token, hp.vocab));
  }
}

}  // namespace

GoldenEncoderModel::GoldenEncoderModel(const ModelFile& model)
    : network_(golden::ToGoldenEncoder(model)), golden_(network_) {}

std::vector<std::vector<float>> GoldenEncoderModel::Run(const std::vector<EncoderInput>& inputs) {
  std::vector<std::vector<float>> out;
  for (const EncoderInput& input : inputs) {
    try {
      out.push_back(network_.vocab > 0 ? golden_.EncodeTokens(input.tokens)
                                       : golden_.EncodePatches(input.patches));
    } catch (const std::out_of_range& error) {
      throw Error(error.what());
    }
  }
  return out;
}

DeviceEncoder::DeviceEncoder(const ModelFile& model, std::unique_ptr<compiler::Encoder> plan,
                             Device* device)
    : hp_(model.hp), plan_(std::move(plan)), device_(device) {
  for (const compiler::Image& image : plan_->images())
    device_->Write(image.address, image.bytes.data(), image.bytes.size());
  device_->Run(plan_->BuildSetup());
}

std::vector<std::vector<float>> DeviceEncoder::Run(const std::vector<EncoderInput>& inputs) {
  for (const EncoderInput& input : inputs) Check(hp_, input, plan_->max_tokens());
  std::vector<std::vector<float>> out;
  const auto batch = static_cast<size_t>(plan_->max_batch());
  for (size_t done = 0; done < inputs.size(); done += batch)
    RunBatch(&inputs[done], std::min(batch, inputs.size() - done), &out);
  return out;
}

void DeviceEncoder::RunBatch(const EncoderInput* inputs, size_t count,
                             std::vector<std::vector<float>>* out) {
  std::vector<int> lengths;
  for (size_t i = 0; i < count; ++i) {
    const int index = static_cast<int>(i);
    if (hp_.image_size > 0) {
      lengths.push_back(hp_.context);
      const auto stride = static_cast<size_t>(plan_->patch_stride()) / 4,
                 values = static_cast<size_t>(hp_.patch_values());
      const auto cls = static_cast<size_t>(hp_.context - hp_.patches());  // rows of zeros before
      std::vector<float> rows(static_cast<size_t>(hp_.context) * stride);
      for (size_t p = 0; p < static_cast<size_t>(hp_.patches()); ++p) {
        std::copy_n(&inputs[i].patches[p * values], values, &rows[(cls + p) * stride]);
      }
      device_->Write(plan_->patches_address(index), rows.data(), rows.size() * 4);
    } else {
      lengths.push_back(static_cast<int>(inputs[i].tokens.size()));
      const std::vector<uint32_t> ids(inputs[i].tokens.begin(), inputs[i].tokens.end());
      device_->Write(plan_->tokens_address(index), ids.data(), ids.size() * 4);
    }
  }
  auto program = programs_.find(lengths);
  if (program == programs_.end()) {
    if (programs_.size() == kMaxPrograms) programs_.clear();
    program = programs_.emplace(lengths, plan_->BuildStep(lengths)).first;
  }
  device_->Run(program->second);
  for (size_t i = 0; i < count; ++i) {
    std::vector<float> result(static_cast<size_t>(plan_->result_size()));
    device_->Read(plan_->result_address(static_cast<int>(i)), result.data(), result.size() * 4);
    out->push_back(std::move(result));
  }
  useful_macs_ += plan_->UsefulMacs(lengths);
}

}  // namespace wren::runtime

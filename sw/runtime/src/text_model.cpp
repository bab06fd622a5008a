#include "wren/runtime/text_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "wren/error.h"
#include "wren/formats/to_golden.h"

namespace wren::runtime {
namespace {

void CheckRoom(const TextModel& model, const std::vector<int>& tokens, int vocab) {
  if (tokens.empty()) throw Error("no token to append; a prompt needs at least one");
  if (model.position() + static_cast<int>(tokens.size()) > model.context()) {
    throw Error(fmt::format("{} tokens do not fit the context of {} after {}; ask for fewer",
                            tokens.size(), model.context(), model.position()));
  }
  for (const int token : tokens) {
    if (token < 0 || token >= vocab)
      throw Error(fmt::format("token {} is outside the vocabulary of {}", token, vocab));
  }
}

}  // namespace

GoldenText::GoldenText(const ModelFile& model)
    : network_(golden::ToGolden(model)), golden_(network_) {}

void GoldenText::Reset() {
  golden_.Reset();
  position_ = 0;
}

std::vector<float> GoldenText::Append(const std::vector<int>& tokens, bool all) {
  CheckRoom(*this, tokens, network_.vocab);
  std::vector<float> result;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const std::vector<float>& logits = golden_.Forward(tokens[i], position_++);
    if (all || i + 1 == tokens.size()) result.insert(result.end(), logits.begin(), logits.end());
  }
  return result;
}

DeviceText::DeviceText(std::unique_ptr<compiler::LanguageModel> plan, Device* device)
    : plan_(std::move(plan)), device_(device) {
  for (const compiler::Image& image : plan_->images())
    device_->Write(image.address, image.bytes.data(), image.bytes.size());
  device_->Run(plan_->BuildSetup());
}

std::vector<float> DeviceText::Append(const std::vector<int>& tokens, bool all) {
  CheckRoom(*this, tokens, plan_->vocab());
  const auto vocab = static_cast<size_t>(plan_->vocab());
  std::vector<float> result;
  for (size_t done = 0; done < tokens.size();) {
    const int count = std::min(plan_->max_rows(), static_cast<int>(tokens.size() - done));
    const bool last = done + static_cast<size_t>(count) == tokens.size();
    const std::vector<uint32_t> ids(tokens.begin() + static_cast<std::ptrdiff_t>(done),
                                    tokens.begin() + static_cast<std::ptrdiff_t>(done) + count);
    device_->Write(plan_->tokens_address(), ids.data(), ids.size() * 4);
    const compiler::Program& program = plan_->Step(position_, count, all);
    if (step_hook_) step_hook_(position_, program);
    device_->TakeNumeric();
    device_->Run(program);
    if (device_->TakeNumeric()) {  // perhaps scores that the fast attention cannot hold
      ++exact_steps_;
      const compiler::Program exact = plan_->BuildStep(position_, count, all, true);
      if (step_hook_) step_hook_(position_, exact);
      device_->Run(exact);
    }
    if (all || last) {
      const int rows = all ? count : 1;
      for (int i = 0; i < rows; ++i) {
        result.resize(result.size() + vocab);
        device_->Read(plan_->logits_address(i), result.data() + result.size() - vocab, vocab * 4);
      }
    }
    useful_macs_ += plan_->UsefulMacs(position_, count, all);
    position_ += count;
    done += static_cast<size_t>(count);
  }
  return result;
}

double Perplexity(TextModel* model, const std::vector<int>& tokens,
                  const std::function<void(size_t)>& progress) {
  if (tokens.size() < 2) throw Error("a text to score needs at least two tokens");
  constexpr size_t kChunk = 16;
  model->Reset();
  double loss = 0;
  for (size_t done = 0; done + 1 < tokens.size();) {
    const size_t count = std::min(kChunk, tokens.size() - 1 - done);
    const std::vector<int> part(tokens.begin() + static_cast<std::ptrdiff_t>(done),
                                tokens.begin() + static_cast<std::ptrdiff_t>(done + count));
    const std::vector<float> logits = model->Append(part, true);
    const size_t vocab = logits.size() / count;
    for (size_t i = 0; i < count; ++i) {
      const float* row = &logits[i * vocab];
      const double top = *std::max_element(row, row + vocab);
      double sum = 0;
      for (size_t v = 0; v < vocab; ++v) sum += std::exp(row[v] - top);
      loss -= row[static_cast<size_t>(tokens[done + i + 1])] - top - std::log(sum);
    }
    done += count;
    if (progress) progress(done);
  }
  return std::exp(loss / static_cast<double>(tokens.size() - 1));
}

}  // namespace wren::runtime

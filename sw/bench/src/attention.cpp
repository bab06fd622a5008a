// Lists attention, attention_short: operands start in external memory (LPDDR5 where --dram does not
// say otherwise), the FP16 result goes back there. MACs that the
// causal mask removes do not count.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

#include "attention_run.h"
#include "wren/error.h"
#include "wren/fp.h"

namespace wren::bench {
namespace {

constexpr uint64_t kImage = 0x800000;
constexpr int kSampledRows = 97;  // every so many rows are compared
constexpr double kBound = 2e-3;   // of every element where all probabilities are two numbers

size_t Z(int n) { return static_cast<size_t>(n); }

}  // namespace

Options AttentionOptions(const Options& o) {
  Options r = o;
  if (r.dram == "fixed") r.dram = "lpddr5";
  return r;
}

AttentionShape BusyAttention(const std::string& config) {
  if (config == "full") return {128, 512, 8, false};
  return {64, 128, 1, false};
}

AttentionRun::AttentionRun(const Options& o, const AttentionShape& shape)
    : config_(o.shape()), shape_(shape) {
  problem_.heads = shape.heads;
  problem_.rows = problem_.keys = shape.rows;
  problem_.head = shape.head;
  problem_.causal = shape.causal;
  problem_.two_below = shape.two_below;
  problem_.base = kImage;
  compiler::PlaceAttention(&problem_, config_);
  runtime::RtlDeviceOptions options;
  options.lockstep = false;
  options.timeline = !o.timeline.empty();
  options.rtl.seed = o.seed;
  options.rtl.host_arithmetic = o.host_arithmetic();
  options.rtl.memory.bytes = problem_.end;
  options.rtl.memory.kind = sim::ParseMemoryKind(o.dram);
  options.test = fmt::format("bench.{}", shape.Name());
  device_ = std::make_unique<runtime::RtlDevice>(sim::ParseConfig(o.config), problem_.end, options);
  const compiler::AttentionTask& t = problem_.task;
  image_.resize(problem_.end - kImage);
  std::mt19937_64 random(o.seed);
  std::normal_distribution<float> normal;
  // Blocks in the order they lie in, so rows are scattered as the layouts say; any order is as
  // random.
  const auto fill = [&](uint64_t data, uint64_t scale, size_t count, size_t block) {
    std::vector<float> x(block);
    for (size_t b = 0; b < count / block; ++b) {
      float amax = 0;
      for (float& v : x) {
        v = normal(random);
        amax = std::max(amax, std::fabs(v));
      }
      const uint16_t d = fp::F32ToF16(amax / 127);
      const float unit = fp::F16ToF32(d);
      for (size_t i = 0; i < block; ++i) {
        const float q = std::clamp(std::round(x[i] / unit), -127.0f, 127.0f);
        image_[data - kImage + b * block + i] = static_cast<uint8_t>(static_cast<int8_t>(q));
      }
      std::memcpy(&image_[scale - kImage + 2 * b], &d, 2);
    }
  };
  const size_t all = Z(shape.heads) * Z(t.capacity) * Z(shape.head);
  fill(t.q, t.q_scale, all, 32);
  fill(t.k, t.k_scale, all, 32);
  fill(t.v, t.v_scale, all, Z(shape.head));
  const std::vector<uint8_t> tables = compiler::AttentionConstants();
  std::memcpy(&image_[problem_.tables - kImage], tables.data(), tables.size());
  device_->Write(kImage, image_.data(), image_.size());
  program_ = compiler::BuildAttention(problem_, config_);
}

Cost AttentionRun::Run() {
  return Measure(*device_, [&] { device_->Run(program_); });
}

double AttentionRun::Verify() {
  const compiler::AttentionTask& t = problem_.task;
  const size_t head = Z(t.head), p = head / 32, lanes = config_.rows, cols = config_.cols;
  const size_t groups = Z(t.rows) / lanes;  // shapes are multiples of it
  const auto scale = [&](uint64_t at) {
    uint16_t d;
    std::memcpy(&d, &image_[at - kImage], 2);
    return static_cast<double>(fp::F16ToF32(d));
  };
  const auto value = [&](uint64_t at) {
    return static_cast<double>(static_cast<int8_t>(image_[at - kImage]));
  };
  std::vector<uint16_t> got(head);
  double largest = 0, squares = 0;
  size_t n = 0;
  for (size_t row = 0; row < Z(t.heads) * Z(t.rows); row += kSampledRows) {
    const size_t h = row / Z(t.rows), r = row % Z(t.rows);
    const size_t seen = t.causal ? r + 1 : Z(t.keys);
    std::vector<double> q(head), score(seen), want(head);
    const auto block_of_q = [&](size_t b) {
      return ((h * groups + r / lanes) * p + b) * lanes + r % lanes;
    };
    for (size_t i = 0; i < head; ++i)
      q[i] =
          value(t.q + block_of_q(i / 32) * 32 + i % 32) * scale(t.q_scale + block_of_q(i / 32) * 2);
    double most = -1e300, sum = 0;
    for (size_t c = 0; c < seen; ++c) {
      double dot = 0;
      for (size_t b = 0; b < p; ++b) {
        const size_t block = h * Z(t.capacity) * p + (c / cols * p + b) * cols + c % cols;
        const double d = scale(t.k_scale + block * 2);
        for (size_t i = 0; i < 32; ++i) dot += q[b * 32 + i] * value(t.k + block * 32 + i) * d;
      }
      score[c] = dot / std::sqrt(static_cast<double>(head));
      most = std::max(most, score[c]);
    }
    for (double& x : score) sum += x = std::exp(x - most);
    for (size_t c = 0; c < seen; ++c) {
      const size_t key = h * Z(t.capacity) + c;
      const double weight = score[c] / sum * scale(t.v_scale + key * 2);
      for (size_t i = 0; i < head; ++i) want[i] += weight * value(t.v + key * head + i);
    }
    device_->Read(t.out + row * head * 2, got.data(), head * 2);
    for (size_t i = 0; i < head; ++i, ++n) {
      const auto value = static_cast<double>(fp::F16ToF32(got[i]));
      const double error = std::fabs(value - want[i]);
      largest = std::max(largest, error);
      squares += error * error;
      if (!(error < (shape_.two_below > shape_.rows ? kBound : 5e-2))) {
        throw Error(fmt::format("{}: head {} row {} column {} is {}, in double precision {}",
                                shape_.Name(), h, r, i, value, want[i]));
      }
    }
  }
  rms_ = std::sqrt(squares / static_cast<double>(n));
  return largest;
}

uint64_t AttentionRun::macs() const {
  const uint64_t rows = Z(shape_.rows);
  const uint64_t pairs = shape_.causal ? rows * (rows + 1) / 2 : rows * rows;
  return Z(shape_.heads) * pairs * Z(shape_.head) * 2;
}

Traffic AttentionRun::traffic(const Options& o) const {
  const uint64_t values = Z(shape_.heads) * Z(shape_.rows) * Z(shape_.head);
  // Q and K with a scale per 32, V with one per key.
  return Traffic::Ext(config_, o.dram,
                      values * 2 / 16 * 17 + values + Z(shape_.heads) * Z(shape_.rows) * 2,
                      values * 2);
}

namespace {

void RunShapes(const Options& options, const std::vector<AttentionShape>& shapes,
               const Report& report) {
  const Options o = AttentionOptions(options);
  for (const AttentionShape& shape : shapes) {
    if (shape.Name().find(o.only) == std::string::npos) continue;
    AttentionRun run(o, shape);
    const Cost cost = run.Run();
    WriteTimeline(o, run.device(), shape.Name());
    const double error = run.Verify();
    nlohmann::json r = Result(o, shape.Name(), run.macs(), run.traffic(o), cost);
    r["verified"] = true;
    r["dram"] = o.dram;
    r["largest_error"] = error;
    r["rms_error"] = run.rms();
    report(r);
  }
}

}  // namespace

void Attention(const Options& o, const Report& report) {
  std::vector<AttentionShape> shapes;
  for (const int rows : {128, 512, 2048}) {
    for (const int head : {64, 128}) {
      for (const int heads : {1, 8}) {
        for (const bool causal : {false, true}) {
          shapes.push_back({head, rows, heads, causal, 0});
          const int some = compiler::DefaultTwoBelow(rows, causal);
          if (some > 0 && some < rows) shapes.push_back({head, rows, heads, causal, some});
          shapes.push_back({head, rows, heads, causal, rows + 1});
        }
      }
    }
  }
  RunShapes(o, shapes, report);
}

void AttentionShort(const Options& o, const Report& report) {
  if (o.config == "full") {
    RunShapes(o,
              {{128, 512, 8, false},
               {128, 512, 8, true},
               {64, 512, 1, false},
               {64, 512, 1, true},
               {128, 512, 1, false, 513},
               {64, 512, 1, true, 513}},
              report);
  } else {
    RunShapes(o, {{64, 128, 1, false}, {64, 128, 1, true}, {64, 128, 1, true, 129}}, report);
  }
}

}  // namespace wren::bench

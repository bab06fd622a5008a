#include "rtl_registry.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <utility>

#include "wren/error.h"

namespace wren::sim {

namespace {

constexpr std::array<const char*, 3> kNames = {"nano", "small", "full"};

struct Registry {
  std::array<std::array<RtlFactory, 3>, kNames.size()> factory{};
};

Registry& TheRegistry() {
  static Registry registry;
  return registry;
}

RtlPins::Wrapper& TheWrapper() {
  static RtlPins::Wrapper wrapper;
  return wrapper;
}

}  // namespace

const char* ConfigName(Config config) { return kNames[static_cast<size_t>(config)]; }

Config ParseConfig(const std::string& name) {
  for (size_t i = 0; i < kNames.size(); ++i) {
    if (name == kNames[i]) return static_cast<Config>(i);
  }
  throw Error(fmt::format("configuration '{}' is not one of nano, small, full", name));
}

void RegisterRtl(Config config, RtlForm form, RtlFactory factory) {
  TheRegistry().factory[static_cast<size_t>(config)][static_cast<size_t>(form)] = factory;
}

std::unique_ptr<RtlPins> RtlPins::Create(Config config, const RtlOptions& given) {
  // The environment can ask any program for waves (scripts/waves.sh does).
  RtlOptions options = given;
  if (const char* file = std::getenv("WREN_TRACE_FILE");
      file != nullptr && options.trace_file.empty()) {
    options.trace_file = file;
    if (const char* from = std::getenv("WREN_TRACE_FROM"))
      options.trace_from = std::strtoull(from, nullptr, 10);
    if (const char* to = std::getenv("WREN_TRACE_TO"))
      options.trace_to = std::strtoull(to, nullptr, 10);
  }
  const bool trace = !options.trace_file.empty();
  const auto& factories = TheRegistry().factory[static_cast<size_t>(config)];
  const auto of = [&](RtlForm form) { return factories[static_cast<size_t>(form)]; };
  const RtlFactory factory = trace                     ? of(RtlForm::kTrace)
                             : options.host_arithmetic ? of(RtlForm::kHost)
                             : of(RtlForm::kPlain)     ? of(RtlForm::kPlain)
                                                       : of(RtlForm::kTrace);
  if (factory == nullptr) {
    const char* name = ConfigName(config);
    const bool host = options.host_arithmetic && !trace;
    throw Error(fmt::format("this program does not contain the RTL of '{}'{}; link wren_rtl_{}{}",
                            name,
                            trace  ? " with waves"
                            : host ? " with the host's arithmetic"
                                   : "",
                            name,
                            trace  ? "_trace"
                            : host ? "_host"
                                   : ""));
  }
  auto pins = factory(options);
  return TheWrapper() ? TheWrapper()(std::move(pins)) : std::move(pins);
}

void RtlPins::Wrap(Wrapper wrapper) { TheWrapper() = std::move(wrapper); }

}  // namespace wren::sim

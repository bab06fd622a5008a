#include "options.h"

#include <fmt/format.h>

#include <boost/program_options.hpp>
#include <cmath>
#include <fstream>
#include <sstream>

namespace wren::platform {
namespace {

namespace po = boost::program_options;

constexpr const char* kConfigFile = "config-file";

// A value with one of a list of units; throws UsageError.
struct Unit {
  const char* name;
  double factor;
};

double Parse(const std::string& option, const std::string& text, const std::vector<Unit>& units,
             const char* example) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  const std::string unit = end;
  if (end != text.c_str() && std::isfinite(value) && value >= 0) {
    for (const Unit& u : units) {
      if (unit == u.name) return value * u.factor;
    }
  }
  throw UsageError(
      fmt::format("option --{}: '{}' is not understood; write it like {}", option, text, example));
}

uint64_t Bytes(const std::string& option, const std::string& text) {
  return static_cast<uint64_t>(Parse(
      option, text,
      {{"", 1}, {"B", 1}, {"KiB", 1024}, {"MiB", 1024.0 * 1024}, {"GiB", 1024.0 * 1024 * 1024}},
      "65536, 128KiB, 4MiB or 1GiB"));
}

uint64_t Address(const std::string& option, const std::string& text) {
  size_t used = 0;
  uint64_t value = 0;
  try {
    value = std::stoull(text, &used, 0);
  } catch (const std::exception&) {
    used = 0;
  }
  if (used == 0 || used != text.size())
    throw UsageError(fmt::format("option --{}: '{}' is not an address", option, text));
  return value;
}

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, separator);) parts.push_back(part);
  return parts;
}

FaultOption Fault(const std::string& text) {
  const std::vector<std::string> parts = Split(text, ':');
  if (parts.size() == 3 && (parts[2] == "slverr" || parts[2] == "decerr")) {
    return {Address("memory.fault", parts[0]), Bytes("memory.fault", parts[1]),
            parts[2] == "slverr" ? sim::AxiResp::kSlverr : sim::AxiResp::kDecerr};
  }
  throw UsageError(fmt::format(
      "option --memory.fault: '{}' is not ADDRESS:BYTES:slverr or ADDRESS:BYTES:decerr", text));
}

LoadOption Load(const std::string& text) {
  const size_t at = text.rfind('@');
  if (at == std::string::npos || at == 0)
    throw UsageError(fmt::format("option --program.load: '{}' is not FILE@ADDRESS", text));
  return {text.substr(0, at), Address("program.load", text.substr(at + 1))};
}

DumpOption Dump(const std::string& text) {
  const size_t first = text.find(':'), second = text.find(':', first + 1);
  if (second == std::string::npos || second + 1 == text.size())
    throw UsageError(fmt::format("option --program.dump: '{}' is not ADDRESS:BYTES:FILE", text));
  return {Address("program.dump", text.substr(0, first)),
          Bytes("program.dump", text.substr(first + 1, second - first - 1)),
          text.substr(second + 1)};
}

template <class Value>
Value OneOf(const std::string& option, const std::string& text,
            const std::vector<std::pair<const char*, Value>>& choices) {
  std::string names;
  for (const auto& [name, value] : choices) {
    if (text == name) return value;
    names += names.empty() ? name : std::string(", ") + name;
  }
  throw UsageError(fmt::format("option --{}: '{}' is not one of {}", option, text, names));
}

int InRange(const std::string& option, int value, int least, int most) {
  if (value < least || value > most)
    throw UsageError(fmt::format("option --{}: {} is not in {} to {}", option, value, least, most));
  return value;
}

// Command-line options as they are declared; strings that need more than a number are parsed later.
struct Raw {
  std::string config, l2, period, wait, memory, kind, operands;
  std::vector<std::string> faults, loads, dumps;
};

po::options_description Declare(Options* o, Raw* raw) {
  const auto flag = [](bool* to) {
    return po::value<bool>(to)->default_value(false)->implicit_value(true)->value_name(
        "true|false");
  };
  const auto text = [](std::string* to, const char* value, const char* name) {
    return po::value<std::string>(to)->default_value(value)->value_name(name);
  };
  const auto number = [](int* to, int value) {
    return po::value<int>(to)->default_value(value)->value_name("N");
  };
  const auto list = [](std::vector<std::string>* to, const char* name) {
    return po::value<std::vector<std::string>>(to)->composing()->value_name(name);
  };

  po::options_description all("", 100, 60);
  po::options_description general("General", 100, 60);
  general.add_options()("help,h", "This text.")(
      kConfigFile, po::value<std::vector<std::string>>()->composing()->value_name("FILE"),
      "Read options from FILE, one 'name = value' a line, [dram] before 'kind = lpddr5' or "
      "'dram.kind = lpddr5'. Given twice: the later file wins. The command line wins over files.")(
      "config", text(&raw->config, "full", "NAME"), "Configuration of the RTL: nano, small, full.")(
      "workload", text(&o->workload, "gemm", "NAME"),
      "gemm: a matrix product; text: a language model writes; program: commands of a file.")(
      "seed", po::value<uint64_t>(&o->seed)->default_value(1)->value_name("N"),
      "Of operands, stalls and latencies.")(
      "json", text(&o->json, "", "FILE"),
      "Also write the result as JSON; - is standard output, instead of the text.")(
      "lockstep", flag(&o->lockstep),
      "Compare every architectural write with the instruction-set model.")(
      "plain", flag(&o->plain),
      "Run on the plain C++ bench instead of SystemC: the same cycles, no TLM figures.");
  po::options_description machine("Machine", 100, 60);
  machine.add_options()("clock.period", text(&raw->period, "1ns", "TIME"),
                        "Clock of the core and of its AXI ports, like 1ns, 1.25ns or 800ps.")(
      "l2.size", text(&raw->l2, "", "BYTES"),
      "The L2 that is expected, like 4MiB. It is a constant of the RTL's configuration: another "
      "size is an error.")("host.wait", text(&raw->wait, "irq", "HOW"),
                           "irq: the host sleeps until the interrupt; poll: it reads IRQ_STATUS.")(
      "host.poll-interval",
      po::value<uint64_t>(&o->poll_interval)->default_value(1000)->value_name("CYCLES"),
      "Cycles between two polls.");
  po::options_description memory("External memory", 100, 60);
  memory.add_options()("memory.size", text(&raw->memory, "", "BYTES"),
                       "Bytes from address 0, a multiple of 4KiB; DECERR beyond. Default: what the "
                       "workload needs; 1GiB for program.")(
      "memory.procedural", flag(&o->procedural),
      "Pages that nobody wrote read as a hash of the address instead of zeros.")(
      "memory.stall", number(&o->stall_percent, 0),
      "Chance in per cent that a channel of the AXI port stalls in a cycle.")(
      "memory.interleave", flag(&o->interleave), "Mix the beats of read bursts of different IDs.")(
      "memory.max-reads", number(&o->max_reads, 256), "Read bursts the port accepts at a time.")(
      "memory.max-writes", number(&o->max_writes, 256), "The same for writes.")(
      "memory.fault", list(&raw->faults, "ADDRESS:BYTES:RESPONSE"),
      "Accesses there answer slverr or decerr; may be given several times.")(
      "dram.kind", text(&raw->kind, "lpddr5", "NAME"),
      "fixed, ideal, lpddr5, hbm2e_307 or hbm2e_461 (docs/dram.md).")(
      "dram.latency", po::value<uint64_t>(&o->latency)->value_name("N"),
      "fixed: cycles from a read's address to its first beat (default 60). Others: nanoseconds of "
      "controller and PHY, both ways (default 20; ideal 59).")(
      "dram.latency-max", po::value<uint64_t>(&o->latency_max)->value_name("CYCLES"),
      "fixed: each burst draws its latency between dram.latency and this.");
  po::options_description workloads("Workloads", 100, 60);
  workloads.add_options()("gemm.m", number(&o->m, 128), "gemm: rows of the result.")(
      "gemm.n", number(&o->n, 128), "Its columns, a multiple of 32.")(
      "gemm.k", number(&o->k, 128), "Length of the sums, a multiple of 32.")(
      "gemm.operands", text(&raw->operands, "l2", "WHERE"),
      "l2 or ext: where operands and result are.")("text.model", text(&o->model, "", "FILE"),
                                                   "text: model file; default: the bundled one.")(
      "text.prompt", text(&o->prompt, "And the LORD said unto Moses,", "TEXT"),
      "Text to continue.")("text.tokens", number(&o->tokens, 8),
                           "Tokens to generate, the most likely each time.")(
      "program.file", text(&o->program, "", "FILE"),
      "program: commands as `wren asm` reads them, one a line; a fence that interrupts is added.")(
      "program.load", list(&raw->loads, "FILE@ADDRESS"),
      "A file's bytes go into external memory first; may be given several times.")(
      "program.dump", list(&raw->dumps, "ADDRESS:BYTES:FILE"),
      "External memory goes into a file afterwards; may be given several times.");
  all.add(general).add(machine).add(memory).add(workloads);
  return all;
}

// Which options a source sets, for the record.
void Note(const po::parsed_options& parsed, const std::string& source, nlohmann::json* sources) {
  for (const auto& option : parsed.options) {
    if (!option.string_key.empty() && !sources->contains(option.string_key))
      (*sources)[option.string_key] = source;
  }
}

nlohmann::json ValueOf(const po::variable_value& v) {
  if (v.empty()) return nullptr;
  const boost::any& value = v.value();
  if (const auto* b = boost::any_cast<bool>(&value)) return *b;
  if (const auto* i = boost::any_cast<int>(&value)) return *i;
  if (const auto* u = boost::any_cast<uint64_t>(&value)) return *u;
  if (const auto* s = boost::any_cast<std::string>(&value)) return *s;
  return *boost::any_cast<std::vector<std::string>>(&value);
}

}  // namespace

Options ParseOptions(int argc, const char* const* argv, std::string* help) {
  Options o;
  Raw raw;
  const po::options_description all = Declare(&o, &raw);
  po::variables_map map;
  o.sources = nlohmann::json::object();
  std::string where;  // for messages
  try {
    // Names in full only: a mistyped option must not mean another one.
    const auto style = po::command_line_style::unix_style ^ po::command_line_style::allow_guessing;
    const po::parsed_options line =
        po::command_line_parser(argc, argv).options(all).style(style).positional({}).run();
    po::store(line, map);
    Note(line, "command line", &o.sources);
    if (map.count("help") != 0) {
      std::ostringstream text;
      text << "wren-platform: the RTL of Wren in a SystemC/TLM-2.0 platform\n"
              "usage: wren-platform [--config-file FILE] [--OPTION=VALUE]...\n"
           << all;
      *help = text.str();
      return o;
    }
    // What is stored first wins: the command line, then the files from the last to the first.
    if (map.count(kConfigFile) != 0) {
      const auto files = map[kConfigFile].as<std::vector<std::string>>();
      for (auto file = files.rbegin(); file != files.rend(); ++file) {
        std::ifstream in(*file);
        if (!in)
          throw UsageError(
              fmt::format("option --{}: cannot read {}; check the path", kConfigFile, *file));
        where = *file + ": ";
        const po::parsed_options parsed = po::parse_config_file(in, all);
        po::store(parsed, map);
        Note(parsed, *file, &o.sources);
      }
    }
    where.clear();
    po::notify(map);
  } catch (const po::error& error) {
    throw UsageError(where + error.what() + " (see --help)");
  }

  const auto named = [](const char* option, const auto& parse) {
    try {
      return parse();
    } catch (const Error& error) {
      throw UsageError(fmt::format("option --{}: {}", option, error.what()));
    }
  };
  o.config = named("config", [&] { return sim::ParseConfig(raw.config); });
  o.kind = named("dram.kind", [&] { return sim::ParseMemoryKind(raw.kind); });
  OneOf<int>("workload", o.workload, {{"gemm", 0}, {"text", 1}, {"program", 2}});
  o.external = OneOf<bool>("gemm.operands", raw.operands, {{"l2", false}, {"ext", true}});
  o.poll = OneOf<bool>("host.wait", raw.wait, {{"irq", false}, {"poll", true}});
  const double period =
      Parse("clock.period", raw.period, {{"ps", 1}, {"ns", 1000}}, "1ns, 1.25ns or 800ps");
  if (period < 100 || period > 1e6 || period != std::floor(period))
    throw UsageError(fmt::format(
        "option --clock.period: '{}' is not a whole number of picoseconds from 100ps to 1000ns",
        raw.period));
  o.period_ps = static_cast<uint64_t>(period);
  if (!raw.l2.empty()) o.l2_bytes = Bytes("l2.size", raw.l2);
  if (!raw.memory.empty()) {
    o.memory_bytes = Bytes("memory.size", raw.memory);
    if (o.memory_bytes == 0 || o.memory_bytes % 4096 != 0)
      throw UsageError(
          fmt::format("option --memory.size: '{}' is not a multiple of 4KiB", raw.memory));
    if (o.memory_bytes > uint64_t{1} << 40)
      throw UsageError("option --memory.size: addresses have 40 bits, so 1024GiB are the limit");
  }
  if (o.poll_interval < 1) throw UsageError("option --host.poll-interval: 0 is no interval");
  InRange("memory.stall", o.stall_percent, 0, 95);
  InRange("memory.max-reads", o.max_reads, 1, 4096);
  InRange("memory.max-writes", o.max_writes, 1, 4096);
  InRange("text.tokens", o.tokens, 1, 1 << 20);
  const bool fixed = o.kind == sim::MemoryKind::kFixed;
  if (map.count("dram.latency") != 0) {
    if (o.latency > 1000000 || (fixed && o.latency == 0))
      throw UsageError(fmt::format("option --dram.latency: {} is not in {} to 1000000", o.latency,
                                   fixed ? 1 : 0));
  } else {
    o.latency = fixed ? 60 : sim::DramTiming::Of(o.kind).controller / 1000;
  }
  if (map.count("dram.latency-max") == 0) {
    o.latency_max = o.latency;
  } else if (!fixed) {
    throw UsageError("option --dram.latency-max: only dram.kind=fixed draws latencies");
  } else if (o.latency_max < o.latency || o.latency_max > 1000000) {
    throw UsageError(fmt::format("option --dram.latency-max: {} is not in {} to 1000000",
                                 o.latency_max, o.latency));
  }
  for (const std::string& text : raw.faults) o.faults.push_back(Fault(text));
  for (const std::string& text : raw.loads) o.loads.push_back(Load(text));
  for (const std::string& text : raw.dumps) o.dumps.push_back(Dump(text));
  if (o.plain && o.poll)
    throw UsageError("option --plain: the plain bench waits for the interrupt only");
  if (o.workload == "program" && o.program.empty())
    throw UsageError("option --program.file: the workload 'program' needs one");

  o.values = nlohmann::json::object();
  for (const auto& option : all.options()) {
    const std::string& name = option->long_name();
    if (name == "help") continue;
    o.values[name] = ValueOf(map[name]);
    if (!o.sources.contains(name)) o.sources[name] = "default";
  }
  o.values["dram.latency"] = o.latency;
  o.values["dram.latency-max"] = o.latency_max;
  return o;
}

}  // namespace wren::platform

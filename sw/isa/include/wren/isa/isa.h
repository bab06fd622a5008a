// The commands: one struct each, and their forms as 64 bytes and as one line of text.
// Generated from spec/isa.yaml by `make spec`; do not edit.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <variant>

namespace wren::isa {

constexpr int kVersion = 1;
constexpr size_t kCommandBytes = 64;
// A command as memory holds it: little-endian, bit 0 is bit 0 of byte 0.
using Bytes = std::array<uint8_t, kCommandBytes>;

enum class Engine : uint32_t { kCtl = 0, kLd = 1, kSt = 2, kMxe = 3, kGta = 4 };
const char* ToString(Engine value);  // "?" for an undefined value
enum class ExtSpace : uint32_t { kExt = 0, kL2 = 1 };
const char* ToString(ExtSpace value);  // "?" for an undefined value
enum class LdDst : uint32_t { kAb = 0, kAbScale = 1, kWb = 2, kWbScale = 3, kVm = 4, kLut = 5, kL2 = 6 };
const char* ToString(LdDst value);  // "?" for an undefined value
enum class StSrc : uint32_t { kVm = 0, kL2 = 1 };
const char* ToString(StSrc value);  // "?" for an undefined value
enum class WeightFormat : uint32_t { kQ8 = 0, kQ40 = 1, kIq4Nl = 2, kMxfp4 = 3 };
const char* ToString(WeightFormat value);  // "?" for an undefined value
enum class ScaleFormat : uint32_t { kF16 = 0, kBf16 = 1 };
const char* ToString(ScaleFormat value);  // "?" for an undefined value
enum class LoopOrder : uint32_t { kNOuter = 0, kKOuter = 1 };
const char* ToString(LoopOrder value);  // "?" for an undefined value
enum class XSpace : uint32_t { kVm = 0, kAcc = 1 };
const char* ToString(XSpace value);  // "?" for an undefined value
enum class XFormat : uint32_t { kF32 = 0, kF16 = 1, kBf16 = 2, kI32 = 3, kI8 = 4 };
const char* ToString(XFormat value);  // "?" for an undefined value
enum class OperandMode : uint32_t { kNone = 0, kImm = 1, kMat = 2, kCol = 3, kRow = 4, kBlk = 5, kSelf = 6 };
const char* ToString(OperandMode value);  // "?" for an undefined value
enum class OperandFormat : uint32_t { kF32 = 0, kF16 = 1, kBf16 = 2 };
const char* ToString(OperandFormat value);  // "?" for an undefined value
enum class ReduceOp : uint32_t { kNone = 0, kSum = 1, kSumFn = 2, kMax = 3, kAbsmax = 4 };
const char* ToString(ReduceOp value);  // "?" for an undefined value
enum class OutSpace : uint32_t { kNone = 0, kVm = 1, kAb = 2 };
const char* ToString(OutSpace value);  // "?" for an undefined value
enum class OutFormat : uint32_t { kF32 = 0, kF16 = 1, kBf16 = 2, kI32 = 3, kI8 = 4, kQ80 = 5, kQ8Bf16 = 6 };
const char* ToString(OutFormat value);  // "?" for an undefined value
enum class LutMode : uint32_t { kUniform = 0, kExp2 = 1, kMantissa = 2 };
const char* ToString(LutMode value);  // "?" for an undefined value
enum class LutEdge : uint32_t { kClamp = 0, kExtrapolate = 1, kConstant = 2 };
const char* ToString(LutEdge value);  // "?" for an undefined value
enum class LutKind : uint32_t { kRecip = 0, kRsqrt = 1, kSqrt = 2, kLog2 = 3 };
const char* ToString(LutKind value);  // "?" for an undefined value

enum class Opcode : uint8_t {
  kCtlNop = 0x00,
  kCtlFence = 0x01,
  kLdCopy = 0x10,
  kLdGather = 0x11,
  kLdFill = 0x12,
  kLdTranspose = 0x13,
  kStCopy = 0x20,
  kMxeGemm = 0x30,
  kGtaOp = 0x40,
};

// What every command has. A count of 0 means no wait or no post.
struct Header {
  // Raise the DONE interrupt when this command retires.
  uint32_t irq = 0;
  // Free for software: the compiler's operation number, shown by traces and the error record.
  uint32_t tag = 0;
  // Semaphore of the first wait.
  uint32_t wait0_sem = 0;
  // Wait until the semaphore is at least this, then subtract it. 0: no wait.
  uint32_t wait0_cnt = 0;
  // Semaphore of the second wait.
  uint32_t wait1_sem = 0;
  // As wait0_cnt. Both waits are taken in the same cycle or not at all.
  uint32_t wait1_cnt = 0;
  // Semaphore of the first post.
  uint32_t post0_sem = 0;
  // Added to the semaphore when the command retires. 0: no post.
  uint32_t post0_cnt = 0;
  // Semaphore of the second post.
  uint32_t post1_sem = 0;
  // As post0_cnt.
  uint32_t post1_cnt = 0;
};

// ctl.nop: Does nothing but wait and post; the control unit executes it in program order.
struct CtlNop : Header {
  static constexpr Opcode kOpcode = Opcode::kCtlNop;
  static constexpr Engine kEngine = Engine::kCtl;
};

// ctl.fence: Waits until every earlier command has retired. With irq it marks the end of a
// program.
struct CtlFence : Header {
  static constexpr Opcode kOpcode = Opcode::kCtlFence;
  static constexpr Engine kEngine = Engine::kCtl;
};

// ld.copy: Copies runs of `len` bytes: for i3 < n3, i2 < n2, i1 < n1:
// dst[dst + i1*t1 + i2*t2 + i3*t3 ..][len] = src[src + i1*s1 + i2*s2 + i3*s3 ..][len].
struct LdCopy : Header {
  static constexpr Opcode kOpcode = Opcode::kLdCopy;
  static constexpr Engine kEngine = Engine::kLd;
  // Source byte address.
  uint64_t src = 0;
  // External memory or L2.
  ExtSpace src_space = ExtSpace::kExt;
  // Destination memory.
  LdDst dst_space = LdDst::kAb;
  // Destination byte address.
  uint32_t dst = 0;
  // Bytes of one contiguous run.
  uint32_t len = 1;
  // Runs, innermost dimension.
  uint32_t n1 = 1;
  // Repeats of n1.
  uint32_t n2 = 1;
  // Repeats of n2.
  uint32_t n3 = 1;
  // Source stride of dimension 1, bytes, unsigned.
  uint32_t s1 = 0;
  // Source stride of dimension 2.
  uint32_t s2 = 0;
  // Source stride of dimension 3.
  uint32_t s3 = 0;
  // Destination stride of dimension 1.
  uint32_t t1 = 0;
  // Destination stride of dimension 2.
  uint32_t t2 = 0;
  // Destination stride of dimension 3.
  uint32_t t3 = 0;
};

// ld.gather: As ld.copy, but run i1 of dimension 1 starts at src + index[i1]*s1 + i2*s2 + i3*s3,
// where index is an array of n1 unsigned 32-bit words in VM at `idx`.
struct LdGather : Header {
  static constexpr Opcode kOpcode = Opcode::kLdGather;
  static constexpr Engine kEngine = Engine::kLd;
  // Source byte address.
  uint64_t src = 0;
  // External memory or L2.
  ExtSpace src_space = ExtSpace::kExt;
  // Destination memory.
  LdDst dst_space = LdDst::kAb;
  // Destination byte address.
  uint32_t dst = 0;
  // Bytes of one contiguous run.
  uint32_t len = 1;
  // Runs, innermost dimension.
  uint32_t n1 = 1;
  // Repeats of n1.
  uint32_t n2 = 1;
  // Repeats of n2.
  uint32_t n3 = 1;
  // Source stride of dimension 1, bytes, unsigned.
  uint32_t s1 = 0;
  // Source stride of dimension 2.
  uint32_t s2 = 0;
  // Source stride of dimension 3.
  uint32_t s3 = 0;
  // Destination stride of dimension 1.
  uint32_t t1 = 0;
  // Destination stride of dimension 2.
  uint32_t t2 = 0;
  // Destination stride of dimension 3.
  uint32_t t3 = 0;
  // VM byte address of the index array.
  uint32_t idx = 0;
};

// ld.fill: Writes the 32-bit pattern in src[31:0] to every word of the destination runs. Source
// strides are ignored and must be 0.
struct LdFill : Header {
  static constexpr Opcode kOpcode = Opcode::kLdFill;
  static constexpr Engine kEngine = Engine::kLd;
  // The word to write.
  uint32_t pattern = 0;
  // Destination memory.
  LdDst dst_space = LdDst::kAb;
  // Destination byte address.
  uint32_t dst = 0;
  // Bytes of one contiguous run.
  uint32_t len = 1;
  // Runs, innermost dimension.
  uint32_t n1 = 1;
  // Repeats of n1.
  uint32_t n2 = 1;
  // Repeats of n2.
  uint32_t n3 = 1;
  // Destination stride of dimension 1.
  uint32_t t1 = 0;
  // Destination stride of dimension 2.
  uint32_t t2 = 0;
  // Destination stride of dimension 3.
  uint32_t t3 = 0;
};

// ld.transpose: Transposes bytes into WB. The source is n1 rows (tokens) of len bytes, n1 and len
// multiples of 32:
// dst[dst + (t/32)*t1 + d*32 + t%32 + i2*t2 + i3*t3] = src[src + t*s1 + d + i2*s2 + i3*s3] for t <
// n1, d < len.
// So 32 tokens of one column form one 32-byte block.
struct LdTranspose : Header {
  static constexpr Opcode kOpcode = Opcode::kLdTranspose;
  static constexpr Engine kEngine = Engine::kLd;
  // Source byte address.
  uint64_t src = 0;
  // External memory or L2.
  ExtSpace src_space = ExtSpace::kExt;
  // Must be WB data.
  LdDst dst_space = LdDst::kWb;
  // Destination byte address.
  uint32_t dst = 0;
  // Bytes of one row (columns).
  uint32_t len = 32;
  // Rows (tokens).
  uint32_t n1 = 32;
  // Repeats.
  uint32_t n2 = 1;
  // Repeats of n2.
  uint32_t n3 = 1;
  // Source stride between rows.
  uint32_t s1 = 0;
  // Source stride of dimension 2.
  uint32_t s2 = 0;
  // Source stride of dimension 3.
  uint32_t s3 = 0;
  // Destination stride between groups of 32 rows.
  uint32_t t1 = 0;
  // Destination stride of dimension 2.
  uint32_t t2 = 0;
  // Destination stride of dimension 3.
  uint32_t t3 = 0;
};

// st.copy: Copies runs from VM or L2 to external memory or L2; dimensions as ld.copy. Granularity
// 2 bytes, so that scales of single rows can be stored.
struct StCopy : Header {
  static constexpr Opcode kOpcode = Opcode::kStCopy;
  static constexpr Engine kEngine = Engine::kSt;
  // Destination byte address.
  uint64_t dst = 0;
  // External memory or L2.
  ExtSpace dst_space = ExtSpace::kExt;
  // VM or L2.
  StSrc src_space = StSrc::kVm;
  // Source byte address.
  uint32_t src = 0;
  // Bytes of one contiguous run.
  uint32_t len = 1;
  // Runs, innermost dimension.
  uint32_t n1 = 1;
  // Repeats of n1.
  uint32_t n2 = 1;
  // Repeats of n2.
  uint32_t n3 = 1;
  // Source stride of dimension 1, bytes, unsigned.
  uint32_t s1 = 0;
  // Source stride of dimension 2.
  uint32_t s2 = 0;
  // Source stride of dimension 3.
  uint32_t s3 = 0;
  // Destination stride of dimension 1.
  uint32_t t1 = 0;
  // Destination stride of dimension 2.
  uint32_t t2 = 0;
  // Destination stride of dimension 3.
  uint32_t t3 = 0;
};

// mxe.gemm: ACC[acc + g*acc_gs + n] (a ROWS x COLS tile) = or += sum over k < kb of AB[ab +
// g*ab_gs + k] (ROWS blocks) times WB set [wb + n*wb_ns + k*wb_ks] (COLS blocks),
// for g < ceil(rows/ROWS), n < ncg. Blocks accumulate in ascending k. Rows >= rows of the last
// group are not written.
// n_outer: for n, for k, for g. k_outer: for k, for n, for g.
// w_format says how WB holds a block: q8: 32 int8 in 32 bytes. Others: 16 bytes, low nibbles
// elements 0..15, high nibbles elements 16..31, each the index of an int8
// in the format's codebook (spec-notes). Set s, column c: data byte (s*COLS + c) * block bytes,
// scale byte (s*COLS + c) * 2; so WB holds twice as many 4-bit sets.
struct MxeGemm : Header {
  static constexpr Opcode kOpcode = Opcode::kMxeGemm;
  static constexpr Engine kEngine = Engine::kMxe;
  // First AB word (ROWS blocks of 32 bytes).
  uint32_t ab = 0;
  // AB words from one group of ROWS rows to the next.
  uint32_t ab_gs = 0;
  // First WB set (COLS blocks of the format).
  uint32_t wb = 0;
  // WB sets from one column group to the next.
  uint32_t wb_ns = 0;
  // WB sets from one k block to the next.
  uint32_t wb_ks = 0;
  // First ACC word (ROWS x COLS words of 32 bit).
  uint32_t acc = 0;
  // ACC words from one row group to the next.
  uint32_t acc_gs = 0;
  // Valid rows.
  uint32_t rows = 1;
  // Column groups of COLS columns.
  uint32_t ncg = 1;
  // k blocks of 32.
  uint32_t kb = 1;
  // 1: add to what ACC holds; 0: start from +0.
  uint32_t accumulate = 0;
  // Loop order.
  LoopOrder order = LoopOrder::kNOuter;
  // 1: scales are ignored and ACC holds INT32.
  uint32_t int_mode = 0;
  // Weight format in WB.
  WeightFormat w_format = WeightFormat::kQ8;
  // Format of the AB scales.
  ScaleFormat a_scale = ScaleFormat::kF16;
  // Format of the WB scales.
  ScaleFormat w_scale = ScaleFormat::kF16;
};

// gta.op: For rows r < rows and columns c < cols, in blocks of 32 columns, rows outer:
// p = x*a + b;  q = p - blockmax(p) if bmax, else p;  f = table(q) or q;  y = f*m + c, every
// operation rounded on its own and left out when its operand mode is none.
// An element with c >= cols, or with causal and c > r + diag, is masked: it takes no part in a
// maximum, and f and y are +0.
struct GtaOp : Header {
  static constexpr Opcode kOpcode = Opcode::kGtaOp;
  static constexpr Engine kEngine = Engine::kGta;
  // 1: may start before the writes of the GTA command before it are done (software promises
  // independence of that one; older ones are done).
  uint32_t overlap = 0;
  // Subtract the block's maximum before the function.
  uint32_t bmax = 0;
  // Mask columns c > r + diag.
  uint32_t causal = 0;
  // Exchange columns 2i and 2i+1 of x (rotary embedding).
  uint32_t x_swap = 0;
  // Diagonal offset of the causal mask.
  int32_t diag = 0;
  // Rows.
  uint32_t rows = 1;
  // Valid columns.
  uint32_t cols = 1;
  // VM, or ACC (f32 or i32).
  XSpace x_space = XSpace::kVm;
  // Format of x.
  XFormat x_format = XFormat::kF32;
  // VM byte address, a multiple of the block's bytes; or first ACC word.
  uint32_t x = 0;
  // Bytes from row to row (multiple of the block's bytes); ACC words from row group to row group.
  uint32_t x_stride = 0;
  // Multiplier a.
  OperandMode a_mode = OperandMode::kNone;
  OperandFormat a_format = OperandFormat::kF32;
  // VM byte address; with imm, bits 19..0 of the value.
  uint32_t a = 0;
  // mat: bytes per row. row: bytes per row scalar. blk: bytes from row to row of block scalars. imm:
  // bits 31..20 of the value.
  uint32_t a_stride = 0;
  // Addend b.
  OperandMode b_mode = OperandMode::kNone;
  OperandFormat b_format = OperandFormat::kF32;
  // As a.
  uint32_t b = 0;
  // As a_stride.
  uint32_t b_stride = 0;
  // Multiplier m; self: p (before the block maximum).
  OperandMode m_mode = OperandMode::kNone;
  OperandFormat m_format = OperandFormat::kF32;
  // As a.
  uint32_t m = 0;
  // As a_stride.
  uint32_t m_stride = 0;
  // Addend c.
  OperandMode c_mode = OperandMode::kNone;
  OperandFormat c_format = OperandFormat::kF32;
  // As a.
  uint32_t c = 0;
  // As a_stride.
  uint32_t c_stride = 0;
  // 1: apply the table.
  uint32_t fn = 0;
  // Table number.
  uint32_t table = 0;
  // sum: of y. sum_fn: of f. max, absmax: of p.
  ReduceOp red_op = ReduceOp::kNone;
  // 1: one result per block (F32 at red + r*red_stride + 4*block); 0: one per row (red +
  // r*red_stride).
  uint32_t red_blk = 0;
  // VM byte address of the results.
  uint32_t red = 0;
  // Bytes from row to row.
  uint32_t red_stride = 0;
  // Where y goes.
  OutSpace out_space = OutSpace::kNone;
  // Format of y. AB takes q8_0, q8_bf16 and i8.
  OutFormat out_format = OutFormat::kF32;
  // VM byte address (multiple of the block's bytes) or AB word.
  uint32_t out = 0;
  // VM: bytes from row to row. AB: words from row group to row group.
  uint32_t out_stride = 0;
  // q8_0, q8_bf16 to VM: VM byte address of the scale plane (FP16, BF16); row stride is
  // out_stride/16.
  uint32_t out_scale = 0;
  // Operand a as an immediate: all 32 bits of an FP32 value.
  void SetAImm(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, 4);
    a_mode = OperandMode::kImm;
    a = bits & 0xFFFFF;
    a_stride = bits >> 20;
  }
  float AImm() const {
    const uint32_t bits = a | (a_stride << 20);
    float value;
    std::memcpy(&value, &bits, 4);
    return value;
  }
  // Operand b as an immediate: all 32 bits of an FP32 value.
  void SetBImm(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, 4);
    b_mode = OperandMode::kImm;
    b = bits & 0xFFFFF;
    b_stride = bits >> 20;
  }
  float BImm() const {
    const uint32_t bits = b | (b_stride << 20);
    float value;
    std::memcpy(&value, &bits, 4);
    return value;
  }
  // Operand m as an immediate: all 32 bits of an FP32 value.
  void SetMImm(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, 4);
    m_mode = OperandMode::kImm;
    m = bits & 0xFFFFF;
    m_stride = bits >> 20;
  }
  float MImm() const {
    const uint32_t bits = m | (m_stride << 20);
    float value;
    std::memcpy(&value, &bits, 4);
    return value;
  }
  // Operand c as an immediate: all 32 bits of an FP32 value.
  void SetCImm(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, 4);
    c_mode = OperandMode::kImm;
    c = bits & 0xFFFFF;
    c_stride = bits >> 20;
  }
  float CImm() const {
    const uint32_t bits = c | (c_stride << 20);
    float value;
    std::memcpy(&value, &bits, 4);
    return value;
  }
};

using Command = std::variant<CtlNop, CtlFence, LdCopy, LdGather, LdFill, LdTranspose, StCopy, MxeGemm, GtaOp>;

Opcode OpcodeOf(const Command& command);
Engine EngineOf(const Command& command);
const char* NameOf(const Command& command);  // "ld.copy"
const Header& HeaderOf(const Command& command);
Header& HeaderOf(Command& command);

// The 64 bytes of a command. Throws wren::Error that names the field and its limit when a field is out of
// range, misaligned, or excluded by another field.
Bytes Encode(const Command& command);
// The same without checks (values are cut to their field's width): for tests of the error paths.
Bytes EncodeUnchecked(const Command& command);
// Throws wren::Error on an unknown opcode, a field out of range or a reserved bit that is set.
Command Decode(const Bytes& bytes);

// One line of assembly: the name, fields that differ from their defaults, then irq, tag, wait=(sem,count)
// and post=(sem,count), e.g. "ld.copy src=4096 dst_space=vm len=64 tag=3 wait=(3,1) post=(4,1)".
std::string Disassemble(const Command& command);
// As above for bytes that may be illegal: "illegal: opcode 0xFF", or the text with the bad field named.
std::string Disassemble(const Bytes& bytes);
// The inverse; fields that are not named keep their defaults, text after '#' is ignored.
// Throws wren::Error on an unknown name or value; ranges are checked by Encode.
Command Assemble(const std::string& text);

// Encode and Decode without a word about what is wrong, and fast: false when the command is illegal
// (for TryDecode also when the opcode is unknown). `misaligned` as CheckAlign returns it.
bool TryEncode(const Command& command, Bytes* bytes);
bool TryDecode(const Bytes& bytes, Command* command, uint32_t* misaligned);

// What the control unit checks before it dispatches a command, in its order.
bool OpcodeKnown(uint8_t opcode);
struct FieldCheck {
  bool bad = false;
  int msb = 0;  // highest bit of the field or reserved range: ERR_INFO of the error bad_field
};
// Header fields, then the command's fields in the order of spec/isa.yaml, then reserved bits.
FieldCheck CheckFields(const Bytes& bytes);
// Static alignment (the spec's `align`): bit n is set when operand n (csr::Operand) breaks it. The caller
// ignores operands the command does not use.
uint32_t CheckAlign(const Bytes& bytes);

// Tables behind the functions above, for generators of random commands.
struct EnumSpec {
  const char* name;
  const char* const* members;  // by value; nullptr where undefined
  uint32_t count;
};
struct FieldSpec {
  const char* name;
  uint16_t lsb;
  uint8_t width;
  bool is_signed;
  bool zero;             // reserved by name, must be 0
  int64_t min, max;      // inclusive
  uint32_t align;        // power of two
  int8_t align_operand;  // csr::Operand the alignment belongs to, or -1
  const EnumSpec* enumeration;
  uint32_t legal;        // enums: bit n set when value n is legal
  int16_t when;          // index of the field that must not be 0 for checks to apply, or -1
  int16_t also;          // index of a field that restricts this one, or -1
  uint32_t also_value;   // ... when it has this value
  int64_t also_max;      // ... to at most this,
  uint32_t also_legal;   // ... and for enums to these values
};
struct BitRange {
  uint16_t msb, lsb;
};
struct CommandSpec {
  const char* name;
  Opcode opcode;
  Engine engine;
  const FieldSpec* fields;  // header fields first
  uint16_t header_fields, field_count;
  const BitRange* reserved;
  uint16_t reserved_count;
};
constexpr size_t kMaxFields = 64;
extern const CommandSpec* const kCommands;
extern const size_t kCommandCount;
// nullptr for an unknown opcode.
const CommandSpec* SpecOf(uint8_t opcode);
// Field values in the table's order; signed ones sign-extended. `values` holds kMaxFields.
void GetValues(const Command& command, uint64_t* values);
Command FromValues(Opcode opcode, const uint64_t* values);

}  // namespace wren::isa

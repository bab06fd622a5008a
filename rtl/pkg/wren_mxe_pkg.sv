// wren_mxe_pkg: what the modules of the matrix engine share: types of its control and the arithmetic of one cell.
//
// The two multiplies are here and not in wren_fp_pkg because their operands are short: scales have 11 significant bits, a dot product 20. They give
// the bits of fp32_mul (a test compares them), with 1 instead of 4 multipliers of 18 bits for the scales and without packing the integer.
package wren_mxe_pkg;
  import wren_fp_pkg::*;

  // Least distance in cycles between two steps on one ACC word (read in stage 2, written in stage 5).
  localparam int unsigned StepGap = 4;

  // One step of the array: a word of activations against the weight set in `bank`, into one ACC word.
  typedef struct packed {
    logic        bank;       // weight register set
    logic        first;      // start from +0 and not from ACC
    logic        last;       // last step of its command
    logic        int_mode;   // INT32: no scales
    logic        bf16;       // activation scales are BF16, else FP16
    logic [15:0] word;       // ACC word
  } step_t;

  // The codebooks of the 4-bit weight formats, entry 0 in the lowest byte.
  localparam logic [127:0] CodebookQ40   = 128'h07060504_03020100_fffefdfc_fbfaf9f8;   // -8 .. 7
  localparam logic [127:0] CodebookIq4Nl = 128'h71594535_26190d01_f6eaddcf_bfad9881;   // -127 -104 -83 -65 -49 -35 -22 -10 1 13 25 38 53 69 89 113
  localparam logic [127:0] CodebookMxfp4 = 128'hf4f8fafc_fdfeff00_0c080604_03020100;   // E2M1 in halves: 0 1 2 3 4 6 8 12, then negative

  // A packed block of 32 codes as 32 int8: byte i holds element i in its low and element i + 16 in its high nibble.
  function automatic logic [255:0] unpack4(input logic [127:0] codes, input wren_isa_pkg::weight_format_e format);
    logic [127:0] book;
    logic [255:0] r;
    case (format)
      wren_isa_pkg::WeightFormatIq4Nl: book = CodebookIq4Nl;
      wren_isa_pkg::WeightFormatMxfp4: book = CodebookMxfp4;
      default: book = CodebookQ40;
    endcase
    r = '0;
    for (int unsigned i = 0; i < 16; i++) begin
      r[8*i +: 8]       = book[8*codes[8*i +: 4] +: 8];
      r[8*i + 128 +: 8] = book[8*codes[8*i + 4 +: 4] +: 8];
    end
    return r;
  endfunction

  // What the loader of weight sets needs of a command. `in` is the inner of the two loops over weight sets.
  typedef struct packed {
    logic [15:0] wb;         // first set
    logic [15:0] in_stride;  // sets
    logic [15:0] in_n;
    logic [15:0] out_stride;
    logic [15:0] out_n;
    logic        bf16;       // weight scales are BF16, else FP16
    wren_isa_pkg::weight_format_e format;
  } load_t;

  // What the stream of steps needs of a command.
  typedef struct packed {
    logic [15:0] ab;
    logic [15:0] ab_gs;
    logic [15:0] acc;
    logic [15:0] acc_gs;
    logic [15:0] rows;
    logic [15:0] in_n;
    logic [15:0] out_n;
    logic        k_outer;
    logic        accumulate;
    logic        int_mode;
    logic        bf16;
  } stream_t;

  // The value of a 16-bit scale.
  function automatic f32_t scale_value(input logic [15:0] x, input logic bf16);
    f32_t h, b;
    h = fp32_from_f16({16'd0, x});
    b = fp32_canonical({x, 16'd0});
    return bf16 ? b : h;
  endfunction

  // A factor of a scale product in two words: its mantissa of 11 bits, and its exponent, or a code that no sum of exponents reaches. The sum of
  // two codes says what the product is: below 1 it is zero, from NanCode/2 on or for infinity times zero it is NaN.
  localparam f32_t ZeroCode = 32'hffff_f000, InfCode = 32'h0000_4000, NanCode = 32'h0002_0000;

  function automatic f32_t scale_mantissa(input f32_t x);
    return ((x & Frac) | Hidden) >> 13;
  endfunction

  function automatic f32_t scale_exponent(input f32_t x);
    f32_t e, r;
    e = (x >> 23) & 32'd255;
    r = (e == 32'd0) ? ZeroCode : e;
    r = (e == 32'd255) ? InfCode : r;
    return ((x & Mag) > Inf) ? NanCode : r;
  endfunction

  // Mantissas ma and mb, sum of exponents es, sign in bit 31 of sign: exact but for overflow and flushing.
  function automatic f32_t scale_product(input f32_t ma, input f32_t mb, input f32_t es, input f32_t sign);
    f32_t p, h, e, r;
    p = ma * mb;                                                          // 2^20 .. 2^22
    h = p >> 21;
    e = es + h - 32'd127;
    r = ((e - 32'd1) << 23) + ((p << 3) >> h[0]);                         // the hidden one adds 1 to the exponent
    r = ($signed(e) > $signed(32'd254)) ? Inf : r;
    r = ($signed(e) > $signed(32'd0)) ? r : 32'd0;
    r = r | (sign & Sign);
    r = (es == InfCode + ZeroCode) ? Nan : r;
    return ($signed(es) >= $signed(NanCode >> 1)) ? Nan : r;
  endfunction

  // a * b for operands of 11 significant bits (FP16 and BF16 values as FP32).
  function automatic f32_t scale_mul(input f32_t a, input f32_t b);
    return scale_product(scale_mantissa(a), scale_mantissa(b), scale_exponent(a) + scale_exponent(b), a ^ b);
  endfunction

  // float(s) * k, rounded once: |s| <= 2^19 is exact as a float.
  function automatic f32_t dot_mul(input f32_t s, input f32_t k);
    f32_t ek, m, n, t, r; logic [63:0] p;
    ek = (k >> 23) & 32'd255;
    m  = ((s >> 31) != 32'd0) ? -s : s;
    t  = m;                                                               // leading one to bit 19, n: by how much
    n  = ((t & 32'h000f_fff0) == 32'd0) ? 32'd16 : 32'd0;     t = ((t & 32'h000f_fff0) == 32'd0) ? (t << 16) : t;
    n  = ((t & 32'h000f_f000) == 32'd0) ? (n | 32'd8) : n;    t = ((t & 32'h000f_f000) == 32'd0) ? (t << 8)  : t;
    n  = ((t & 32'h000f_0000) == 32'd0) ? (n | 32'd4) : n;    t = ((t & 32'h000f_0000) == 32'd0) ? (t << 4)  : t;
    n  = ((t & 32'h000c_0000) == 32'd0) ? (n | 32'd2) : n;    t = ((t & 32'h000c_0000) == 32'd0) ? (t << 2)  : t;
    n  = ((t & 32'h0008_0000) == 32'd0) ? (n | 32'd1) : n;    t = ((t & 32'h0008_0000) == 32'd0) ? (t << 1)  : t;
    p  = {32'd0, t} * {32'd0, (k & Frac) | Hidden};                       // 2^42 .. 2^44
    t  = 32'(p >> 17) | (((32'(p) & 32'h0001_ffff) != 32'd0) ? 32'd1 : 32'd0);
    r  = fp32_round(ek + 32'd19 - n, t);
    r  = (ek == 32'd255) ? Inf : r;
    r  = (ek == 32'd0 || m == 32'd0) ? ((ek == 32'd255) ? Nan : 32'd0) : r;
    r  = r | ((s ^ k) & Sign);
    return ((k & Mag) > Inf || (r & Mag) > Inf) ? Nan : r;
  endfunction

endpackage

// wren_mxe_pkg: what the modules of the matrix engine share: types of its control and the arithmetic of one cell.
//
// The two multiplies are here and not in wren_fp_pkg because their operands are short: scales have 11 significant bits, a dot product 20. They give
// the bits of fp32_mul (a test compares them), with 1 instead of 4 multipliers of 18 bits for the scales and without packing the integer.
package wren_mxe_pkg;
  import wren_fp_pkg::*;
  import wren_fp_whole_pkg::*;

  // Least distance in cycles between two steps on one ACC word (read in stage 2, written in stage 5; deep: 9 and 15).
  function automatic int unsigned step_gap(input bit deep);
    return deep ? 7 : 4;
  endfunction

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
    logic        rows_one;   // deep pipelines: one step per weight set; one turn of the inner, of the outer loop
    logic        in_one;
    logic        out_one;
  } stream_t;

  // The value of the 16-bit scale in the lower half of x.
  function automatic f32_t scale_value(input f32_t x, input logic bf16);
    f32_t h, b;
    h = fp32_from_f16(x);
    b = fp32_canonical(x << 16);
    return bf16 ? b : h;
  endfunction

  // ------------------------------------------------------------------------------------------------ the same in stages, for a deep array
  // scale_value in two parts: the leading one of an FP16 subnormal to bit 9; the value.
  typedef struct packed {
    logic [15:0] x;
    logic [9:0]  t;          // fraction, shifted by
    logic [3:0]  n;
  } half_t;

  function automatic half_t half_lead(input logic [15:0] x);
    half_t r;
    r.x = x;
    r.t = x[9:0];
    r.n[3] = (r.t & 10'h3fc) == 10'd0;   r.t = r.n[3] ? (r.t << 8) : r.t;
    r.n[2] = (r.t & 10'h3c0) == 10'd0;   r.t = r.n[2] ? (r.t << 4) : r.t;
    r.n[1] = (r.t & 10'h300) == 10'd0;   r.t = r.n[1] ? (r.t << 2) : r.t;
    r.n[0] = (r.t & 10'h200) == 10'd0;   r.t = r.n[0] ? (r.t << 1) : r.t;
    return r;
  endfunction

  function automatic f32_t half_value(input half_t x, input logic bf16);
    f32_t h, b;
    h = {1'b0, 8'd112 - 8'(x.n), x.t[8:0], 14'd0};
    h = (x.x[9:0] == 10'd0) ? 32'd0 : h;
    h = (x.x[14:10] != 5'd0) ? {1'b0, 8'(x.x[14:10]) + 8'd112, x.x[9:0], 13'd0} : h;
    h = (x.x[14:10] == 5'h1f) ? Inf : h;
    h = h | {x.x[15], 31'd0};
    h = (x.x[14:10] == 5'h1f && x.x[9:0] != 10'd0) ? Nan : h;
    b = (x.x[14:7] == 8'd0) ? {x.x[15], 31'd0} : {x.x, 16'd0};
    b = (x.x[14:7] == 8'hff && x.x[6:0] != 7'd0) ? Nan : b;
    return bf16 ? b : h;
  endfunction

  // scale_mul in two parts.
  typedef struct packed {
    logic        sign;
    logic [21:0] p;          // product of the mantissas
    logic [19:0] es;         // sum of exponents or codes, signed
  } scale_t;

  function automatic scale_t scale_multiply(input f32_t a, input f32_t b);
    scale_t r;
    r.sign = a[31] ^ b[31];
    r.p    = 22'(scale_mantissa(a)) * 22'(scale_mantissa(b));
    r.es   = 20'(scale_exponent(a)) + 20'(scale_exponent(b));
    return r;
  endfunction

  function automatic f32_t scale_pack(input scale_t x);
    f32_t        r;
    logic [10:0] e;
    logic        under, over, invalid;
    e     = {1'b0, x.es[9:0]} + 11'(x.p[21]) - 11'd127;                   // of two finite factors
    under  = x.es[19] || e[10] || e == 11'd0;
    over = e[9:8] != 2'd0 || e[7:0] == 8'hff || x.es[18:10] != 9'd0;
    invalid   = x.es == 20'(InfCode + ZeroCode) || (!x.es[19] && x.es[18:16] != 3'd0);   // NanCode/2 and more
    r     = x.p[21] ? {1'b0, e[7:0], x.p[20:0], 2'b00} : {1'b0, e[7:0], x.p[19:0], 3'b000};
    r     = (over && !(x.es[18:10] == 9'd0 && e[10])) ? Inf : r;
    r     = (under && (x.es[19] || x.es[18:10] == 9'd0)) ? 32'd0 : r;
    r     = r | {x.sign, 31'd0};
    return invalid ? Nan : r;
  endfunction

  // dot_mul in four parts: leading one to bit 19, and what the result is; product; its fraction and round bit; rounding.
  typedef enum logic [1:0] {DotNumber, DotZero, DotInf, DotNan} dot_kind_e;
  typedef struct packed {
    dot_kind_e   kind;
    logic        sign;
    logic [8:0]  e;          // exponent of k, and 19
    logic [4:0]  n;
    logic [19:0] t;
    logic [23:0] m;          // mantissa of k
  } norm_t;
  typedef struct packed {
    dot_kind_e   kind;
    logic        sign;
    logic [8:0]  e;
    logic [43:0] p;
  } dot_t;

  typedef struct packed {
    dot_kind_e   kind;
    logic        sign;
    logic [8:0]  e;
    logic        h;          // adds to it
    logic [22:0] f;
    logic        r;          // adds to f
  } round_t;

  function automatic norm_t dot_norm(input logic [19:0] m, input logic negative, input f32_t k);
    norm_t      r;
    logic [4:0] some;
    r.kind = (k[30:23] == 8'd0 || m == 20'd0) ? DotZero : DotNumber;
    if (k[30:23] == 8'hff) r.kind = (k[22:0] != 23'd0 || m == 20'd0) ? DotNan : DotInf;
    r.sign = negative ^ k[31];
    r.e    = 9'(k[30:23]) + 9'd19;
    r.m    = {1'b1, k[22:0]};
    r.t    = m;
    for (int unsigned i = 0; i < 5; i++) some[i] = m[4*i +: 4] != 4'd0;   // by fours first: that is shorter than halving
    r.n[4] = some[4:1] == 4'd0;
    r.n[3] = some[4:3] == 2'd0 && some[2:1] != 2'd0;
    r.n[2] = !some[4] && (some[3] || (!some[2] && some[1]));
    r.t    = r.n[4] ? (r.t << 16) : r.t;
    r.t    = r.n[3] ? (r.t << 8)  : r.t;
    r.t    = r.n[2] ? (r.t << 4)  : r.t;
    r.n[1] = (r.t & 20'hc0000) == 20'd0;   r.t = r.n[1] ? (r.t << 2)  : r.t;
    r.n[0] = (r.t & 20'h80000) == 20'd0;   r.t = r.n[0] ? (r.t << 1)  : r.t;
    return r;
  endfunction

  function automatic dot_t dot_multiply(input norm_t x);
    return '{kind: x.kind, sign: x.sign, e: x.e - 9'(x.n), p: 44'(x.t) * 44'(x.m)};
  endfunction

  function automatic round_t dot_fraction(input dot_t x);
    logic [26:0] u;
    u = {x.p[43:18], x.p[17] || (x.p[16:0] != 17'd0)};
    u = x.p[43] ? u : (u << 1);
    return '{kind: x.kind, sign: x.sign, e: x.e, h: x.p[43], f: u[25:3], r: u[2] && (u[3] || u[1:0] != 2'd0)};   // nearest even
  endfunction

  function automatic f32_t dot_round(input round_t x);
    f32_t r;
    r = {x.e, x.f} + {8'd0, x.h, 22'd0, x.r};                              // exponent 1 .. 275
    r = (r[31] || r[30:23] == 8'hff) ? Inf : r;
    case (x.kind)
      DotNumber: r = r | {x.sign, 31'd0};
      DotZero:   r = {x.sign, 31'd0};
      DotInf:    r = {x.sign, Inf[30:0]};
      default:   r = Nan;
    endcase
    return r;
  endfunction

  // fp32_add in four parts: the larger operand x and the smaller y, with the distance of their exponents; the aligned mantissas added (28 bits,
  // the last one sticky) beside sign and exponent of the result (bit 0 set for NaN); leading one to bit 30; rounding.
  typedef struct packed {
    f32_t       x;
    f32_t       y;
    logic [4:0] d;
  } pair_t;
  typedef struct packed {
    logic [30:0] t;
    logic [4:0]  n;
  } lead_t;

  function automatic pair_t acc_order(input f32_t a, input f32_t b);
    pair_t      r;
    logic       swap;
    logic [8:0] d, up, down;
    swap = (a & Mag) < (b & Mag);
    up   = {1'b0, a[30:23]} - {1'b0, b[30:23]};
    down = {1'b0, b[30:23]} - {1'b0, a[30:23]};
    d    = swap ? down : up;
    r.x  = swap ? b : a;
    r.y  = swap ? a : b;
    r.d  = (d[7:5] != 3'd0) ? 5'd31 : d[4:0];
    return r;
  endfunction

  function automatic logic [27:0] acc_sum(input pair_t v);
    logic [26:0] mx, my, al;
    logic        sticky, neg;
    logic [28:0] r;
    mx     = {1'b1, v.x[22:0], 3'b000};
    my     = (v.y[30:23] == 8'd0) ? 27'd0 : {1'b1, v.y[22:0], 3'b000};
    al     = my;                                                          // what a step shifts out is sticky
    sticky = v.d[4] && al[15:0] != 16'd0;               al = v.d[4] ? (al >> 16) : al;
    sticky = sticky || (v.d[3] && al[7:0] != 8'd0);     al = v.d[3] ? (al >> 8) : al;
    sticky = sticky || (v.d[2] && al[3:0] != 4'd0);     al = v.d[2] ? (al >> 4) : al;
    sticky = sticky || (v.d[1] && al[1:0] != 2'd0);     al = v.d[1] ? (al >> 2) : al;
    sticky = sticky || (v.d[0] && al[0]);               al = v.d[0] ? (al >> 1) : al;
    al[0]  = al[0] || sticky;
    neg    = v.x[31] ^ v.y[31];
    r      = {1'b0, mx, 1'b1} + {{1'b0, al} ^ {28{neg}}, neg};           // mx - al or mx + al
    return r[28:1];
  endfunction

  function automatic f32_t acc_head(input f32_t x, input f32_t y);
    f32_t h;
    h = ((x & Inf) == 32'd0) ? (x & y & Sign) : (x & (Sign | Inf));       // both zero: -0 only for -0 + -0
    return (is_nan(x) || ((y & Mag) == Inf && ((x ^ y) & Sign) != 32'd0)) ? (h | 32'd1) : h;
  endfunction

  function automatic lead_t acc_lead(input logic [27:0] sum);
    lead_t      r;
    logic [6:0] some;
    r.t    = {sum, 3'b000};
    for (int unsigned i = 0; i < 7; i++) some[i] = sum[4*i +: 4] != 4'd0;
    r.n[4] = some[6:3] == 4'd0;
    r.n[3] = (some[6:5] == 2'd0 && some[4:3] != 2'd0) || (some[6:3] == 4'd0 && some[2:1] == 2'd0);
    r.n[2] = !some[6] && (some[5] || (!some[4] && (some[3] || (!some[2] && (some[1] || !some[0])))));
    r.t    = r.n[4] ? (r.t << 16) : r.t;
    r.t    = r.n[3] ? (r.t << 8)  : r.t;
    r.t    = r.n[2] ? (r.t << 4)  : r.t;
    r.n[1] = r.t[30:29] == 2'd0;    r.t = r.n[1] ? (r.t << 2)  : r.t;
    r.n[0] = !r.t[30];              r.t = r.n[0] ? (r.t << 1)  : r.t;
    return r;
  endfunction

  function automatic f32_t acc_round(input lead_t x, input f32_t head);
    f32_t e, r;
    e = ((head >> 23) & 32'd255) - 32'(x.n);
    r = (x.t[6] && (x.t[7] || x.t[5:0] != 6'd0)) ? 32'd1 : 32'd0;        // nearest even
    r = ((e << 23) | {9'd0, x.t[29:7]}) + (Hidden | r);
    r = ((r & Inf) == Inf) ? Inf : r;
    r = e[31] ? 32'd0 : r;                                               // below the normal range
    r = (!x.t[30]) ? 32'd0 : (r | (head & Sign));                        // exact cancellation: +0
    r = ((head & Inf) == 32'd0 || (head & Inf) == Inf) ? head : r;
    return head[0] ? Nan : r;
  endfunction

endpackage

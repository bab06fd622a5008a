// wren_fp_pkg: FP32 arithmetic of the matrix and vector engines, as functions of packed words.
//
// Numerics   IEEE-754 binary32, round to nearest even, every operation rounded on its own. Subnormal inputs and results become signed
//            zero (tininess after rounding), infinities propagate, every NaN is 7FC00000.
// Size       One carry chain per result: rounding adds the hidden one and the round bit to {exponent, fraction} at once. Bits are tested with
//            masks where a comparison would need a carry chain.
// Stages     The larger operations stand in two packages: whole, for engines that take one cycle for them (wren_fp_whole_pkg), and in parts of
//            about equal length for an FPGA's stages (second half of this file). A test holds both to the host's arithmetic.
// Style      No branches, selects as chains of assignments, nothing wider than 32 bits except the product of two mantissas: so loops
//            over lanes become vector code in simulation and plain gates in synthesis.
package wren_fp_pkg;
  typedef logic [31:0] f32_t;
  localparam f32_t Sign = 32'h8000_0000, Mag = 32'h7fff_ffff, Frac = 32'h007f_ffff, Hidden = 32'h0080_0000;
  localparam f32_t Inf = 32'h7f80_0000, Nan = 32'h7fc0_0000, NegZero = 32'h8000_0000, One = 32'h3f80_0000;

  // s or b. (A function and not ?: at the place of use, so that both are read without a condition.)
  function automatic f32_t pick(input logic scalar, input f32_t s, input f32_t b);
    return scalar ? s : b;
  endfunction

  function automatic logic is_nan(input f32_t x);
    return (x & Inf) == Inf && (x & Frac) != 32'd0;
  endfunction

  // Round and pack: t has its leading one at bit 26 (exponent e + 1) or 25 (exponent e), lower bits sticky; -128 < e < 384.
  function automatic f32_t fp32_round(input f32_t e, input f32_t t);
    f32_t h, u, r, x;
    h = (t >> 26) & 32'd1;
    u = (h != 32'd0) ? t : (t << 1);
    r = ((u & 32'd4) != 32'd0 && (u & 32'd11) != 32'd0) ? 32'd1 : 32'd0;   // nearest even
    r = ((e << 23) | ((u >> 3) & Frac)) + ((h << 23) | r);                 // nine bits of exponent: 0 .. 383, negative from 384
    x = r >> 23;
    r = (x >= 32'd255) ? Inf : r;
    return (x == 32'd0 || (x & 32'h180) == 32'h180) ? 32'd0 : r;
  endfunction

  function automatic f32_t u32_min(input f32_t a, input f32_t b);
    return (a < b) ? a : b;
  endfunction
  function automatic f32_t u32_max(input f32_t a, input f32_t b);
    return (a > b) ? a : b;
  endfunction

  // The larger of two values; a NaN (always 7FC00000 inside the unit) is larger than all.
  function automatic f32_t fp32_max(input f32_t a, input f32_t b);
    logic a_larger;
    a_larger = ((a & Mag) > (b & Mag)) ^ ((a >> 31) != 32'd0);      // of equal signs
    a_larger = (((a ^ b) >> 31) != 32'd0) ? ((b >> 31) != 32'd0) : a_larger;
    return a_larger ? a : b;
  endfunction

  function automatic f32_t fp32_max_of(input f32_t a, input f32_t b, input logic magnitude);
    f32_t m;
    m = magnitude ? Mag : 32'hffff_ffff;
    return fp32_max(a & m, b & m);
  endfunction

  function automatic f32_t i32_abs(input f32_t x);
    return ((x >> 31) != 32'd0) ? -x : x;
  endfunction

  function automatic f32_t fp32_canonical(input f32_t x);           // subnormal -> signed zero, NaN -> 7FC00000
    f32_t r;
    r = ((x & Inf) == 32'd0) ? (x & Sign) : x;
    return is_nan(x) ? Nan : r;
  endfunction

  function automatic f32_t fp32_scale(input f32_t x, input f32_t n); // x * 2^n, n a signed integer
    f32_t e, r;
    e = ((x >> 23) & 32'd255) + n;
    r = (x & (Sign | Frac)) | (e << 23);
    r = ((e & 32'h7fff_ff00) != 32'd0 || (e & 32'd255) == 32'd255) ? ((x & Sign) | Inf) : r;
    r = (e == 32'd0 || (e >> 31) != 32'd0) ? (x & Sign) : r;
    return ((x & Inf) == 32'd0 || (x & Inf) == Inf) ? x : r;
  endfunction

  // floor(x) as a signed integer, saturated to -65536 .. 65535
  function automatic f32_t fp32_floor(input f32_t x);
    f32_t m, s, i, neg, whole;
    m = ((x & Inf) == 32'd0) ? 32'd0 : ((x & Frac) | Hidden);
    s = 32'd150 - ((x >> 23) & 32'd255);
    i = ((s & 32'he0) != 32'd0) ? 32'd31 : s;
    neg   = ((x >> 31) != 32'd0) ? 32'hffff_ffff : 32'd0;
    whole = ((m & ~(32'hffff_ffff << i[4:0])) != 32'd0) ? 32'd0 : 32'd1;
    i = ((m >> i[4:0]) ^ neg) + (neg & whole);
    return ((s >> 31) != 32'd0 || (s & 32'hf8) == 32'd0) ? (neg ^ 32'h0000_ffff) : i;
  endfunction

  // x / 127, x >= 0 or NaN, correctly rounded, in four parts: the mantissa * 2^9 = 127 * n + n, so n itself is divided by 127 = 2^7 - 1,
  // digit by digit: n = 127 * (n >> 7) + k, k = 127 * (k >> 7) + h, and so on; 27 bits of the quotient with its sticky bit; rounding.
  function automatic f32_t fp32_div127_n(input f32_t x);
    return ((x & Frac) | Hidden) << 2;
  endfunction
  function automatic f32_t fp32_div127_digit(input f32_t n);
    return (n >> 7) + (n & 32'd127);
  endfunction
  function automatic f32_t fp32_div127_sum(input f32_t n, input f32_t k, input f32_t h);
    return (n >> 7) + (k >> 7) + (h >> 7);
  endfunction
  function automatic f32_t fp32_div127_quotient(input f32_t n, input f32_t sum, input f32_t rest);
    f32_t q;
    q = sum + ((rest >= 32'd127) ? 32'd1 : 32'd0) + ((rest == 32'd254) ? 32'd1 : 32'd0);
    return (n + q) | ((rest != 32'd0 && rest != 32'd127 && rest != 32'd254) ? 32'd1 : 32'd0);
  endfunction
  function automatic f32_t fp32_div127_round(input f32_t q, input f32_t x);
    f32_t e;
    e = x >> 23;
    return (x >= Inf) ? x : (e == 32'd0) ? 32'd0 : fp32_round(e - 32'd7, q);
  endfunction
  function automatic f32_t fp32_div127(input f32_t x);
    f32_t n, k, h;
    n = fp32_div127_n(x);
    k = fp32_div127_digit(n);
    h = fp32_div127_digit(k);
    return fp32_div127_round(fp32_div127_quotient(n, fp32_div127_sum(n, k, h), fp32_div127_digit(h)), x);
  endfunction

  // A factor of a product of scales, values of 11 significant bits, in two words: its mantissa, and its exponent, or a code that no sum of
  // exponents reaches. The sum of two codes says what the product is: below 1 it is zero, from NanCode/2 on or for infinity times zero it is NaN.
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

  function automatic logic [15:0] bf16_from_fp32(input f32_t x);    // x canonical; round to nearest even, overflow to infinity
    f32_t r;
    r = ((x & 32'h8000) != 32'd0 && (x & 32'h1_7fff) != 32'd0) ? 32'd1 : 32'd0;
    return is_nan(x) ? 16'h7fc0 : 16'((x >> 16) + r);
  endfunction

  // Integers: half away from zero, saturated, NaN = 0.
  function automatic f32_t i32_magnitude(input f32_t x);            // of |x|; 2^31 and more become 2^31
    f32_t m, s, i;
    m = (x & Frac) | Hidden;
    s = 32'd157 - ((x >> 23) & 32'd255);                            // one fraction bit stays
    i = (((m << 8) >> s[4:0]) + 32'd1) >> 1;
    i = ((s & 32'hffff_ffe0) != 32'd0) ? (s & Sign) : i;
    return is_nan(x) ? 32'd0 : i;
  endfunction
  function automatic f32_t i32_signed(input f32_t i, input f32_t x);  // i: magnitude of x
    f32_t r;
    r = (i == Sign && (x >> 31) == 32'd0) ? Mag : i;
    return ((x >> 31) != 32'd0) ? -r : r;
  endfunction
  function automatic f32_t i32_from_fp32(input f32_t x);
    return i32_signed(i32_magnitude(x), x);
  endfunction
  function automatic f32_t i8_signed(input f32_t i, input f32_t x);
    f32_t r;
    r = ((i & 32'hffff_ff80) != 32'd0) ? 32'd127 : i;
    return ((x >> 31) != 32'd0) ? -r : r;
  endfunction
  function automatic f32_t i8_from_fp32(input f32_t x);             // -127 .. 127, sign-extended; shares the 32-bit conversion
    return i8_signed(i32_magnitude(x), x);
  endfunction
  // The conversion saturates or meets NaN: limit 32'h42ff_0000 (127.5) for i8, 32'h4f00_0000 (2^31) for i32.
  function automatic f32_t fp32_beyond(input f32_t x, input f32_t limit);
    return ((x & Mag) >= limit && !(x == 32'hcf00_0000 && limit == 32'h4f00_0000)) ? 32'd1 : 32'd0;
  endfunction

  // ------------------------------------------------------------------------------------------------ the same in more even parts
  // For stages of an FPGA: groups of four bits are searched for the leading one side by side, sums with and without a rounding increment are
  // made beside the decision between them, and what makes a result zero or infinite is known before its last carry chain ends.

  // Multiplication in three parts: four products and what the operands are; their sum; rounding. The mantissas are cut at bit 18, as wide as
  // a multiplier of the ECP5.
  typedef struct packed {
    logic        sign;
    logic        nan;
    logic        is_inf;     // an operand is
    logic        zero;
    logic [9:0]  e;          // sum of the exponents, less 127
    logic [35:0] ll;
    logic [23:0] lh;
    logic [23:0] hl;
    logic [11:0] hh;
  } products_t;
  typedef struct packed {
    logic        sign;
    logic        nan;
    logic        is_inf;
    logic        inf_up;     // the result is infinite if its exponent is one more
    logic        zero;
    logic        zero_low;   // it is zero unless its exponent is one more
    logic [7:0]  e;
    logic [29:0] p;          // bits 47 .. 18 of the product
    logic        low;        // the others are not all zero
  } product_t;

  function automatic products_t mul_products(input f32_t a, input f32_t b);
    products_t r;
    logic      a_zero, b_zero, a_top, b_top;
    a_zero = a[30:23] == 8'd0;
    b_zero = b[30:23] == 8'd0;
    a_top  = a[30:23] == 8'hff;
    b_top  = b[30:23] == 8'hff;
    r.sign = a[31] ^ b[31];
    r.nan  = (a_top && (a[22:0] != 23'd0 || b_zero)) || (b_top && (b[22:0] != 23'd0 || a_zero));
    r.is_inf  = a_top || b_top;
    r.zero = a_zero || b_zero;
    r.e    = 10'(a[30:23]) + 10'(b[30:23]) - 10'd127;
    r.ll   = 36'(a[17:0]) * 36'(b[17:0]);
    r.lh   = 24'(a[17:0]) * 24'({1'b1, b[22:18]});
    r.hl   = 24'({1'b1, a[22:18]}) * 24'(b[17:0]);
    r.hh   = 12'({1'b1, a[22:18]}) * 12'({1'b1, b[22:18]});
    return r;
  endfunction
  function automatic product_t mul_sum(input products_t x);
    product_t r;
    r.sign     = x.sign;
    r.nan      = x.nan;
    r.is_inf      = x.is_inf || (!x.zero && !x.e[9] && (x.e[8] || x.e[7:0] == 8'hff));
    r.inf_up   = !x.zero && x.e == 10'd254;
    r.zero     = x.zero || (!x.is_inf && x.e[9]);
    r.zero_low = !x.is_inf && x.e == 10'd0;
    r.e        = x.e[7:0];
    r.p        = {x.hh, x.ll[35:18]} + (30'(x.lh) + 30'(x.hl));
    r.low      = x.ll[17:0] != 18'd0;
    return r;
  endfunction
  function automatic f32_t mul_round(input product_t x);
    logic [22:0] f;
    logic        h, r, is_inf, zero;
    logic [30:0] s;
    h    = x.p[29];
    f    = h ? x.p[28:6] : x.p[27:5];
    r    = h ? (x.p[5] && (x.p[6] || x.p[4:0] != 5'd0 || x.low)) : (x.p[4] && (x.p[5] || x.p[3:0] != 4'd0 || x.low));  // nearest even
    s    = {x.e, f} + {7'd0, h, 22'd0, r};
    is_inf = x.is_inf || (x.inf_up && h);                           // a carry out of f leaves infinity's own bits
    zero   = x.zero || (x.zero_low && !s[23]);                      // h and a carry are not both: the largest product has a zero in f
    s      = (is_inf || zero) ? 31'd0 : s;
    return x.nan ? Nan : ({x.sign, s} | (is_inf ? Inf : 32'd0));
  endfunction

  // Addition in four parts: the larger operand's fraction, the smaller one's mantissa moved by 16 if it must be, and how much further it has
  // to be moved; the aligned sum (28 bits, the last one sticky); leading one to bits 30 .. 27, and by how much in all; the rest, rounded.
  typedef struct packed {
    logic        sign;       // of the result, unless it cancels
    logic [7:0]  e;          // of the larger operand
    logic        nan;
    logic        alone;      // the result is infinite, NaN, or the sum of zeros
  } head_t;
  typedef struct packed {
    head_t       head;
    logic        subtract;
    logic [22:0] f;
    logic [26:0] al;
    logic        lost;       // ones were moved out of it
    logic [3:0]  d;
  } ordered_t;
  typedef struct packed {
    logic [30:0] t;
    logic [4:0]  n;          // t << n[1:0] has its leading one at bit 30
    logic        zero;
  } leading_t;

  function automatic ordered_t add_order(input f32_t a, input f32_t b);
    ordered_t    r;
    logic        swap, y_zero, a_zero, b_zero, a_top, b_top;
    logic [7:0]  up, down;
    logic [4:0]  d;
    logic [26:0] my;
    swap   = a[30:0] < b[30:0];
    up     = a[30:23] - b[30:23];
    down   = b[30:23] - a[30:23];
    d      = swap ? (down[4:0] | {5{down[7:5] != 3'd0}}) : (up[4:0] | {5{up[7:5] != 3'd0}});
    a_zero = a[30:23] == 8'd0;
    b_zero = b[30:23] == 8'd0;
    a_top  = a[30:23] == 8'hff;
    b_top  = b[30:23] == 8'hff;
    y_zero = swap ? a_zero : b_zero;
    my     = y_zero ? 27'd0 : {1'b1, swap ? a[22:0] : b[22:0], 3'b000};
    r.head.sign  = (a_zero && b_zero) ? (a[31] && b[31]) : swap ? b[31] : a[31];   // -0 only for -0 + -0
    r.head.e     = swap ? b[30:23] : a[30:23];
    r.head.nan   = (a_top && a[22:0] != 23'd0) || (b_top && b[22:0] != 23'd0) || (a_top && b_top && (a[31] ^ b[31]));
    r.head.alone = (a_zero && b_zero) || a_top || b_top;
    r.subtract   = a[31] ^ b[31];
    r.f          = swap ? b[22:0] : a[22:0];
    r.al         = d[4] ? (my >> 16) : my;
    r.lost       = d[4] && !y_zero && (swap ? (a[12:0] != 13'd0) : (b[12:0] != 13'd0));
    r.d          = d[3:0];
    return r;
  endfunction
  function automatic logic [27:0] add_aligned(input ordered_t x);
    logic [26:0] al;
    logic        lost;
    logic [28:0] r;
    al    = x.al;
    lost  = x.lost || (x.d[3] && al[7:0] != 8'd0);    al = x.d[3] ? (al >> 8) : al;
    lost  = lost || (x.d[2] && al[3:0] != 4'd0);      al = x.d[2] ? (al >> 4) : al;
    lost  = lost || (x.d[1] && al[1:0] != 2'd0);      al = x.d[1] ? (al >> 2) : al;
    lost  = lost || (x.d[0] && al[0]);                al = x.d[0] ? (al >> 1) : al;
    al[0] = al[0] || lost;
    r     = {2'b01, x.f, 4'b0001} + {{1'b0, al} ^ {28{x.subtract}}, x.subtract};
    return r[28:1];
  endfunction

  // By how much the leading one of eight groups of four bits must be moved: by whole groups, and within the first group that has one.
  function automatic logic [4:0] lead_of(input logic [31:0] v);
    logic [7:0] some, first;
    logic [4:0] n;
    for (int unsigned i = 0; i < 8; i++) some[i] = v[4*i +: 4] != 4'd0;
    first[7] = some[7];
    first[6] = some[7:6] == 2'b01;
    first[5] = some[7:5] == 3'b001;
    first[4] = some[7:4] == 4'b0001;
    first[3] = some[7:4] == 4'd0 && some[3];
    first[2] = some[7:4] == 4'd0 && some[3:2] == 2'b01;
    first[1] = some[7:4] == 4'd0 && some[3:1] == 3'b001;
    first[0] = some[7:4] == 4'd0 && some[3:1] == 3'd0;
    n = '0;
    for (int unsigned i = 0; i < 8; i++) begin
      if (first[i]) n[1:0] = n[1:0] | {v[4*i+2 +: 2] == 2'd0, !v[4*i+3] && (v[4*i+2] || !v[4*i+1])};
    end
    n[4] = some[7:4] == 4'd0;
    n[3] = some[7:6] == 2'd0 && (some[5:4] != 2'd0 || some[3:2] == 2'd0);
    n[2] = !some[7] && (some[6] || (!some[5] && (some[4] || (!some[3] && (some[2] || !some[1])))));
    return n;
  endfunction
  function automatic leading_t add_lead(input logic [27:0] sum);
    leading_t r;
    r.t    = {sum, 3'b000};
    r.n    = lead_of({sum, 4'b0000});
    r.zero = sum == 28'd0;
    r.t    = r.n[4] ? (r.t << 16) : r.t;
    r.t    = r.n[3] ? (r.t << 8)  : r.t;
    r.t    = r.n[2] ? (r.t << 4)  : r.t;
    return r;
  endfunction
  // The exponents that the sum has with n = 31, unrounded and rounded up to the next power of two: so one carry chain is left for n.
  typedef struct packed {
    head_t      head;
    logic [7:0] e;
    logic [7:0] e_more;
    logic       last;        // infinite if n is 0
    logic       low;         // below the normal range if n is larger than the exponent
  } exponents_t;
  function automatic exponents_t add_exponents(input head_t head);
    return '{head: head, e: head.e - 8'd30, e_more: head.e - 8'd29, last: head.e == 8'd254, low: head.e[7:5] == 3'd0};
  endfunction
  function automatic f32_t add_pack(input leading_t x, input exponents_t from);
    head_t       head;
    logic [30:0] t;
    logic [23:0] more;
    logic [7:0]  e, e_more, exponent;
    logic        r, is_inf, zero;
    logic [22:0] f;
    head     = from.head;
    t        = x.n[1] ? (x.t << 2) : x.t;
    t        = x.n[0] ? (t << 1) : t;
    r        = t[6] && (t[7] || t[5:0] != 6'd0);                    // nearest even
    more     = {1'b0, t[29:7]} + 24'd1;
    e        = from.e + {3'd0, ~x.n};                               // head.e + 1 - n
    e_more   = from.e_more + {3'd0, ~x.n};
    is_inf   = from.last && x.n == 5'd0;                            // a carry out of the fraction leaves infinity's own bits
    zero     = x.zero || (from.low && x.n > head.e[4:0]);         // cancelled, or below the normal range, where nothing is rounded
    exponent = (r && more[23]) ? e_more : e;
    f        = r ? more[22:0] : t[29:7];
    exponent = (is_inf || zero || head.alone) ? 8'd0 : exponent;
    f        = (is_inf || zero || head.alone) ? 23'd0 : f;
    exponent = exponent | ((head.alone ? head.e : 8'd0) | ((is_inf && !head.alone) ? 8'hff : 8'd0));
    return head.nan ? Nan : {head.sign && (head.alone || !x.zero), exponent, f};
  endfunction

  // From an integer: leading one of its magnitude to bits 31 .. 28, and by how much in all; the rest, rounded.
  typedef struct packed {
    logic [31:0] t;
    logic [4:0]  n;
  } whole_t;
  function automatic whole_t i32_leading(input logic [31:0] magnitude);
    whole_t r;
    r.t = magnitude;
    r.n = lead_of(magnitude);
    r.t = r.n[4] ? (r.t << 16) : r.t;
    r.t = r.n[3] ? (r.t << 8)  : r.t;
    r.t = r.n[2] ? (r.t << 4)  : r.t;
    return r;
  endfunction
  function automatic f32_t i32_pack(input whole_t x, input logic sign);
    logic [31:0] t;
    logic [23:0] more;
    logic [7:0]  e, e_more;
    logic        r;
    t      = x.n[1] ? (x.t << 2) : x.t;
    t      = x.n[0] ? (t << 1) : t;
    r      = t[7] && (t[8] || t[6:0] != 7'd0);                      // nearest even
    more   = {1'b0, t[30:8]} + 24'd1;
    e      = 8'd127 + {3'd0, ~x.n};                                 // 158 - n
    e_more = 8'd128 + {3'd0, ~x.n};
    return (x.t == 32'd0) ? 32'd0 : {sign, (r && more[23]) ? e_more : e, r ? more[22:0] : t[30:8]};
  endfunction
  // An integer below 2^24, which is exact, times 2^-s.
  function automatic f32_t i32_exact(input whole_t x, input logic sign, input logic [4:0] s);
    logic [31:0] t;
    t = x.n[1] ? (x.t << 2) : x.t;
    t = x.n[0] ? (t << 1) : t;
    return (x.t == 32'd0) ? 32'd0 : {sign, (8'd127 - {3'd0, s}) + {3'd0, ~x.n}, t[30:8]};
  endfunction

  // From a half in two parts: the leading one of a subnormal's fraction to bit 9; the value.
  typedef struct packed {
    logic [15:0] x;
    logic [9:0]  t;
    logic [3:0]  n;
  } f16_leading_t;
  function automatic f16_leading_t f16_leading(input logic [15:0] x);
    f16_leading_t r;
    logic [4:0]   n;
    n   = lead_of({x[9:0], 22'd0});
    r.x = x;
    r.n = n[3:0];
    r.t = x[9:0];
    r.t = n[3] ? (r.t << 8) : r.t;
    r.t = n[2] ? (r.t << 4) : r.t;
    r.t = n[1] ? (r.t << 2) : r.t;
    r.t = n[0] ? (r.t << 1) : r.t;
    return r;
  endfunction
  function automatic f32_t f16_value(input f16_leading_t x);
    f32_t r;
    r = {1'b0, 8'd112 - {4'd0, x.n}, x.t[8:0], 14'd0};
    r = (x.x[9:0] == 10'd0) ? 32'd0 : r;
    r = (x.x[14:10] != 5'd0) ? {1'b0, {3'd0, x.x[14:10]} + 8'd112, x.x[9:0], 13'd0} : r;
    r = (x.x[14:10] == 5'h1f) ? Inf : r;
    r = r | {x.x[15], 31'd0};
    return (x.x[14:10] == 5'h1f && x.x[9:0] != 10'd0) ? Nan : r;
  endfunction

  // From a quotient in two parts, t and e as of fp32_round: fraction and what is to be added to it; the sum.
  typedef struct packed {
    logic [8:0]  e;          // negative from 384 on
    logic [22:0] f;
    logic        h;
    logic        r;
  } rounding_t;
  function automatic rounding_t round_place(input logic [8:0] e, input logic [26:0] t);
    rounding_t r;
    r.e = e;
    r.h = t[26];
    r.f = t[26] ? t[25:3] : t[24:2];
    r.r = t[26] ? (t[2] && (t[3] || t[1:0] != 2'd0)) : (t[1] && (t[2] || t[0]));   // nearest even
    return r;
  endfunction
  function automatic f32_t round_pack(input rounding_t x);
    logic [31:0] r;
    r = {x.e, x.f} + {8'd0, x.h, 22'd0, x.r};
    if (r[31:23] == 9'd0 || r[31:30] == 2'b11) return 32'd0;
    return (r[31] || r[30:23] == 8'hff) ? Inf : {1'b0, r[30:0]};
  endfunction

  // To integers, halves and BF16 in three parts: how far the mantissa is moved to the right, and what else decides; the moved mantissa; its
  // rounding. An integer's mantissa keeps one bit behind the point, a half's 13 bits, the last one sticky; the others are not moved.
  typedef enum logic [2:0] {NarrowNone, NarrowBf16, NarrowF16, NarrowI32, NarrowI8} narrow_e;
  typedef struct packed {
    narrow_e     kind;
    logic        sign;
    logic        nan;
    logic        zero;       // in place of the mantissa's
    logic        over;       // the mantissa does not matter
    logic [7:0]  e;          // of a subnormal half 0, of others less the 1 that their leading one adds
  } narrow_head_t;
  typedef struct packed {
    narrow_head_t head;
    logic [4:0]   s;
    logic [31:0]  m;
  } narrow_t;
  typedef struct packed {
    narrow_head_t head;
    logic [31:0]  t;
  } narrowed_t;

  function automatic narrow_t narrow_place(input f32_t x, input narrow_e kind);
    narrow_t    r;
    logic [8:0] s, d, k;
    s = 9'd157 - {1'b0, x[30:23]};
    d = {1'b0, x[30:23]} - 9'd113;
    k = 9'd113 - {1'b0, x[30:23]};
    r.head.kind = kind;
    r.head.sign = x[31];
    r.head.nan  = x[30:23] == 8'hff && x[22:0] != 23'd0;
    r.head.zero = 1'b0;
    r.head.over = 1'b0;
    r.head.e    = x[30:23];
    r.s         = '0;
    r.m         = {8'd0, 1'b1, x[22:0]};
    case (kind)
      NarrowI32, NarrowI8: begin
        r.head.zero = !s[8] && s[7:5] != 3'd0;
        r.head.over = s[8];
        r.s         = s[4:0];
        r.m         = {1'b1, x[22:0], 8'd0};
      end
      NarrowF16: begin
        r.head.zero = x[30:23] == 8'd0;
        r.head.over = !d[8] && (d[7:5] != 3'd0 || d[4:1] == 4'hf);
        r.head.e    = d[8] ? 8'd0 : d[7:0];
        if (d[8]) r.s = {1'b0, k[3:0] | {4{k[7:4] != 4'd0}}};
      end
      default: ;
    endcase
    return r;
  endfunction
  function automatic narrowed_t narrow_move(input narrow_t x);
    narrowed_t   r;
    logic [31:0] t;
    logic        lost;
    t    = x.m;
    lost = x.s[3] && t[7:0] != 8'd0;              t = x.s[3] ? (t >> 8) : t;
    lost = lost || (x.s[2] && t[3:0] != 4'd0);    t = x.s[2] ? (t >> 4) : t;
    lost = lost || (x.s[1] && t[1:0] != 2'd0);    t = x.s[1] ? (t >> 2) : t;
    lost = lost || (x.s[0] && t[0]);              t = x.s[0] ? (t >> 1) : t;
    t    = x.s[4] ? (t >> 16) : t;
    r.head = x.head;
    r.t    = t;
    if (x.head.kind == NarrowF16) r.t[0] = t[0] || lost;
    return r;
  endfunction
  // The value, in the lower bits of the word.
  function automatic f32_t narrow_round(input narrowed_t x);
    f32_t        r;
    logic [31:0] i;
    logic [14:0] h;
    logic [14:0] b;
    logic        above;
    i     = {32{x.head.sign}} ^ {1'b0, x.t[31:1]};                  // half away from zero: t[31:1] + t[0], negated
    i     = i + {31'd0, x.t[0] ^ x.head.sign};
    above = x.t[31:8] != 24'd0 || x.t[7:0] == 8'hff;
    h     = {x.head.e[4:0], x.t[22:13]} + {4'd0, x.t[23], 9'd0, x.t[12] && (x.t[13] || x.t[11:0] != 12'd0)};
    b     = {x.head.e, x.t[22:16]} + {14'd0, x.t[15] && (x.t[16] || x.t[14:0] != 15'd0)};
    case (x.head.kind)
      NarrowI32: begin
        r = x.head.over ? (x.head.sign ? Sign : Mag) : i;
        r = (x.head.nan || x.head.zero) ? 32'd0 : r;
      end
      NarrowI8: begin
        r = (x.head.over || above) ? (x.head.sign ? 32'h81 : 32'h7f) : {24'd0, i[7:0]};
        r = (x.head.nan || x.head.zero) ? 32'd0 : r;
      end
      NarrowF16: begin
        r = x.head.zero ? 32'd0 : x.head.over ? 32'h7c00 : {17'd0, h};
        r = (x.head.nan ? 32'h7e00 : r) | {16'd0, x.head.sign, 15'd0};
      end
      NarrowBf16: r = x.head.nan ? 32'h7fc0 : {16'd0, x.head.sign, b};
      default:    r = {x.head.sign, x.head.e, x.t[22:0]};
    endcase
    return r;
  endfunction

  // floor(x) as of fp32_floor, its bits 17 .. 0, in three parts: how far the mantissa is moved to the right; the moved one; the sum.
  typedef struct packed {
    logic        neg;
    logic        over;
    logic [4:0]  s;
    logic [23:0] m;
  } floor_t;
  typedef struct packed {
    logic        neg;
    logic        over;
    logic        whole;      // nothing was lost
    logic [17:0] t;
  } floored_t;
  function automatic floor_t floor_place(input f32_t x);
    floor_t     r;
    logic [8:0] s;
    s      = 9'd150 - {1'b0, x[30:23]};
    r.neg  = x[31];
    r.over = s[8] || s[7:3] == 5'd0;
    r.s    = s[4:0] | {5{s[7:5] != 3'd0}};
    r.m    = (x[30:23] == 8'd0) ? 24'd0 : {1'b1, x[22:0]};
    return r;
  endfunction
  function automatic floored_t floor_move(input floor_t x);
    floored_t    r;
    logic [23:0] t;
    logic        lost;
    t    = x.m;
    lost = x.s[4] && t[15:0] != 16'd0;            t = x.s[4] ? (t >> 16) : t;
    lost = lost || (x.s[3] && t[7:0] != 8'd0);    t = x.s[3] ? (t >> 8) : t;
    lost = lost || (x.s[2] && t[3:0] != 4'd0);    t = x.s[2] ? (t >> 4) : t;
    lost = lost || (x.s[1] && t[1:0] != 2'd0);    t = x.s[1] ? (t >> 2) : t;
    lost = lost || (x.s[0] && t[0]);              t = x.s[0] ? (t >> 1) : t;
    return '{neg: x.neg, over: x.over, whole: !lost, t: t[17:0]};
  endfunction
  function automatic logic [17:0] floor_sum(input floored_t x);
    logic [17:0] r;
    r = (x.t ^ {18{x.neg}}) + {17'd0, x.neg && x.whole};
    return x.over ? ({18{x.neg}} ^ 18'h0_ffff) : r;
  endfunction

  // x * 2^n as of fp32_scale, n of 10 bits and signed, in two parts: the exponent and what it is; the value.
  typedef struct packed {
    f32_t       x;
    logic [7:0] e;
    logic       pass;
    logic       is_inf;
    logic       zero;
  } scaled_t;
  function automatic scaled_t scale_exponent_of(input f32_t x, input logic [9:0] n);
    scaled_t     r;
    logic [10:0] e;
    e      = {3'd0, x[30:23]} + {n[9], n};
    r.x    = x;
    r.e    = e[7:0];
    r.pass = x[30:23] == 8'd0 || x[30:23] == 8'hff;
    r.is_inf  = !e[10] && (e[9:8] != 2'd0 || e[7:0] == 8'hff);
    r.zero = e[10] || e == 11'd0;
    return r;
  endfunction
  function automatic f32_t scale_value_of(input scaled_t x);
    f32_t r;
    r = {x.x[31], x.e, x.x[22:0]};
    r = x.is_inf ? {x.x[31], Inf[30:0]} : r;
    r = x.zero ? {x.x[31], 31'd0} : r;
    return x.pass ? x.x : r;
  endfunction

  // A quotient of 127: how often rest / 127 must be added, and the rest's sticky bit.
  function automatic logic [1:0] div127_carry(input logic [7:0] rest);
    return {rest == 8'd254, rest >= 8'd127 && rest != 8'd254};
  endfunction
  function automatic logic div127_sticky(input logic [7:0] rest);
    return rest != 8'd0 && rest != 8'd127 && rest != 8'd254;
  endfunction

  // Two bits of the quotient 2^49 / m at once: rem and m are below 2^24, thrice is 3 m; {two quotient bits, next remainder}.
  function automatic logic [25:0] rcp_step(input logic [23:0] m, input logic [25:0] thrice, input logic [23:0] rem);
    logic [26:0] r1, r2, r3;
    logic [25:0] r;
    r  = {rem, 2'b00};
    r1 = {1'b0, r} - {3'd0, m};
    r2 = {1'b0, r} - {2'd0, m, 1'b0};
    r3 = {1'b0, r} - {1'b0, thrice};
    if (!r3[26]) return {2'd3, r3[23:0]};
    if (!r2[26]) return {2'd2, r2[23:0]};
    if (!r1[26]) return {2'd1, r1[23:0]};
    return {2'd0, r[23:0]};
  endfunction
endpackage

// wren_fp_pkg: FP32 arithmetic of the matrix and vector engines, as functions of packed words.
//
// Numerics   IEEE-754 binary32, round to nearest even, every operation rounded on its own. Subnormal inputs and results become signed
//            zero (tininess after rounding), infinities propagate, every NaN is 7FC00000.
// Size       One carry chain per result: rounding adds the hidden one and the round bit to {exponent, fraction} at once. Bits are tested with
//            masks where a comparison would need a carry chain.
// Style      No branches, selects as chains of assignments, nothing wider than 32 bits except the product of two mantissas: so loops
//            over lanes become vector code in simulation and plain gates in synthesis.
package wren_fp_pkg;
  typedef logic [31:0] f32_t;
  localparam f32_t Sign = 32'h8000_0000, Mag = 32'h7fff_ffff, Frac = 32'h007f_ffff, Hidden = 32'h0080_0000;
  localparam f32_t Inf = 32'h7f80_0000, Nan = 32'h7fc0_0000, NegZero = 32'h8000_0000;

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

  function automatic f32_t fp32_mul(input f32_t a, input f32_t b);
    f32_t ea, eb, t, r; logic [63:0] p;
    ea = (a >> 23) & 32'd255;
    eb = (b >> 23) & 32'd255;
    p  = {32'd0, (a & Frac) | Hidden} * {32'd0, (b & Frac) | Hidden};
    t  = 32'(p >> 21) | (((32'(p) & 32'h001f_ffff) != 32'd0) ? 32'd1 : 32'd0);
    r  = fp32_round(ea + eb - 32'd127, t);
    r  = (ea == 32'd255 || eb == 32'd255) ? Inf : r;
    r  = (ea == 32'd0 || eb == 32'd0) ? 32'd0 : r;
    r  = r | ((a ^ b) & Sign);
    r  = ((ea == 32'd0 && eb == 32'd255) || (ea == 32'd255 && eb == 32'd0)) ? Nan : r;
    return (is_nan(a) || is_nan(b)) ? Nan : r;
  endfunction

  // Addition in two halves, so that a pipeline register fits between them (fp32_add: both in one clock):
  // sum = aligned magnitudes added (28 bits, the last one sticky); head = sign and exponent of the result, bit 0 set for NaN.
  function automatic f32_t fp32_add_sum(input f32_t a, input f32_t b);
    f32_t x, y, d, mx, my, al, neg;
    x   = ((a & Mag) >= (b & Mag)) ? a : b;                         // the larger magnitude
    y   = ((a & Mag) >= (b & Mag)) ? b : a;
    d   = ((x >> 23) & 32'd255) - ((y >> 23) & 32'd255);
    d   = ((d & 32'h0000_00e0) != 32'd0) ? 32'd31 : d;
    mx  = ((x & Frac) | Hidden) << 3;
    my  = ((y & Inf) == 32'd0) ? 32'd0 : (((y & Frac) | Hidden) << 3);
    al  = (my >> d[4:0]) | (((my & ~(32'hffff_ffff << d[4:0])) != 32'd0) ? 32'd1 : 32'd0);
    neg = (((a ^ b) >> 31) != 32'd0) ? 32'hffff_ffff : 32'd0;
    return (((mx << 1) | 32'd1) + (((al ^ neg) << 1) | (neg & 32'd1))) >> 1;   // mx - al or mx + al
  endfunction
  function automatic f32_t fp32_add_head(input f32_t a, input f32_t b);
    f32_t x, y, h;
    x = ((a & Mag) >= (b & Mag)) ? a : b;
    y = ((a & Mag) >= (b & Mag)) ? b : a;
    h = ((x & Inf) == 32'd0) ? (a & b & Sign) : (x & (Sign | Inf)); // both zero: -0 only for -0 + -0
    return (is_nan(x) || ((y & Mag) == Inf && ((a ^ b) & Sign) != 32'd0)) ? (h | 32'd1) : h;
  endfunction
  function automatic f32_t fp32_add_norm(input f32_t sum, input f32_t head);
    f32_t t, n, e, r;
    t = sum << 3;                                                   // leading one to bit 30, n: by how much
    n = ((t & 32'hffff_8000) == 32'd0) ? 32'd16 : 32'd0;      t = ((t & 32'hffff_8000) == 32'd0) ? (t << 16) : t;
    n = ((t & 32'hff80_0000) == 32'd0) ? (n | 32'd8) : n;     t = ((t & 32'hff80_0000) == 32'd0) ? (t << 8)  : t;
    n = ((t & 32'hf800_0000) == 32'd0) ? (n | 32'd4) : n;     t = ((t & 32'hf800_0000) == 32'd0) ? (t << 4)  : t;
    n = ((t & 32'he000_0000) == 32'd0) ? (n | 32'd2) : n;     t = ((t & 32'he000_0000) == 32'd0) ? (t << 2)  : t;
    n = ((t & 32'hc000_0000) == 32'd0) ? (n | 32'd1) : n;     t = ((t & 32'hc000_0000) == 32'd0) ? (t << 1)  : t;
    e = ((head >> 23) & 32'd255) - n;
    r = ((t & 32'h40) != 32'd0 && (t & 32'hbf) != 32'd0) ? 32'd1 : 32'd0;   // nearest even
    r = ((e << 23) | ((t >> 7) & Frac)) + (Hidden | r);
    r = ((r & Inf) == Inf) ? Inf : r;
    r = ((e >> 31) != 32'd0) ? 32'd0 : r;                           // below the normal range
    r = (sum == 32'd0) ? 32'd0 : (r | (head & Sign));               // exact cancellation: +0
    r = ((head & Inf) == 32'd0 || (head & Inf) == Inf) ? head : r;
    return (head[0]) ? Nan : r;
  endfunction
  function automatic f32_t fp32_add(input f32_t a, input f32_t b);
    return fp32_add_norm(fp32_add_sum(a, b), fp32_add_head(a, b));
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

  function automatic f32_t fp32_from_i32(input f32_t x);
    f32_t t, n, r;
    t = ((x >> 31) != 32'd0) ? -x : x;                              // leading one to bit 31, n: by how much
    n = ((t & 32'hffff_0000) == 32'd0) ? 32'd16 : 32'd0;      t = ((t & 32'hffff_0000) == 32'd0) ? (t << 16) : t;
    n = ((t & 32'hff00_0000) == 32'd0) ? (n | 32'd8) : n;     t = ((t & 32'hff00_0000) == 32'd0) ? (t << 8)  : t;
    n = ((t & 32'hf000_0000) == 32'd0) ? (n | 32'd4) : n;     t = ((t & 32'hf000_0000) == 32'd0) ? (t << 4)  : t;
    n = ((t & 32'hc000_0000) == 32'd0) ? (n | 32'd2) : n;     t = ((t & 32'hc000_0000) == 32'd0) ? (t << 2)  : t;
    n = ((t & 32'h8000_0000) == 32'd0) ? (n | 32'd1) : n;     t = ((t & 32'h8000_0000) == 32'd0) ? (t << 1)  : t;
    r = ((t & 32'h80) != 32'd0 && (t & 32'h17f) != 32'd0) ? 32'd1 : 32'd0;  // nearest even
    r = (((32'd157 - n) << 23) | ((t >> 8) & Frac)) + (Hidden | r);
    return (t == 32'd0) ? 32'd0 : ((x & Sign) | r);
  endfunction

  function automatic f32_t fp32_canonical(input f32_t x);           // subnormal -> signed zero, NaN -> 7FC00000
    f32_t r;
    r = ((x & Inf) == 32'd0) ? (x & Sign) : x;
    return is_nan(x) ? Nan : r;
  endfunction

  function automatic f32_t fp32_from_f16(input f32_t x);            // bits 15..0, exact; NaN canonical
    f32_t e, m, h, t;
    e = (x >> 10) & 32'd31;
    m = x & 32'h3ff;
    t = m << 13;                                                    // subnormal: normalise the 10 bits
    h = 32'd113;
    h = ((t & 32'h007f_8000) == 32'd0) ? (h - 32'd8) : h;   t = ((t & 32'h007f_8000) == 32'd0) ? (t << 8) : t;
    h = ((t & 32'h0078_0000) == 32'd0) ? (h - 32'd4) : h;   t = ((t & 32'h0078_0000) == 32'd0) ? (t << 4) : t;
    h = ((t & 32'h0060_0000) == 32'd0) ? (h - 32'd2) : h;   t = ((t & 32'h0060_0000) == 32'd0) ? (t << 2) : t;
    h = ((t & 32'h0040_0000) == 32'd0) ? (h - 32'd1) : h;   t = ((t & 32'h0040_0000) == 32'd0) ? (t << 1) : t;
    h = ((h - 32'd1) << 23) | ((t << 1) & Frac);
    h = (m == 32'd0) ? 32'd0 : h;
    h = (e != 32'd0) ? (((e + 32'd112) << 23) | (m << 13)) : h;
    h = (e == 32'd31) ? ((m == 32'd0) ? Inf : Nan) : h;
    return (h == Nan) ? Nan : (h | ((x << 16) & Sign));
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

  function automatic f32_t fp32_div127(input f32_t x);              // x >= 0 or NaN, correctly rounded
    f32_t e, n, h, k, q;
    e = x >> 23;
    n = ((x & Frac) | Hidden) << 2;                                 // mantissa * 2^9 = 127 * n + n
    k = (n >> 7) + (n & 32'd127);                                   // n = 127 * (n >> 7) + k, and so on
    h = (k >> 7) + (k & 32'd127);
    q = (n >> 7) + (k >> 7) + (h >> 7);
    h = (h >> 7) + (h & 32'd127);
    q = q + ((h >= 32'd127) ? 32'd1 : 32'd0) + ((h == 32'd254) ? 32'd1 : 32'd0);
    q = (n + q) | ((h != 32'd0 && h != 32'd127 && h != 32'd254) ? 32'd1 : 32'd0);
    return (x >= Inf) ? x : (e == 32'd0) ? 32'd0 : fp32_round(e - 32'd7, q);
  endfunction

  // Three steps of the restoring division 2^49 / mantissa of d: the next remainder, and the quotient bits.
  function automatic f32_t fp32_rcp_rem(input f32_t d, input f32_t rem);
    f32_t m, r;
    m = (d & Frac) | Hidden;
    r = rem << 1;
    r = (r >= m) ? (r - m) << 1 : (r << 1);
    r = (r >= m) ? (r - m) << 1 : (r << 1);
    return (r >= m) ? (r - m) : r;
  endfunction
  function automatic f32_t fp32_rcp_bits(input f32_t d, input f32_t rem);
    f32_t m, r, q;
    m = (d & Frac) | Hidden;
    r = rem << 1;
    q = (r >= m) ? 32'd4 : 32'd0;
    r = (r >= m) ? (r - m) << 1 : (r << 1);
    q = q | ((r >= m) ? 32'd2 : 32'd0);
    r = (r >= m) ? (r - m) << 1 : (r << 1);
    return q | ((r >= m) ? 32'd1 : 32'd0);
  endfunction

  // 1 / d (0 for d = 0) from the 27-bit quotient 2^49 / mantissa of d, with its sticky bit
  function automatic f32_t fp32_rcp_round(input f32_t d, input f32_t quo);
    f32_t r;
    r = fp32_round(32'd253 - (d >> 23), quo);
    return (d > Inf) ? Nan : (d == Inf || d == 32'd0) ? 32'd0 : r;
  endfunction

  function automatic logic [15:0] fp16_from_fp32(input f32_t x);    // round to nearest even, with subnormal halves
    f32_t d, m, k, w, r; logic tiny, huge;
    d = ((x >> 23) & 32'd255) - 32'd113;                            // exponent of the half, less 1
    tiny = (d >> 31) != 32'd0;
    huge = !tiny && ((d & 32'he0) != 32'd0 || (d & 32'h1e) == 32'h1e);
    m = (x & Frac) | Hidden;
    k = tiny ? -d : 32'd0;                                         // subnormal half: further to the right
    k = ((k & 32'hf0) != 32'd0) ? 32'd15 : k;
    w = (m >> k[3:0]) | (((m & ~(32'hffff_ffff << k[3:0])) != 32'd0) ? 32'd1 : 32'd0);
    r = ((w & 32'h1000) != 32'd0 && (w & 32'h2fff) != 32'd0) ? 32'd1 : 32'd0;
    r = (((tiny ? 32'd0 : d) << 10) | ((w >> 13) & 32'h3ff)) + ((tiny ? 32'd0 : 32'h400) | r);
    r = huge ? 32'h7c00 : r;
    r = ((x & Inf) == 32'd0) ? 32'd0 : r;
    r = is_nan(x) ? 32'h7e00 : r;
    return 16'(r | ((x >> 16) & 32'h8000));
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
  function automatic f32_t i32_from_fp32(input f32_t x);
    f32_t i;
    i = i32_magnitude(x);
    i = (i == Sign && (x >> 31) == 32'd0) ? Mag : i;
    return ((x >> 31) != 32'd0) ? -i : i;
  endfunction
  function automatic f32_t i8_from_fp32(input f32_t x);             // -127 .. 127, sign-extended; shares the 32-bit conversion
    f32_t i;
    i = i32_magnitude(x);
    i = ((i & 32'hffff_ff80) != 32'd0) ? 32'd127 : i;
    return ((x >> 31) != 32'd0) ? -i : i;
  endfunction
  // The conversion saturates or meets NaN: limit 32'h42ff_0000 (127.5) for i8, 32'h4f00_0000 (2^31) for i32.
  function automatic f32_t fp32_beyond(input f32_t x, input f32_t limit);
    return ((x & Mag) >= limit && !(x == 32'hcf00_0000 && limit == 32'h4f00_0000)) ? 32'd1 : 32'd0;
  endfunction

  // Exact float(m) * 2^-s for a small integer m: the fraction of a mantissa-addressed table.
  function automatic f32_t fp32_fraction(input f32_t m, input f32_t s);
    return (m == 32'd0) ? 32'd0 : (fp32_from_i32(m) - (s << 23));
  endfunction
endpackage

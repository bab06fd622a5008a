// wren_fp_pkg: FP32 arithmetic of the matrix and vector engines, as functions of packed words.
//
// Numerics   IEEE-754 binary32, round to nearest even, every operation rounded on its own. Subnormal inputs and results become signed
//            zero (tininess after rounding), infinities propagate, every NaN is 7FC00000.
// Size       One carry chain per result: rounding adds the hidden one and the round bit to {exponent, fraction} at once. Bits are tested with
//            masks where a comparison would need a carry chain.
// Stages     fp32_mul, fp32_add and a few others are compositions of functions that registers may part (wren_vmul, wren_vadd).
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

  // Multiplication in two parts: the product's 28 bits, the last one sticky; rounding and special values.
  function automatic f32_t fp32_mul_product(input f32_t a, input f32_t b);
    logic [63:0] p;
    p = {32'd0, (a & Frac) | Hidden} * {32'd0, (b & Frac) | Hidden};
    return 32'(p >> 21) | (((32'(p) & 32'h001f_ffff) != 32'd0) ? 32'd1 : 32'd0);
  endfunction
  function automatic f32_t fp32_mul_round(input f32_t t, input f32_t a, input f32_t b);
    f32_t ea, eb, r;
    ea = (a >> 23) & 32'd255;
    eb = (b >> 23) & 32'd255;
    r  = fp32_round(ea + eb - 32'd127, t);
    r  = (ea == 32'd255 || eb == 32'd255) ? Inf : r;
    r  = (ea == 32'd0 || eb == 32'd0) ? 32'd0 : r;
    r  = r | ((a ^ b) & Sign);
    r  = ((ea == 32'd0 && eb == 32'd255) || (ea == 32'd255 && eb == 32'd0)) ? Nan : r;
    return (is_nan(a) || is_nan(b)) ? Nan : r;
  endfunction

  // Addition in four parts: order the operands; align the smaller one; add (28 bits, the last one sticky) and bring the leading one near
  // bit 30; normalise the rest, round. head = sign and exponent of the result, bit 0 set for NaN.
  function automatic f32_t fp32_add_large(input f32_t a, input f32_t b);  // the larger magnitude
    return ((a & Mag) >= (b & Mag)) ? a : b;
  endfunction
  function automatic f32_t fp32_add_small(input f32_t a, input f32_t b);
    return ((a & Mag) >= (b & Mag)) ? b : a;
  endfunction
  function automatic f32_t fp32_add_align(input f32_t x, input f32_t y);  // mantissa of y; inverted if it is to be subtracted
    f32_t d, my, al, neg;
    d   = ((x >> 23) & 32'd255) - ((y >> 23) & 32'd255);
    d   = ((d & 32'h0000_00e0) != 32'd0) ? 32'd31 : d;
    my  = ((y & Inf) == 32'd0) ? 32'd0 : (((y & Frac) | Hidden) << 3);
    al  = (my >> d[4:0]) | (((my & ~(32'hffff_ffff << d[4:0])) != 32'd0) ? 32'd1 : 32'd0);
    neg = (((x ^ y) >> 31) != 32'd0) ? 32'hffff_ffff : 32'd0;
    return al ^ neg;
  endfunction
  function automatic f32_t fp32_add_head_of(input f32_t x, input f32_t y);
    f32_t h;
    h = ((x & Inf) == 32'd0) ? (x & y & Sign) : (x & (Sign | Inf)); // both zero: -0 only for -0 + -0
    return (is_nan(x) || ((y & Mag) == Inf && ((x ^ y) & Sign) != 32'd0)) ? (h | 32'd1) : h;
  endfunction
  function automatic f32_t fp32_add_aligned(input f32_t x, input f32_t w);  // mx - al or mx + al
    f32_t mx;
    mx = ((x & Frac) | Hidden) << 3;
    return (((mx << 1) | 32'd1) + ((w << 1) | (w >> 31))) >> 1;
  endfunction
  function automatic f32_t fp32_add_near(input f32_t sum);                // leading one to bits 30 .. 27
    f32_t t;
    t = sum << 3;
    t = ((t & 32'hffff_8000) == 32'd0) ? (t << 16) : t;
    t = ((t & 32'hff80_0000) == 32'd0) ? (t << 8)  : t;
    return ((t & 32'hf800_0000) == 32'd0) ? (t << 4) : t;
  endfunction
  function automatic f32_t fp32_add_moved(input f32_t sum);               // by how much
    f32_t t, n;
    t = sum << 3;
    n = ((t & 32'hffff_8000) == 32'd0) ? 32'd16 : 32'd0;      t = ((t & 32'hffff_8000) == 32'd0) ? (t << 16) : t;
    n = ((t & 32'hff80_0000) == 32'd0) ? (n | 32'd8) : n;     t = ((t & 32'hff80_0000) == 32'd0) ? (t << 8)  : t;
    return ((t & 32'hf800_0000) == 32'd0) ? (n | 32'd4) : n;
  endfunction
  function automatic f32_t fp32_add_round(input f32_t near, input f32_t moved, input f32_t head);
    f32_t t, n, e, r;
    t = near;
    n = moved;
    n = ((t & 32'he000_0000) == 32'd0) ? (n | 32'd2) : n;     t = ((t & 32'he000_0000) == 32'd0) ? (t << 2)  : t;
    n = ((t & 32'hc000_0000) == 32'd0) ? (n | 32'd1) : n;     t = ((t & 32'hc000_0000) == 32'd0) ? (t << 1)  : t;
    e = ((head >> 23) & 32'd255) - n;
    r = ((t & 32'h40) != 32'd0 && (t & 32'hbf) != 32'd0) ? 32'd1 : 32'd0;   // nearest even
    r = ((e << 23) | ((t >> 7) & Frac)) + (Hidden | r);
    r = ((r & Inf) == Inf) ? Inf : r;
    r = ((e >> 31) != 32'd0) ? 32'd0 : r;                           // below the normal range
    r = (near == 32'd0) ? 32'd0 : (r | (head & Sign));              // exact cancellation: +0
    r = ((head & Inf) == 32'd0 || (head & Inf) == Inf) ? head : r;
    return (head[0]) ? Nan : r;
  endfunction
  // The whole operations, as one step and the addition also in two halves, for wide engines. A simulator computes them in vectors of 32-bit
  // words: no leading zeros counted in pairs of selects, limits instead of tests. They give the bits of the parts above.
  function automatic f32_t u32_min(input f32_t a, input f32_t b);
    return (a < b) ? a : b;
  endfunction
  function automatic f32_t u32_max(input f32_t a, input f32_t b);
    return (a > b) ? a : b;
  endfunction

  // t * 2^-7 to the nearest even: leading one at bit 30, so the hidden one is at bit 23 or, after a carry, 24.
  function automatic f32_t fp32_nearest(input f32_t t);
    return (t + 32'd63 + ((t >> 7) & 32'd1)) >> 7;
  endfunction

  function automatic f32_t fp32_mul(input f32_t a, input f32_t b);
    f32_t ma, mb, hi, lo, p, z, e, r, sign;
    logic [63:0] q;
    ma = a & Mag;
    mb = b & Mag;
    hi = u32_max(ma, mb);
    lo = u32_min(ma, mb);
    q  = {32'd0, (a << 8) | Sign} * {32'd0, ((b & Frac) | Hidden) << 7};  // 2^61 .. 2^63
    p  = 32'(q >> 32) | u32_min(32'(q), 32'd1);
    z  = ($signed(p) < 32'sh4000_0000) ? 32'hffff_ffff : 32'd0;
    p  = p + (p & z);
    e  = (ma >> 23) + (mb >> 23) + z - 32'd255;                           // 128 less than it is, and 1 for the hidden one
    r  = fp32_nearest(p) + (e << 23);
    r  = ($signed(r) < 32'sh3f80_0000) ? r : 32'h3f80_0000;
    z  = ($signed(r) < -32'sh3f80_0000) ? 32'd0 : 32'hffff_ffff;          // below the normal range
    r  = (r + 32'h4000_0000) & z;
    z  = ($signed(lo) < 32'sh0080_0000) ? 32'hffff_ffff : 32'd0;          // a factor is zero
    r  = r & ~z;
    r  = ($signed(hi) < 32'sh7f80_0000) ? r : (hi | (z & Nan));
    sign = (a ^ b) & Sign;
    return ($signed(r) > 32'sh7f80_0000) ? Nan : (r | sign);
  endfunction

  // Sum of the mantissas: leading one at bit 30 or below, 6 bits below the larger operand's, the last one sticky.
  function automatic f32_t fp32_add_sum(input f32_t a, input f32_t b);
    f32_t ma, mb, hi, lo, d, x, y, al, neg;
    ma  = a & Mag;
    mb  = b & Mag;
    hi  = u32_max(ma, mb);
    lo  = u32_min(ma, mb);
    neg = (((a ^ b) & Sign) != 32'd0) ? 32'hffff_ffff : 32'd0;
    d   = u32_min((hi >> 23) - (lo >> 23), 32'd31);
    x   = ((hi & Frac) | Hidden) << 6;
    y   = ((lo & Frac) | Hidden) << 6;
    y   = ($signed(lo) < 32'sh0080_0000) ? 32'd0 : y;
    al  = y >> d[4:0];
    al  = al | (((al << d[4:0]) != y) ? 32'd1 : 32'd0);
    return x + ((al ^ neg) - neg);
  endfunction

  // Sign, exponent and first bit of the fraction of the larger operand. Of equal magnitudes the positive one, of zeros both signs' and.
  function automatic f32_t fp32_add_head(input f32_t a, input f32_t b);
    f32_t ma, mb, hi, x;
    ma = a & Mag;
    mb = b & Mag;
    hi = u32_max(ma, mb);
    x  = ($signed(ma) > $signed(mb)) ? a : b;
    x  = (ma == mb || $signed(hi) < 32'sh0080_0000) ? (a & b) : x;
    x  = ($signed(hi) > 32'sh7f80_0000) ? Nan : x;
    return x & 32'hffc0_0000;
  endfunction

  function automatic f32_t fp32_add_norm(input f32_t sum, input f32_t head);
    f32_t t, n, d, x, e, r, z;
    t = sum;                                                              // leading one to bit 30
    n = ($signed(t) < 32'sh0000_8000) ? 32'd16 : 32'd0;   t = t << n[4:0];
    d = ($signed(t) < 32'sh0080_0000) ? 32'd8  : 32'd0;   t = t << d[4:0];   n = n | d;
    d = ($signed(t) < 32'sh0800_0000) ? 32'd4  : 32'd0;   t = t << d[4:0];   n = n | d;
    d = ($signed(t) < 32'sh2000_0000) ? 32'd2  : 32'd0;   t = t << d[4:0];   n = n | d;
    d = ($signed(t) < 32'sh4000_0000) ? 32'd1  : 32'd0;   t = t << d[4:0];   n = n | d;
    x = (head >> 23) & 32'd255;
    e = x - n;
    r = fp32_nearest(t) + (e << 23);
    z = (sum == 32'd0) ? 32'hffff_ffff : 32'd0;
    r = u32_min(r, Inf);
    r = ($signed(e) < 32'sd0) ? 32'd0 : r;                                // below the normal range, where sums are exact
    r = r & ~z;
    r = r | (head & Sign);
    return (x == 32'd255) ? (head | (z & Nan)) : r;                       // infinity less infinity has no sum
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

  // From an integer in three parts: its magnitude; that with the leading one at bit 31, and by how much it was moved; rounding.
  function automatic f32_t i32_abs(input f32_t x);
    return ((x >> 31) != 32'd0) ? -x : x;
  endfunction
  function automatic f32_t i32_lead(input f32_t abs);
    f32_t t;
    t = abs;
    t = ((t & 32'hffff_0000) == 32'd0) ? (t << 16) : t;
    t = ((t & 32'hff00_0000) == 32'd0) ? (t << 8)  : t;
    t = ((t & 32'hf000_0000) == 32'd0) ? (t << 4)  : t;
    t = ((t & 32'hc000_0000) == 32'd0) ? (t << 2)  : t;
    return ((t & 32'h8000_0000) == 32'd0) ? (t << 1) : t;
  endfunction
  function automatic f32_t i32_moved(input f32_t abs);
    f32_t t, n;
    t = abs;
    n = ((t & 32'hffff_0000) == 32'd0) ? 32'd16 : 32'd0;      t = ((t & 32'hffff_0000) == 32'd0) ? (t << 16) : t;
    n = ((t & 32'hff00_0000) == 32'd0) ? (n | 32'd8) : n;     t = ((t & 32'hff00_0000) == 32'd0) ? (t << 8)  : t;
    n = ((t & 32'hf000_0000) == 32'd0) ? (n | 32'd4) : n;     t = ((t & 32'hf000_0000) == 32'd0) ? (t << 4)  : t;
    n = ((t & 32'hc000_0000) == 32'd0) ? (n | 32'd2) : n;     t = ((t & 32'hc000_0000) == 32'd0) ? (t << 2)  : t;
    return ((t & 32'h8000_0000) == 32'd0) ? (n | 32'd1) : n;
  endfunction
  function automatic f32_t i32_round(input f32_t t, input f32_t n, input f32_t x);  // x: for its sign
    f32_t r;
    r = ((t & 32'h80) != 32'd0 && (t & 32'h17f) != 32'd0) ? 32'd1 : 32'd0;  // nearest even
    r = (((32'd157 - n) << 23) | ((t >> 8) & Frac)) + (Hidden | r);
    return (t == 32'd0) ? 32'd0 : ((x & Sign) | r);
  endfunction
  function automatic f32_t fp32_from_i32(input f32_t x);
    return i32_round(i32_lead(i32_abs(x)), i32_moved(i32_abs(x)), x);
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

  // One step of it: the next remainder, and above it (bit 31) the quotient bit.
  function automatic f32_t fp32_rcp_step(input f32_t d, input f32_t rem);
    f32_t m, r;
    m = (d & Frac) | Hidden;
    r = rem << 1;
    return (r >= m) ? ((r - m) | Sign) : r;
  endfunction

  // 1 / d (0 for d = 0) from the 27-bit quotient 2^49 / mantissa of d, with its sticky bit
  function automatic f32_t fp32_rcp_round(input f32_t d, input f32_t quo);
    f32_t r;
    r = fp32_round(32'd253 - (d >> 23), quo);
    return (d > Inf) ? Nan : (d == Inf || d == 32'd0) ? 32'd0 : r;
  endfunction

  // To FP16 (nearest even, with subnormal halves) in two parts: the mantissa moved to its place, with a sticky bit; rounding.
  function automatic f32_t fp16_align(input f32_t x);
    f32_t d, m, k; logic tiny;
    d = ((x >> 23) & 32'd255) - 32'd113;                            // exponent of the half, less 1
    tiny = (d >> 31) != 32'd0;
    m = (x & Frac) | Hidden;
    k = tiny ? -d : 32'd0;                                         // subnormal half: further to the right
    k = ((k & 32'hf0) != 32'd0) ? 32'd15 : k;
    return (m >> k[3:0]) | (((m & ~(32'hffff_ffff << k[3:0])) != 32'd0) ? 32'd1 : 32'd0);
  endfunction
  function automatic logic [15:0] fp16_round(input f32_t w, input f32_t x);
    f32_t d, r; logic tiny, huge;
    d = ((x >> 23) & 32'd255) - 32'd113;
    tiny = (d >> 31) != 32'd0;
    huge = !tiny && ((d & 32'he0) != 32'd0 || (d & 32'h1e) == 32'h1e);
    r = ((w & 32'h1000) != 32'd0 && (w & 32'h2fff) != 32'd0) ? 32'd1 : 32'd0;
    r = (((tiny ? 32'd0 : d) << 10) | ((w >> 13) & 32'h3ff)) + ((tiny ? 32'd0 : 32'h400) | r);
    r = huge ? 32'h7c00 : r;
    r = ((x & Inf) == 32'd0) ? 32'd0 : r;
    r = is_nan(x) ? 32'h7e00 : r;
    return 16'(r | ((x >> 16) & 32'h8000));
  endfunction
  function automatic logic [15:0] fp16_from_fp32(input f32_t x);
    return fp16_round(fp16_align(x), x);
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

  // Exact float(m) * 2^-s for a small integer m: the fraction of a mantissa-addressed table.
  function automatic f32_t fp32_fraction_of(input f32_t r, input f32_t s);  // r = float(m)
    return (r == 32'd0) ? 32'd0 : (r - (s << 23));
  endfunction
  function automatic f32_t fp32_fraction(input f32_t m, input f32_t s);
    return fp32_fraction_of(fp32_from_i32(m), s);
  endfunction
endpackage

// wren_fp_whole_pkg: the FP32 operations that take most of a wide engine's work, each in one step, as functions of words.
//
// Numerics   As in wren_fp_pkg, which has the same operations in parts for an FPGA's stages, bit for bit.
// Style      A simulator computes them in vectors of 32-bit words: no branches, shifts by a computed number instead of pairs of selects, limits
//            instead of tests, nothing wider than 32 bits except the product of two mantissas.
// Simulation sim/host has a package of this name that leaves them to the arithmetic of the machine that simulates; where an operation is in two
//            or three functions here (for the registers between them), what they hand on is different there, the result is not.
package wren_fp_whole_pkg;
  import wren_fp_pkg::*;

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

  // Addition in two halves. Sum of the mantissas: leading one at bit 30 or below, 6 bits below the larger operand's, the last one sticky.
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

  // The second half: leading one to its place, rounding.
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

  // From an integer in three parts: its magnitude (i32_abs); that with the leading one at bit 31, and by how much it was moved; rounding.
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

  // Exact float(m) * 2^-s for a small integer m: the fraction of a mantissa-addressed table.
  function automatic f32_t fp32_fraction_of(input f32_t r, input f32_t s);  // r = float(m)
    return (r == 32'd0) ? 32'd0 : (r - (s << 23));
  endfunction
  function automatic f32_t fp32_fraction(input f32_t m, input f32_t s);
    return fp32_fraction_of(fp32_from_i32(m), s);
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

  // The product of two scales: what is taken from each factor once, and what is left for the product: mantissas ma and mb, sum of exponents es,
  // sign in bit 31 of sign. Exact but for overflow and flushing.
  function automatic f32_t cell_mantissa(input f32_t x);
    return scale_mantissa(x);
  endfunction
  function automatic f32_t cell_exponent(input f32_t x);
    return scale_exponent(x);
  endfunction
  function automatic f32_t cell_scale(input f32_t ma, input f32_t mb, input f32_t es, input f32_t sign);
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

  // float(s) * k, rounded once: |s| <= 2^19 is exact as a float. No result is below the normal range.
  function automatic f32_t dot_mul(input f32_t s, input f32_t k);
    f32_t mk, m, t, n, d, b, p, c, e, r, z, sign;
    mk = k & Mag;
    m  = ((s >> 31) != 32'd0) ? -s : s;
    t  = m;                                                               // leading one to bit 19, n: by how much
    n  = ($signed(t) < 32'sh0_0010) ? 32'd16 : 32'd0;   t = t << n[4:0];
    d  = ($signed(t) < 32'sh0_1000) ? 32'd8  : 32'd0;   t = t << d[4:0];   n = n | d;
    d  = ($signed(t) < 32'sh1_0000) ? 32'd4  : 32'd0;   t = t << d[4:0];   n = n | d;
    d  = ($signed(t) < 32'sh4_0000) ? 32'd2  : 32'd0;   t = t << d[4:0];   n = n | d;
    d  = ($signed(t) < 32'sh8_0000) ? 32'd1  : 32'd0;   t = t << d[4:0];   n = n | d;
    b  = t * (k & 32'h0fff);                                              // the product in two words, each of 32 bits
    p  = t * (((k & Frac) | Hidden) >> 12);
    p  = p + (b >> 12);                                                   // 2^30 .. 2^32
    c  = p >> 31;
    p  = (p >> c[0]) | (p & c) | u32_min(b & 32'h0fff, 32'd1);
    e  = (mk >> 23) + 32'd18 - n + c;                                     // and 1 for the hidden one
    r  = fp32_nearest(p) + (e << 23);
    r  = u32_min(r, Inf);
    z  = (u32_min(mk, m) == 32'd0) ? 32'hffff_ffff : 32'd0;
    r  = r & ~z;
    r  = ($signed(mk) < 32'sh7f80_0000) ? r : (mk | (z & Nan));
    sign = (s ^ k) & Sign;
    return ($signed(r) > 32'sh7f80_0000) ? Nan : (r | sign);
  endfunction

  // What the registers between the parts of an operation hold: a sum and its head; remainder and quotient of a reciprocal.
  localparam bit AddInHalves = 1'b1, RcpInSteps = 1'b1;

endpackage

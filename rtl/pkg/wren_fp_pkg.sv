// wren_fp_pkg: FP32 arithmetic of the matrix and vector engines, as functions of packed words.
//
// Numerics   IEEE-754 binary32, round to nearest even, every operation rounded on its own. Subnormal inputs and results become signed
//            zero (tininess after rounding), infinities propagate, every NaN is 7FC00000.
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

  // Round and pack: t has its leading one at bit 26 (exponent e + 1) or 25 (exponent e), lower bits sticky.
  function automatic f32_t fp32_round(input f32_t e, input f32_t t);
    f32_t h, x, r;
    h = t >> 26;
    r = (h != 32'd0) ? t : (t << 1);
    r = (r + 32'd3 + ((r >> 3) & 32'd1)) >> 3;                      // round to nearest even: 2^23 .. 2^24
    x = e + h + (r >> 24);
    r = ((e + h - 32'd1) << 23) + r;                                // the hidden one adds 1 to the exponent
    r = (x >= 32'd255) ? Inf : r;
    return (x == 32'd0 || (x >> 31) != 32'd0) ? 32'd0 : r;
  endfunction

  function automatic f32_t fp32_mul(input f32_t a, input f32_t b);
    f32_t ea, eb, t, r; logic [63:0] p;
    ea = (a >> 23) & 32'd255;
    eb = (b >> 23) & 32'd255;
    p  = {32'd0, (a & Frac) | Hidden} * {32'd0, (b & Frac) | Hidden};
    t  = 32'(p >> 21) | (((32'(p) & 32'h001f_ffff) != 32'd0) ? 32'd1 : 32'd0);
    r  = fp32_round(ea + eb - 32'd127, t);
    r  = (ea == 32'd255 || eb == 32'd255) ? Inf : r;
    r  = (ea == 32'd0 || eb == 32'd0) ? ((r == Inf) ? Nan : 32'd0) : r;
    r  = r | ((a ^ b) & Sign);
    return ((a & Mag) > Inf || (b & Mag) > Inf || (r & Mag) > Inf) ? Nan : r;
  endfunction

  // Addition in two halves, so that a pipeline register fits between them (fp32_add: both in one clock):
  // sum = aligned magnitudes added (28 bits, the last one sticky); head = sign and exponent of the result, bit 0 set for NaN.
  function automatic f32_t fp32_add_sum(input f32_t a, input f32_t b);
    f32_t x, y, d, mx, my, al;
    x  = ((a & Mag) >= (b & Mag)) ? a : b;                          // the larger magnitude
    y  = ((a & Mag) >= (b & Mag)) ? b : a;
    d  = ((x >> 23) & 32'd255) - ((y >> 23) & 32'd255);
    d  = ((d & 32'h0000_00e0) != 32'd0) ? 32'd31 : d;
    mx = ((x & Frac) | Hidden) << 3;
    my = ((y & Inf) == 32'd0) ? 32'd0 : (((y & Frac) | Hidden) << 3);
    al = (my >> d[4:0]) | (((my & ~(32'hffff_ffff << d[4:0])) != 32'd0) ? 32'd1 : 32'd0);
    return (((a ^ b) >> 31) != 32'd0) ? (mx - al) : (mx + al);
  endfunction
  function automatic f32_t fp32_add_head(input f32_t a, input f32_t b);
    f32_t x, y, h;
    x = ((a & Mag) >= (b & Mag)) ? a : b;
    y = ((a & Mag) >= (b & Mag)) ? b : a;
    h = ((x & Inf) == 32'd0) ? (a & b & Sign) : (x & (Sign | Inf)); // both zero: -0 only for -0 + -0
    return ((x & Mag) > Inf || ((y & Mag) == Inf && ((a ^ b) & Sign) != 32'd0)) ? (h | 32'd1) : h;
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
    r = (e << 23) + ((t + 32'd63 + ((t >> 7) & 32'd1)) >> 7);       // the hidden one adds 1 to the exponent
    r = ((r >> 23) >= 32'd255) ? Inf : r;
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
    f32_t ka, kb;
    ka = a ^ (((a >> 31) != 32'd0) ? 32'hffff_ffff : Sign);         // unsigned order of the keys is the order of the values
    kb = b ^ (((b >> 31) != 32'd0) ? 32'hffff_ffff : Sign);
    return (ka > kb) ? a : b;
  endfunction

  function automatic f32_t fp32_max_of(input f32_t a, input f32_t b, input logic magnitude);
    f32_t m;
    m = magnitude ? Mag : 32'hffff_ffff;
    return fp32_max(a & m, b & m);
  endfunction

  function automatic f32_t fp32_from_i32(input f32_t x);
    f32_t t, e;
    t = ((x >> 31) != 32'd0) ? -x : x;
    e = 32'd157;                                                    // exponent - 1 when bit 31 is the leading one
    e = ((t & 32'hffff_0000) == 32'd0) ? (e - 32'd16) : e;  t = ((t & 32'hffff_0000) == 32'd0) ? (t << 16) : t;
    e = ((t & 32'hff00_0000) == 32'd0) ? (e - 32'd8)  : e;  t = ((t & 32'hff00_0000) == 32'd0) ? (t << 8)  : t;
    e = ((t & 32'hf000_0000) == 32'd0) ? (e - 32'd4)  : e;  t = ((t & 32'hf000_0000) == 32'd0) ? (t << 4)  : t;
    e = ((t & 32'hc000_0000) == 32'd0) ? (e - 32'd2)  : e;  t = ((t & 32'hc000_0000) == 32'd0) ? (t << 2)  : t;
    e = ((t & 32'h8000_0000) == 32'd0) ? (e - 32'd1)  : e;  t = ((t & 32'h8000_0000) == 32'd0) ? (t << 1)  : t;
    e = (e << 23) + (t >> 8) + (((t & 32'hff) + ((t >> 8) & 32'd1) > 32'd128) ? 32'd1 : 32'd0);
    return (t == 32'd0) ? 32'd0 : ((x & Sign) | e);
  endfunction

  function automatic f32_t fp32_canonical(input f32_t x);           // subnormal -> signed zero, NaN -> 7FC00000
    f32_t r;
    r = ((x & Inf) == 32'd0) ? (x & Sign) : x;
    return ((x & Mag) > Inf) ? Nan : r;
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
    e = ((x >> 23) & 32'd255) + n + 32'd1024;
    r = (e >= 32'd1279) ? (x & Sign) | Inf : (e <= 32'd1024) ? (x & Sign) : x + (n << 23);
    return ((x & Inf) == 32'd0 || (x & Inf) == Inf) ? x : r;
  endfunction

  // floor(x) as a signed integer, saturated to -65536 .. 65535
  function automatic f32_t fp32_floor(input f32_t x);
    f32_t e, m, s, i;
    e = (x >> 23) & 32'd255;
    m = (e == 32'd0) ? 32'd0 : ((x & Frac) | Hidden);
    s = (e < 32'd126) ? 32'd24 : (32'd150 - e);
    i = m >> s[4:0];
    i = ((x >> 31) == 32'd0) ? i : ((m & ~(32'hffff_ffff << s[4:0])) != 32'd0) ? ~i : -i;
    return (e < 32'd143) ? i : ((x >> 31) != 32'd0) ? 32'hffff_0000 : 32'h0000_ffff;
  endfunction

  // roundf(x): half away from zero, |x| < 128, NaN and anything larger -> 0
  function automatic f32_t fp32_round8(input f32_t x);
    f32_t e, m, s, i;
    e = (x >> 23) & 32'd255;
    m = (x & Frac) | Hidden;
    s = (e < 32'd126) ? 32'd24 : (32'd149 - e);                     // keep one fraction bit
    i = ((m >> s[4:0]) + 32'd1) >> 1;
    i = (e < 32'd126 || e > 32'd133) ? 32'd0 : i;
    return ((x >> 31) != 32'd0) ? -i : i;
  endfunction

  function automatic f32_t fp32_div127(input f32_t x);              // x >= 0 or NaN, correctly rounded
    f32_t e, n, q; logic [63:0] p;
    e = x >> 23;
    n = ((x & Frac) | Hidden) << 2;                                 // mantissa * 2^9 = 127 * n + n
    p = {32'd0, n} * 64'd67637281;                                  // 2^33 / 127 rounded up: exact for n < 2^26
    q = 32'(p >> 33);
    q = (n + q) | ((q * 32'd127 != n) ? 32'd1 : 32'd0);
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
    f32_t e, m, s, r;
    e = (x >> 23) & 32'd255;
    m = (x & Frac) | Hidden;
    s = (e < 32'd113) ? (32'd126 - e) : 32'd13;                     // bits that are rounded away
    s = (s > 32'd25) ? 32'd25 : s;
    r = (m + (32'd1 << (s - 32'd1)) - 32'd1 + ((m >> s[4:0]) & 32'd1)) >> s[4:0];
    r = (e < 32'd113) ? r : r + ((e - 32'd113) << 10);
    r = (r > 32'h7c00) ? 32'h7c00 : r;
    r = (e == 32'd0) ? 32'd0 : (e >= 32'd143) ? 32'h7c00 : r;
    r = ((x & Mag) > Inf) ? 32'h7e00 : r;
    return 16'(r | ((x >> 16) & 32'h8000));
  endfunction

  function automatic logic [15:0] bf16_from_fp32(input f32_t x);    // x canonical; round to nearest even, overflow to infinity
    f32_t r;
    r = (x + 32'h0000_7fff + ((x >> 16) & 32'd1)) >> 16;
    return ((x & Mag) > Inf) ? 16'h7fc0 : 16'(r);
  endfunction

  // Integers: half away from zero, saturated, NaN = 0.
  function automatic f32_t i32_from_fp32(input f32_t x);
    f32_t e, m, s, i;
    e = (x >> 23) & 32'd255;
    m = (x & Frac) | Hidden;
    s = (e < 32'd126) ? 32'd24 : (32'd149 - e);                     // below 2^23: keep one fraction bit
    i = ((m >> s[4:0]) + 32'd1) >> 1;
    i = (e < 32'd126) ? 32'd0 : i;
    s = e - 32'd150;
    i = (e >= 32'd150) ? (m << s[4:0]) : i;
    i = ((x >> 31) != 32'd0) ? -i : i;
    i = (e >= 32'd158) ? (32'h7fff_ffff + (x >> 31)) : i;           // also -2^31 itself
    return ((x & Mag) > Inf) ? 32'd0 : i;
  endfunction
  function automatic f32_t i8_from_fp32(input f32_t x);             // -127 .. 127, sign-extended
    f32_t e, m, s, i;
    e = (x >> 23) & 32'd255;
    m = (x & Frac) | Hidden;
    s = (e < 32'd126) ? 32'd24 : (32'd149 - e);
    i = ((m >> s[4:0]) + 32'd1) >> 1;
    i = (e < 32'd126) ? 32'd0 : i;
    i = (e >= 32'd134 || i > 32'd127) ? 32'd127 : i;
    i = ((x & Mag) > Inf) ? 32'd0 : i;
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

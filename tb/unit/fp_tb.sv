// fp_tb: every function of wren_fp_pkg on the operands a_i, b_i, combinationally; parts_*: as it is in parts for stages.
module fp_tb
  import wren_fp_pkg::*;
  import wren_fp_whole_pkg::*;
(
  input  logic [31:0] a_i,
  input  logic [31:0] b_i,
  output logic [31:0] mul_o,
  output logic [31:0] add_o,
  output logic [31:0] max_o,
  output logic [31:0] max_magnitude_o,
  output logic [31:0] from_i32_o,
  output logic [31:0] canonical_o,
  output logic [31:0] from_f16_o,
  output logic [15:0] to_f16_o,
  output logic [15:0] to_bf16_o,     // of the canonical a
  output logic [31:0] to_i32_o,
  output logic [31:0] to_i8_o,
  output logic        beyond_i32_o,
  output logic        beyond_i8_o,
  output logic [31:0] scale_o,       // a * 2^(b as an integer)
  output logic [31:0] floor_o,
  output logic [31:0] div127_o,      // |a| / 127
  output logic [31:0] recip_o,       // 1 / |a|
  output logic [31:0] fraction_o,    // b[15:0] * 2^-16
  output logic [31:0] parts_mul_o,
  output logic [31:0] parts_add_o,
  output logic [31:0] parts_from_i32_o,
  output logic [31:0] parts_from_f16_o,
  output logic [31:0] parts_none_o,      // of the canonical a, like all that follow
  output logic [31:0] parts_to_f16_o,
  output logic [31:0] parts_to_bf16_o,
  output logic [31:0] parts_to_i32_o,
  output logic [31:0] parts_to_i8_o,
  output logic [31:0] parts_scale_o,
  output logic [31:0] parts_floor_o,
  output logic [31:0] parts_div127_o,
  output logic [31:0] parts_recip_o,
  output logic [31:0] parts_fraction_o
);

  function automatic f32_t reciprocal(input f32_t d);
    f32_t rem, quo, bits;
    rem = 32'h0040_0000;
    quo = 32'd0;
    for (int unsigned i = 0; i < 9; i++) begin
      bits = fp32_rcp_bits(d, rem);
      rem  = fp32_rcp_rem(d, rem);
      quo  = (quo << 3) | bits;
    end
    return fp32_rcp_round(d, quo | ((rem != 32'd0) ? 32'd1 : 32'd0));
  endfunction

  assign mul_o           = fp32_mul(a_i, b_i);
  assign add_o           = fp32_add(a_i, b_i);
  assign max_o           = fp32_max(a_i, b_i);
  assign max_magnitude_o = fp32_max_of(a_i, b_i, 1'b1);
  assign from_i32_o      = fp32_from_i32(a_i);
  assign canonical_o     = fp32_canonical(a_i);
  assign from_f16_o      = fp32_from_f16(a_i & 32'hffff);
  assign to_f16_o        = fp16_from_fp32(a_i);
  assign to_bf16_o       = bf16_from_fp32(fp32_canonical(a_i));
  assign to_i32_o        = i32_from_fp32(a_i);
  assign to_i8_o         = i8_from_fp32(a_i);
  assign beyond_i32_o    = fp32_beyond(a_i, 32'h4f00_0000) != 32'd0;
  assign beyond_i8_o     = fp32_beyond(a_i, 32'h42ff_0000) != 32'd0;
  assign scale_o         = fp32_scale(fp32_canonical(a_i), b_i);
  assign floor_o         = fp32_floor(a_i);
  assign div127_o        = fp32_div127(fp32_canonical(a_i) & Mag);
  assign recip_o         = reciprocal(fp32_canonical(a_i) & Mag);
  assign fraction_o      = fp32_fraction(b_i & 32'hffff, 32'd16);

  f32_t     canonical, magnitude;
  ordered_t ordered;
  assign canonical = fp32_canonical(a_i);
  assign magnitude = canonical & Mag;
  assign ordered   = add_order(a_i, b_i);

  function automatic f32_t narrowed(input f32_t x, input narrow_e kind);
    return narrow_round(narrow_move(narrow_place(x, kind)));
  endfunction
  function automatic f32_t floor_parts(input f32_t x);
    logic [17:0] r;
    r = floor_sum(floor_move(floor_place(x)));
    return {{14{r[17]}}, r};
  endfunction
  function automatic f32_t div127_parts(input f32_t x);
    f32_t n, k, h, rest, q;
    n    = fp32_div127_n(x);
    k    = fp32_div127_digit(n);
    h    = fp32_div127_digit(k);
    rest = fp32_div127_digit(h);
    q    = n + fp32_div127_sum(n, k, h) + {30'd0, div127_carry(rest[7:0])};
    q[0] = q[0] || div127_sticky(rest[7:0]);
    return (x >= Inf || x[30:23] == 8'd0) ? x : round_pack(round_place({1'b0, x[30:23]} - 9'd7, q[26:0]));
  endfunction
  function automatic f32_t reciprocal_parts(input f32_t d);
    logic [23:0] m, rem;
    logic [27:0] quo;
    logic [25:0] step;
    logic [26:0] t;
    m   = {1'b1, d[22:0]};
    rem = 24'h40_0000;
    quo = '0;
    for (int unsigned i = 0; i < 14; i++) begin
      step = rcp_step(m, 26'(m) + {1'b0, m, 1'b0}, rem);
      rem  = step[23:0];
      quo  = {quo[25:0], step[25:24]};
    end
    t = {quo[27:2], quo[1] || quo[0] || rem != 24'd0};
    return (d > Inf) ? Nan : (d == Inf || d == 32'd0) ? 32'd0 : round_pack(round_place(9'd253 - {1'b0, d[30:23]}, t));
  endfunction

  assign parts_mul_o      = mul_round(mul_sum(mul_products(a_i, b_i)));
  assign parts_add_o      = add_pack(add_lead(add_aligned(ordered)), add_exponents(ordered.head));
  assign parts_from_i32_o = i32_pack(i32_leading(i32_abs(a_i)), a_i[31]);
  assign parts_from_f16_o = f16_value(f16_leading(a_i[15:0]));
  assign parts_none_o     = narrowed(canonical, NarrowNone);
  assign parts_to_f16_o   = narrowed(canonical, NarrowF16);
  assign parts_to_bf16_o  = narrowed(canonical, NarrowBf16);
  assign parts_to_i32_o   = narrowed(canonical, NarrowI32);
  assign parts_to_i8_o    = narrowed(canonical, NarrowI8);
  assign parts_scale_o    = scale_value_of(scale_exponent_of(canonical, b_i[9:0]));
  assign parts_floor_o    = floor_parts(a_i);
  assign parts_div127_o   = div127_parts(magnitude);
  assign parts_recip_o    = reciprocal_parts(magnitude);
  assign parts_fraction_o = i32_exact(i32_leading({16'd0, b_i[15:0]}), 1'b0, 5'd16);

endmodule

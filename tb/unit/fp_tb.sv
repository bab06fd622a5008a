// fp_tb: every function of wren_fp_pkg on the operands a_i, b_i, combinationally.
module fp_tb
  import wren_fp_pkg::*;
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
  output logic [31:0] fraction_o     // b[15:0] * 2^-16
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

endmodule

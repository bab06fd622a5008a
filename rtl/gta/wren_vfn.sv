// wren_vfn: the table function of every lane: y = c0 + f*(c1 + f*c2), scaled by a power of two where the table says so.
//
// Timing     ten stages; y_o ten cycles after a vector's v_i[0]. v_i[i] and slot_i[i]: the vector in stage i and its command.
// Modes      uniform, exp2: t = (x - lo)*inv, k = floor(t), f = t - k. mantissa: index and f are bits of x. log2 adds its exponent to c0
//            in the adder that the others use for f. Without a function (fn = 0) x passes through at the same latency.
module wren_vfn
  import wren_gta_pkg::*;
  import wren_isa_pkg::*;
#(
  parameter int unsigned Lanes = 32
) (
  input  logic                   clk_i,

  // The vector in each stage
  input  logic [9:0]             v_i,
  input  logic [9:0]             slot_i,
  input  stage_cfg_t             cfg_i [2],

  // Tables
  output logic                   c0_en_o,
  output logic [2:0]             c0_table_o,
  output logic [Lanes-1:0][31:0] c0_index_o,
  input  logic [Lanes-1:0][31:0] c0_i,
  output logic                   c1_en_o,
  output logic [2:0]             c1_table_o,
  output logic [Lanes-1:0][31:0] c1_index_o,
  input  logic [Lanes-1:0][31:0] c1_i,
  output logic                   c2_en_o,
  output logic [2:0]             c2_table_o,
  output logic [Lanes-1:0][31:0] c2_index_o,
  input  logic [Lanes-1:0][31:0] c2_i,

  input  logic [Lanes-1:0][31:0] x_i,
  output logic [Lanes-1:0][31:0] y_o
);
  import wren_fp_pkg::*;

  typedef logic [Lanes-1:0][31:0] row_t;

  // What stage i does with its vector
  logic [9:0] fn, mant, log2;
  always_comb begin
    fn   = '0;
    mant = '0;
    log2 = '0;
    if (v_i != '0) begin
      for (int unsigned i = 0; i < 10; i++) begin
        fn[i]   = v_i[i] && cfg_i[slot_i[i]].fn;
        mant[i] = cfg_i[slot_i[i]].head.mode == LutModeMantissa;
        log2[i] = mant[i] && cfg_i[slot_i[i]].head.kind == LutKindLog2;
      end
    end
  end

  row_t u1, t2, t3, k3, t4, w4, k4, t5, s5, k5, c0_5, k6, k7, k8, k9, f6, f7, f8, f9, c0_6, c0_7, c0_8, p6, p7, p8, p9;

  // t = (x - lo) * inv
  wren_vadd #(.Lanes(Lanes)) u_sub_lo (
    .clk_i(clk_i), .en_i(v_i[0]), .none_i(!fn[0] || mant[0]), .vec_i(1'b0),
    .s_i(cfg_i[slot_i[0]].head.lo ^ Sign), .a_i(x_i), .b_i('0), .y_o(u1)
  );
  wren_vmul #(.Lanes(Lanes)) u_inv (
    .clk_i(clk_i), .en_i(v_i[1]), .none_i(!fn[1] || mant[1]), .vec_i(1'b0),
    .s_i(cfg_i[slot_i[1]].head.inv), .a_i(u1), .b_i('0), .y_o(t2)
  );

  // Address of t, and t where the polynomial is evaluated
  function automatic row_t address(input lut_mode_e mode, input logic below_const, input logic above_const, input f32_t kind);
    row_t r;
    if (mode == LutModeMantissa) begin
      for (int unsigned i = 0; i < Lanes; i++) r[i] = mantissa_address(t2[i], kind);
    end else if (mode == LutModeExp2) begin
      for (int unsigned i = 0; i < Lanes; i++) r[i] = exp2_address(t2[i]);
    end else begin
      for (int unsigned i = 0; i < Lanes; i++) r[i] = uniform_address(t2[i], below_const, above_const);
    end
    return r;
  endfunction
  function automatic row_t limit(input lut_mode_e mode, input logic below_clamp, input logic above_clamp, input f32_t kind);
    row_t r;
    if (mode == LutModeMantissa) begin
      for (int unsigned i = 0; i < Lanes; i++) r[i] = mantissa_fraction(t2[i], kind);
    end else if (mode == LutModeExp2) begin
      for (int unsigned i = 0; i < Lanes; i++) r[i] = exp2_limit(t2[i]);
    end else begin
      for (int unsigned i = 0; i < Lanes; i++) r[i] = uniform_limit(t2[i], below_clamp, above_clamp);
    end
    return r;
  endfunction
  function automatic row_t whole(input logic is_log2);
    for (int unsigned i = 0; i < Lanes; i++) whole[i] = table_whole(k3[i], is_log2);
  endfunction

  // f = t - k; log2: the adder makes exponent + c0 instead
  function automatic row_t fraction(input logic is_log2);
    for (int unsigned i = 0; i < Lanes; i++) fraction[i] = fp32_add(pick(is_log2, c0_i[i], t4[i]), w4[i]);
  endfunction
  function automatic row_t slope(input logic is_mant);
    for (int unsigned i = 0; i < Lanes; i++) slope[i] = fp32_mul(pick(is_mant, t5[i], s5[i]), c2_i[i]);
  endfunction

  wren_vadd #(.Lanes(Lanes)) u_a1 (
    .clk_i(clk_i), .en_i(fn[6]), .none_i(1'b0), .vec_i(1'b1), .s_i('0), .a_i(p6), .b_i(c1_i), .y_o(p7)
  );
  wren_vmul #(.Lanes(Lanes)) u_m1 (
    .clk_i(clk_i), .en_i(fn[7]), .none_i(1'b0), .vec_i(1'b1), .s_i('0), .a_i(p7), .b_i(f7), .y_o(p8)
  );
  wren_vadd #(.Lanes(Lanes)) u_a0 (
    .clk_i(clk_i), .en_i(fn[8]), .none_i(1'b0), .vec_i(1'b1), .s_i('0), .a_i(p8), .b_i(c0_8), .y_o(p9)
  );

  function automatic row_t result(input logic scaled, input f32_t below, input f32_t above);
    for (int unsigned i = 0; i < Lanes; i++) result[i] = table_result(p9[i], k9[i], scaled, below, above);
  endfunction

  always_ff @(posedge clk_i) begin
    if (v_i[2]) begin
      if (fn[2]) begin
        k3 <= address(cfg_i[slot_i[2]].head.mode, cfg_i[slot_i[2]].head.below_edge == LutEdgeConstant,
                      cfg_i[slot_i[2]].head.above_edge == LutEdgeConstant, 32'(cfg_i[slot_i[2]].head.kind));
        t3 <= limit(cfg_i[slot_i[2]].head.mode, cfg_i[slot_i[2]].head.below_edge == LutEdgeClamp,
                    cfg_i[slot_i[2]].head.above_edge == LutEdgeClamp, 32'(cfg_i[slot_i[2]].head.kind));
      end else begin
        t3 <= t2;
      end
    end
    if (v_i[3]) begin
      t4 <= t3;
      if (fn[3]) begin
        k4 <= k3;
        if (log2[3] || !mant[3]) w4 <= whole(log2[3]);
      end
    end
    if (v_i[4]) begin
      t5 <= t4;
      if (fn[4]) begin
        k5   <= k4;
        c0_5 <= c0_i;
        if (log2[4] || !mant[4]) s5 <= fraction(log2[4]);
      end
    end
    if (v_i[5]) begin
      if (fn[5] && !mant[5]) f6 <= s5;
      else f6 <= t5;
      if (fn[5]) begin
        k6 <= k5;
        p6 <= slope(mant[5]);
        if (log2[5]) c0_6 <= s5;
        else c0_6 <= c0_5;
      end
    end
    if (v_i[6]) begin
      f7 <= f6;
      if (fn[6]) begin
        k7   <= k6;
        c0_7 <= c0_6;
      end
    end
    if (v_i[7]) begin
      f8 <= f7;
      if (fn[7]) begin
        k8   <= k7;
        c0_8 <= c0_7;
      end
    end
    if (v_i[8]) begin
      f9 <= f8;
      if (fn[8]) k9 <= k8;
    end
    if (v_i[9]) begin
      if (fn[9]) y_o <= result(!log2[9], cfg_i[slot_i[9]].head.below, cfg_i[slot_i[9]].head.above);
      else y_o <= f9;
    end
  end

  // Coefficients: c0 with the fraction, c2 and c1 when the polynomial needs them
  assign c0_en_o    = fn[3];
  assign c0_table_o = cfg_i[slot_i[3]].tbl;
  assign c0_index_o = k3;
  assign c2_en_o    = fn[4];
  assign c2_table_o = cfg_i[slot_i[4]].tbl;
  assign c2_index_o = k4;
  assign c1_en_o    = fn[5];
  assign c1_table_o = cfg_i[slot_i[5]].tbl;
  assign c1_index_o = k5;

endmodule

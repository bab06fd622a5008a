// wren_vfn: the table function of every lane: y = c0 + f*(c1 + f*c2), scaled by a power of two where the table says so.
//
// Timing     y_o Cycles (10, Deep 29) after a vector's v_i[0], one vector per cycle. v_i[i] and slot_i[i]: the vector that is i cycles
//            behind and its command. Deep: run_i lets all stages move; coefficients are registered once more when they come.
// Modes      uniform, exp2: t = (x - lo)*inv, k = floor(t), f = t - k. mantissa: index and f are bits of x. log2 adds its exponent to c0
//            in the adder that the others use for f. Without a function (fn = 0) x passes through at the same latency.
module wren_vfn
  import wren_gta_pkg::*;
  import wren_isa_pkg::*;
#(
  parameter  int unsigned Lanes  = 32,
  parameter  bit          Deep   = 1'b0,
  localparam int unsigned Cycles = fn_cycles(Deep)
) (
  input  logic                   clk_i,
  input  logic                   run_i,

  // The vector in each stage
  input  logic [Cycles-1:0]      v_i,
  input  logic [Cycles-1:0]      slot_i,
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

  // When the steps begin, in cycles behind v_i[0]
  localparam int unsigned Add   = add_cycles(Deep);
  localparam int unsigned Mul   = mul_cycles(Deep);
  localparam int unsigned Addr  = Deep ? 3 : 1;                  // cycles of the address, and of its whole part as a float
  localparam int unsigned Inv   = Add;
  localparam int unsigned Tab   = Inv + Mul;                     // address
  localparam int unsigned Whole = Tab + Addr;
  localparam int unsigned Frac0 = Whole + Addr;                  // f = t - k
  localparam int unsigned Slope = Frac0 + Add;                   // f * c2
  localparam int unsigned A1    = Slope + Mul;
  localparam int unsigned M1    = A1 + Add;
  localparam int unsigned A0    = M1 + Mul;
  localparam int unsigned Last  = A0 + Add;

  // What stage i does with its vector. Deep: known from the cycle before.
  logic [Cycles-1:0] fn_now, mant_now, log2_now, fn, mant, log2;
  always_comb begin
    fn_now   = '0;
    mant_now = '0;
    log2_now = '0;
    if (v_i != '0) begin
      for (int unsigned i = 0; i < Cycles; i++) begin
        fn_now[i]   = v_i[i] && cfg_i[slot_i[i]].fn;
        mant_now[i] = cfg_i[slot_i[i]].head.mode == LutModeMantissa;
        log2_now[i] = mant_now[i] && cfg_i[slot_i[i]].head.kind == LutKindLog2;
      end
    end
  end
  if (!Deep) begin : gen_now
    assign fn   = fn_now;
    assign mant = mant_now;
    assign log2 = log2_now;
  end else begin : gen_before
    logic [Cycles-1:0] fn_q, mant_q, log2_q;             // bit 0 stays clear
    assign fn   = fn_q | Cycles'(fn_now[0]);
    assign mant = mant_q | Cycles'(mant_now[0]);
    assign log2 = log2_q | Cycles'(log2_now[0]);
    always_ff @(posedge clk_i) begin
      fn_q   <= fn_now << 1;
      mant_q <= mant_now << 1;
      log2_q <= log2_now << 1;
    end
  end

  // Between the steps: t, its address k, the fraction f, the polynomial p, and its coefficients
  row_t u1, t2, f_m1, c0_a0, c1_a1, p6, p7, p8, p9;

  // t = (x - lo) * inv
  wren_vadd #(.Lanes(Lanes), .Deep(Deep)) u_sub_lo (
    .clk_i(clk_i), .en_i(Deep ? run_i : v_i[0]), .none_i(!fn[0] || mant[0]), .vec_i(1'b0),
    .s_i(cfg_i[slot_i[0]].head.lo ^ Sign), .a_i(x_i), .b_i('0), .y_o(u1)
  );
  wren_vmul #(.Lanes(Lanes), .Deep(Deep)) u_inv (
    .clk_i(clk_i), .en_i(Deep ? run_i : v_i[Inv]), .none_i(!fn[Inv] || mant[Inv]), .vec_i(1'b0),
    .s_i(cfg_i[slot_i[Inv]].head.inv), .a_i(u1), .b_i('0), .y_o(t2)
  );

  wren_vadd #(.Lanes(Lanes), .Deep(Deep)) u_a1 (
    .clk_i(clk_i), .en_i(Deep ? run_i : fn[A1]), .none_i(1'b0), .vec_i(1'b1), .s_i('0), .a_i(p6), .b_i(c1_a1), .y_o(p7)
  );
  wren_vmul #(.Lanes(Lanes), .Deep(Deep)) u_m1 (
    .clk_i(clk_i), .en_i(Deep ? run_i : fn[M1]), .none_i(1'b0), .vec_i(1'b1), .s_i('0), .a_i(p7), .b_i(f_m1), .y_o(p8)
  );
  wren_vadd #(.Lanes(Lanes), .Deep(Deep)) u_a0 (
    .clk_i(clk_i), .en_i(Deep ? run_i : fn[A0]), .none_i(1'b0), .vec_i(1'b1), .s_i('0), .a_i(p8), .b_i(c0_a0), .y_o(p9)
  );

  function automatic row_t result(input row_t k, input logic scaled, input f32_t below, input f32_t above);
    for (int unsigned i = 0; i < Lanes; i++) result[i] = table_result(p9[i], k[i], scaled, below, above);
  endfunction

  if (!Deep) begin : gen_flat
    row_t t3, k3, t4, w4, k4, t5, s5, k5, c0_5, k6, k7, k8, k9, f6, f7, f8, f9, c0_6, c0_7, c0_8;

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
        if (fn[9]) y_o <= result(k9, !log2[9], cfg_i[slot_i[9]].head.below, cfg_i[slot_i[9]].head.above);
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
    assign f_m1  = f7;
    assign c0_a0 = c0_8;
    assign c1_a1 = c1_i;
    logic unused;
    assign unused = run_i;
  end else begin : gen_deep
    // Address: limit t, floor (of a mantissa table: normalise the fraction), code
    row_t t_1, l_1, t_2, l_2, k_2, n_2, k_w, t_w;
    always_ff @(posedge clk_i) begin
      if (run_i) begin
        for (int unsigned i = 0; i < Lanes; i++) begin
          t_1[i] <= t2[i];
          l_1[i] <= mant[Tab] ? mantissa_rest(t2[i], 32'(cfg_i[slot_i[Tab]].head.kind)) : exp2_limit(t2[i]);
          t_2[i] <= t_1[i];
          l_2[i] <= l_1[i];
          k_2[i] <= mant[Tab+1] ? i32_lead(l_1[i] & 32'hffff) : fp32_floor(l_1[i]);
          n_2[i] <= i32_moved(l_1[i] & 32'hffff);
          if (cfg_i[slot_i[Tab+2]].head.mode == LutModeMantissa) begin
            k_w[i] <= mantissa_address(t_2[i], 32'(cfg_i[slot_i[Tab+2]].head.kind));
            t_w[i] <= fn[Tab+2] ? fp32_fraction_of(i32_round(k_2[i], n_2[i], 32'd0), mantissa_places(32'(cfg_i[slot_i[Tab+2]].head.kind))) : t_2[i];
          end else if (cfg_i[slot_i[Tab+2]].head.mode == LutModeExp2) begin
            k_w[i] <= exp2_code(k_2[i], t_2[i]);
            t_w[i] <= fn[Tab+2] ? l_2[i] : t_2[i];
          end else begin
            k_w[i] <= uniform_code(k_2[i], t_2[i], cfg_i[slot_i[Tab+2]].head.below_edge == LutEdgeConstant, cfg_i[slot_i[Tab+2]].head.above_edge == LutEdgeConstant);
            t_w[i] <= fn[Tab+2] ? uniform_limit(t_2[i], cfg_i[slot_i[Tab+2]].head.below_edge == LutEdgeClamp, cfg_i[slot_i[Tab+2]].head.above_edge == LutEdgeClamp)
                                : t_2[i];
          end
        end
      end
    end

    // The whole part as a float: magnitude, normalise, round
    row_t abs_1, sign_1, sign_2, lead_2, moved_2, w_f;
    always_ff @(posedge clk_i) begin
      if (run_i) begin
        for (int unsigned i = 0; i < Lanes; i++) begin
          sign_1[i]  <= table_integer(k_w[i], log2[Whole]) & Sign;
          abs_1[i]   <= i32_abs(table_integer(k_w[i], log2[Whole])) & 32'h0007_ffff;
          sign_2[i]  <= sign_1[i];
          lead_2[i]  <= i32_lead(abs_1[i]);
          moved_2[i] <= i32_moved(abs_1[i]);
          w_f[i]     <= table_signed(i32_round(lead_2[i], moved_2[i], sign_2[i]), log2[Whole+2]);
        end
      end
    end

    // k, t and f where later steps need them
    row_t k_c0, k_c2, k_c1, k_last, t_f, t_s, s_s, c0_r, c2_r, c1_r, f_s, f_last, c0_s, c0_d;
    wren_delay #(.Width(Lanes*32), .Stages(Frac0 - 2 - Whole)) u_k_c0 (.clk_i(clk_i), .en_i({(Frac0 - 2 - Whole){run_i}}), .d_i(k_w), .q_o(k_c0));
    wren_delay #(.Width(Lanes*32), .Stages(Slope - Frac0)) u_k_c2 (.clk_i(clk_i), .en_i({(Slope - Frac0){run_i}}), .d_i(k_c0), .q_o(k_c2));
    wren_delay #(.Width(Lanes*32), .Stages(A1 - Slope)) u_k_c1 (.clk_i(clk_i), .en_i({(A1 - Slope){run_i}}), .d_i(k_c2), .q_o(k_c1));
    wren_delay #(.Width(Lanes*32), .Stages(Last + 2 - A1)) u_k_last (.clk_i(clk_i), .en_i({(Last + 2 - A1){run_i}}), .d_i(k_c1), .q_o(k_last));
    wren_delay #(.Width(Lanes*32), .Stages(Addr)) u_t_f (.clk_i(clk_i), .en_i({Addr{run_i}}), .d_i(t_w), .q_o(t_f));
    wren_delay #(.Width(Lanes*32), .Stages(Add)) u_t_s (.clk_i(clk_i), .en_i({Add{run_i}}), .d_i(t_f), .q_o(t_s));
    wren_delay #(.Width(Lanes*32), .Stages(M1 - Slope)) u_f_m1 (.clk_i(clk_i), .en_i({(M1 - Slope){run_i}}), .d_i(f_s), .q_o(f_m1));
    wren_delay #(.Width(Lanes*32), .Stages(Last - M1)) u_f_last (.clk_i(clk_i), .en_i({(Last - M1){run_i}}), .d_i(f_m1), .q_o(f_last));
    wren_delay #(.Width(Lanes*32), .Stages(Slope - Frac0)) u_c0_d (.clk_i(clk_i), .en_i({(Slope - Frac0){run_i}}), .d_i(c0_r), .q_o(c0_d));
    wren_delay #(.Width(Lanes*32), .Stages(A0 - Slope)) u_c0_a0 (.clk_i(clk_i), .en_i({(A0 - Slope){run_i}}), .d_i(c0_s), .q_o(c0_a0));

    // f = t - k; log2: the adder makes exponent + c0 instead
    row_t addend;
    for (genvar i = 0; i < int'(Lanes); i++) begin : gen_lane
      assign addend[i] = log2[Frac0] ? c0_r[i] : t_f[i];
      assign f_s[i]    = (fn[Slope] && !mant[Slope]) ? s_s[i] : t_s[i];
      assign c0_s[i]   = log2[Slope] ? s_s[i] : c0_d[i];
    end
    wren_vadd #(.Lanes(Lanes), .Deep(Deep)) u_fraction (
      .clk_i(clk_i), .en_i(run_i), .none_i(1'b0), .vec_i(1'b1), .s_i('0), .a_i(addend), .b_i(w_f), .y_o(s_s)
    );
    wren_vmul #(.Lanes(Lanes), .Deep(Deep)) u_slope (
      .clk_i(clk_i), .en_i(run_i), .none_i(1'b0), .vec_i(1'b1), .s_i('0), .a_i(f_s), .b_i(c2_r), .y_o(p6)
    );

    always_ff @(posedge clk_i) begin
      if (run_i) begin
        c0_r <= c0_i;
        c2_r <= c2_i;
        c1_r <= c1_i;
        if (fn[Last]) y_o <= result(k_last, !log2[Last], cfg_i[slot_i[Last]].head.below, cfg_i[slot_i[Last]].head.above);
        else y_o <= f_last;
      end
    end

    // Coefficients are asked for two cycles before their step.
    assign c1_a1      = c1_r;
    assign c0_en_o    = fn[Frac0-2];
    assign c0_table_o = cfg_i[slot_i[Frac0-2]].tbl;
    assign c0_index_o = k_c0;
    assign c2_en_o    = fn[Slope-2];
    assign c2_table_o = cfg_i[slot_i[Slope-2]].tbl;
    assign c2_index_o = k_c2;
    assign c1_en_o    = fn[A1-2];
    assign c1_table_o = cfg_i[slot_i[A1-2]].tbl;
    assign c1_index_o = k_c1;
  end

endmodule

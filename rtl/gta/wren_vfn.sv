// wren_vfn: the table function of every lane: y = c0 + f*(c1 + f*c2), scaled by a power of two where the table says so.
//
// Timing     y_o Cycles (10, Deep 35) after a vector's v_i[0], one vector per cycle. v_i[i] and slot_i[i]: the vector that is i cycles
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

  // The vector in each stage (Deep: and the one that is a cycle in front of stage 0)
  input  logic                   before_v_i,
  input  logic                   before_slot_i,
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
  import wren_fp_whole_pkg::*;

  typedef logic [Lanes-1:0][31:0] row_t;

  // When the steps begin, in cycles behind v_i[0]
  localparam int unsigned Add   = add_cycles(Deep);
  localparam int unsigned Mul   = mul_cycles(Deep);
  localparam int unsigned Inv   = Add;
  localparam int unsigned Tab   = Inv + Mul;                     // address
  localparam int unsigned Whole = Tab + address_cycles(Deep);    // its whole part as a float
  localparam int unsigned Frac0 = Whole + whole_cycles(Deep);    // f = t - k
  localparam int unsigned Slope = Frac0 + Add;                   // f * c2
  localparam int unsigned A1    = Slope + Mul;
  localparam int unsigned M1    = A1 + Add;
  localparam int unsigned A0    = M1 + Mul;
  localparam int unsigned Last  = A0 + Add;

  // What stage i does with its vector. Deep: known from the cycle before.
  logic [Cycles-1:0] fn_now, mant_now, log2_now, fn, mant, log2;
  logic [1:0]        slot_fn, slot_mant, slot_log2;           // of the commands in the two slots
  for (genvar i = 0; i < 2; i++) begin : gen_slot
    assign slot_fn[i]   = cfg_i[i].fn;
    assign slot_mant[i] = cfg_i[i].head.mode == LutModeMantissa;
    assign slot_log2[i] = slot_mant[i] && cfg_i[i].head.kind == LutKindLog2;
  end
  assign fn_now   = v_i & (({Cycles{slot_fn[1]}} & slot_i) | ({Cycles{slot_fn[0]}} & ~slot_i));
  assign mant_now = ({Cycles{slot_mant[1]}} & slot_i) | ({Cycles{slot_mant[0]}} & ~slot_i);
  assign log2_now = ({Cycles{slot_log2[1]}} & slot_i) | ({Cycles{slot_log2[0]}} & ~slot_i);
  if (!Deep) begin : gen_now
    assign fn   = fn_now;
    assign mant = mant_now;
    assign log2 = log2_now;
  end else begin : gen_before
    logic before_mant;
    assign before_mant = cfg_i[before_slot_i].head.mode == LutModeMantissa;
    always_ff @(posedge clk_i) begin
      fn   <= Cycles'({fn_now, before_v_i && cfg_i[before_slot_i].fn});
      mant <= Cycles'({mant_now, before_mant});
      log2 <= Cycles'({log2_now, before_mant && cfg_i[before_slot_i].head.kind == LutKindLog2});
    end
  end

  // Between the steps: t, its address k, the fraction f, the polynomial p, and its coefficients
  row_t u1, t2, f_m1, c0_a0, c1_a1, p6, p7, p8, p9;

  // t = (x - lo) * inv. Deep: scalars in all lanes, known from the cycle before
  f32_t lo, inv;
  if (!Deep) begin : gen_scalars
    assign lo  = cfg_i[slot_i[0]].head.lo ^ Sign;
    assign inv = cfg_i[slot_i[Inv]].head.inv;
    logic unused;
    assign unused = before_v_i || before_slot_i;
  end else begin : gen_scalars_deep
    always_ff @(posedge clk_i) begin
      lo  <= (cfg_i[before_slot_i].fn && cfg_i[before_slot_i].head.mode != LutModeMantissa) ? (cfg_i[before_slot_i].head.lo ^ Sign) : NegZero;
      inv <= (fn[Inv-1] && !mant[Inv-1]) ? cfg_i[slot_i[Inv-1]].head.inv : One;
    end
  end
  wren_vadd #(.Lanes(Lanes), .Deep(Deep)) u_sub_lo (
    .clk_i(clk_i), .en_i(Deep ? run_i : v_i[0]), .none_i(!fn[0] || mant[0]), .vec_i(1'b0),
    .s_i(lo), .a_i(x_i), .b_i(Deep ? {Lanes{lo}} : '0), .y_o(u1)
  );
  wren_vmul #(.Lanes(Lanes), .Deep(Deep)) u_inv (
    .clk_i(clk_i), .en_i(Deep ? run_i : v_i[Inv]), .none_i(!fn[Inv] || mant[Inv]), .vec_i(1'b0),
    .s_i(inv), .a_i(u1), .b_i(Deep ? {Lanes{inv}} : '0), .y_o(t2)
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

    function automatic row_t result(input row_t k, input logic scaled, input f32_t below, input f32_t above);
      for (int unsigned i = 0; i < Lanes; i++) result[i] = table_result(p9[i], k[i], scaled, below, above);
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
    // Address: limit t (of a mantissa table: the bits of its fraction); how far its mantissa is moved (leading one of the fraction);
    // the moved one (the fraction as a float); floor; code
    lut_mode_e          mode_3, mode_4;
    lut_edge_e          below_3, above_3, below_4, above_4;
    row_t               l_1, l_2, l_3, t_1, t_2, t_3, t_4, frac_3, limit_4, mant_4, k_w, t_w;
    floor_t [Lanes-1:0] place_2;
    floored_t [Lanes-1:0] moved_3;
    whole_t [Lanes-1:0] lead_2;
    logic [Lanes-1:0][17:0] k_4;
    assign mode_3  = cfg_i[slot_i[Tab+3]].head.mode;
    assign mode_4  = cfg_i[slot_i[Tab+4]].head.mode;
    assign below_3 = cfg_i[slot_i[Tab+3]].head.below_edge;
    assign above_3 = cfg_i[slot_i[Tab+3]].head.above_edge;
    assign below_4 = cfg_i[slot_i[Tab+4]].head.below_edge;
    assign above_4 = cfg_i[slot_i[Tab+4]].head.above_edge;
    always_ff @(posedge clk_i) begin
      if (run_i) begin
        t_1 <= t2;
        t_2 <= t_1;
        t_3 <= t_2;
        t_4 <= t_3;
        l_2 <= l_1;
        l_3 <= l_2;
        for (int unsigned i = 0; i < Lanes; i++) begin
          l_1[i]     <= mant[Tab] ? mantissa_rest(t2[i], 32'(cfg_i[slot_i[Tab]].head.kind)) : exp2_limit(t2[i]);
          place_2[i] <= floor_place(l_1[i]);
          lead_2[i]  <= i32_leading({16'd0, l_1[i][15:0]});
          moved_3[i] <= floor_move(place_2[i]);
          frac_3[i]  <= i32_exact(lead_2[i], 1'b0, 5'(mantissa_places(32'(cfg_i[slot_i[Tab+2]].head.kind))));
          k_4[i]     <= floor_sum(moved_3[i]);
          mant_4[i]  <= mantissa_address(t_3[i], 32'(cfg_i[slot_i[Tab+3]].head.kind));
          limit_4[i] <= t_3[i];
          if (fn[Tab+3]) begin
            case (mode_3)
              LutModeMantissa: limit_4[i] <= frac_3[i];
              LutModeExp2:     limit_4[i] <= l_3[i];
              default:         limit_4[i] <= uniform_limit(t_3[i], below_3 == LutEdgeClamp, above_3 == LutEdgeClamp);
            endcase
          end
          t_w[i] <= limit_4[i];
          case (mode_4)
            LutModeMantissa: k_w[i] <= mant_4[i];
            LutModeExp2:     k_w[i] <= exp2_code({{14{k_4[i][17]}}, k_4[i]}, t_4[i]);
            default:         k_w[i] <= uniform_code({24'd0, k_4[i][7:0]}, t_4[i], below_4 == LutEdgeConstant, above_4 == LutEdgeConstant);
          endcase
        end
      end
    end

    // The whole part as a float, which is exact: magnitude, leading one, value
    row_t               abs_1, w_f;
    logic [Lanes-1:0]   sign_1, sign_2;
    whole_t [Lanes-1:0] whole_2;
    always_ff @(posedge clk_i) begin
      if (run_i) begin
        sign_2 <= sign_1;
        for (int unsigned i = 0; i < Lanes; i++) begin
          sign_1[i]  <= table_power(k_w[i]) >> 31 != 32'd0;
          abs_1[i]   <= i32_abs(table_integer(k_w[i], log2[Whole])) & 32'h0007_ffff;
          whole_2[i] <= i32_leading(abs_1[i]);
          w_f[i]     <= table_signed(i32_exact(whole_2[i], sign_2[i], 5'd0), log2[Whole+2]);
        end
      end
    end

    // k, t and f where later steps need them
    row_t k_c0, k_c2, k_c1, k_last, t_e, t_f, t_s, s_s, c0_r, c2_r, c1_r, f_s, f_last, c0_s, c0_d;
    wren_delay #(.Width(Lanes*32), .Stages(Frac0 - 2 - Whole)) u_k_c0 (.clk_i(clk_i), .en_i({(Frac0 - 2 - Whole){run_i}}), .d_i(k_w), .q_o(k_c0));
    wren_delay #(.Width(Lanes*32), .Stages(Slope - Frac0)) u_k_c2 (.clk_i(clk_i), .en_i({(Slope - Frac0){run_i}}), .d_i(k_c0), .q_o(k_c2));
    wren_delay #(.Width(Lanes*32), .Stages(A1 - Slope)) u_k_c1 (.clk_i(clk_i), .en_i({(A1 - Slope){run_i}}), .d_i(k_c2), .q_o(k_c1));
    wren_delay #(.Width(Lanes*32), .Stages(Last + 2 - A1)) u_k_last (.clk_i(clk_i), .en_i({(Last + 2 - A1){run_i}}), .d_i(k_c1), .q_o(k_last));
    wren_delay #(.Width(Lanes*32), .Stages(Frac0 - 1 - Whole)) u_t_e (.clk_i(clk_i), .en_i({(Frac0 - 1 - Whole){run_i}}), .d_i(t_w), .q_o(t_e));
    wren_delay #(.Width(Lanes*32), .Stages(1)) u_t_f (.clk_i(clk_i), .en_i(run_i), .d_i(t_e), .q_o(t_f));
    wren_delay #(.Width(Lanes*32), .Stages(Add)) u_t_s (.clk_i(clk_i), .en_i({Add{run_i}}), .d_i(t_f), .q_o(t_s));
    wren_delay #(.Width(Lanes*32), .Stages(M1 - Slope)) u_f_m1 (.clk_i(clk_i), .en_i({(M1 - Slope){run_i}}), .d_i(f_s), .q_o(f_m1));
    wren_delay #(.Width(Lanes*32), .Stages(Last - M1)) u_f_last (.clk_i(clk_i), .en_i({(Last - M1){run_i}}), .d_i(f_m1), .q_o(f_last));
    wren_delay #(.Width(Lanes*32), .Stages(Slope - Frac0)) u_c0_d (.clk_i(clk_i), .en_i({(Slope - Frac0){run_i}}), .d_i(c0_r), .q_o(c0_d));
    wren_delay #(.Width(Lanes*32), .Stages(A0 - Slope)) u_c0_a0 (.clk_i(clk_i), .en_i({(A0 - Slope){run_i}}), .d_i(c0_s), .q_o(c0_a0));

    // f = t - k; log2: the adder makes exponent + c0 instead
    row_t addend_q;
    for (genvar i = 0; i < int'(Lanes); i++) begin : gen_lane
      assign f_s[i]    = (fn[Slope] && !mant[Slope]) ? s_s[i] : t_s[i];
      assign c0_s[i]   = log2[Slope] ? s_s[i] : c0_d[i];
    end
    wren_vadd #(.Lanes(Lanes), .Deep(Deep)) u_fraction (
      .clk_i(clk_i), .en_i(run_i), .none_i(1'b0), .vec_i(1'b1), .s_i('0), .a_i(addend_q), .b_i(w_f), .y_o(s_s)
    );
    wren_vmul #(.Lanes(Lanes), .Deep(Deep)) u_slope (
      .clk_i(clk_i), .en_i(run_i), .none_i(1'b0), .vec_i(1'b1), .s_i('0), .a_i(f_s), .b_i(c2_r), .y_o(p6)
    );

    // The result: exponent and what it is; value
    scaled_t [Lanes-1:0]      scaled_q;
    logic [Lanes-1:0]         negate_q;
    logic [Lanes-1:0][1:0]    code_q;
    row_t                     special_q;
    function automatic f32_t result(input scaled_t r, input logic negate, input logic [1:0] code, input f32_t special);
      f32_t v;
      v = scale_value_of(r) ^ (negate ? Sign : 32'd0);
      v = (code != 2'd0) ? special : v;
      return (code == 2'd3) ? Nan : v;
    endfunction
    always_ff @(posedge clk_i) begin
      if (run_i) begin
        c0_r     <= c0_i;
        c2_r     <= c2_i;
        c1_r     <= c1_i;
        addend_q <= log2[Frac0-1] ? c0_i : t_e;
        for (int unsigned i = 0; i < Lanes; i++) begin
          scaled_q[i]  <= scale_exponent_of(p9[i], log2[Last] ? 10'd0 : k_last[i][25:16]);
          negate_q[i]  <= fn[Last] && k_last[i][10] && !is_nan(p9[i]);
          code_q[i]    <= fn[Last] ? k_last[i][9:8] : 2'd0;
          special_q[i] <= k_last[i][9] ? cfg_i[slot_i[Last]].head.above : cfg_i[slot_i[Last]].head.below;
          if (!fn[Last]) scaled_q[i] <= '{x: f_last[i], e: 8'd0, pass: 1'b1, is_inf: 1'b0, zero: 1'b0};
          y_o[i] <= result(scaled_q[i], negate_q[i], code_q[i], special_q[i]);
        end
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

// wren_vquant: the scale of every block of 32 (d = amax/127; q8_bf16: rounded up to BF16; id = 1/d), and the block times id. Other
// formats pass unchanged.
//
// In         beats of a block in consecutive cycles, blocks in order.
// Timing     the same for all formats: a block leaves a fixed time after its last beat, in consecutive beats (beat z_valid_o).
//            The reciprocal takes nine steps of three bits in stages of up to 32/Lanes steps, so blocks follow each other at full rate.
// Deep       Fourteen steps of two bits; amax takes one cycle more, amax/127 seven, id and the scale two, the product as many as wren_vmul.
module wren_vquant
  import wren_gta_pkg::*;
  import wren_isa_pkg::*;
#(
  parameter  int unsigned Lanes = 32,
  parameter  bit          Deep  = 1'b0,
  localparam int unsigned Beats = 32 / Lanes,
  localparam int unsigned Bw    = (Beats > 1) ? $clog2(Beats) : 1
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   run_i,             // Deep: the stages may move
  input  logic                   v_i,
  input  logic                   slot_i,
  input  logic                   q8_i,              // this block is quantized
  input  logic                   bf16_i,            // its scale is BF16, else FP16
  input  logic [Lanes-1:0][31:0] y_i,
  output logic                   z_valid_o,
  output logic                   z_slot_o,
  output logic                   z_q8_o,
  output logic [Bw-1:0]          z_beat_o,
  output logic [15:0]            z_scale_o,         // d as FP16 or BF16, or 1.0
  output logic [Lanes-1:0][31:0] z_o
);
  import wren_fp_pkg::*;
  import wren_fp_whole_pkg::*;

  localparam int unsigned Depth  = Deep ? 128 : 32;
  localparam int unsigned Pw     = $clog2(Depth);

  typedef logic [Lanes-1:0][31:0] row_t;

  // Beats wait in a ring for their block's scale.
  logic [Pw-1:0] wr_q, rd_q;

  // Block maximum of |y|
  logic [Bw-1:0] beat_q;
  f32_t          amax_q;
  logic          blk_q, blk_slot_q, blk_q8_q, blk_bf16_q;

  function automatic f32_t magnitude(input row_t v);
    logic [Lanes/2-1:0][31:0] t;
    for (int unsigned i = 0; i < Lanes/2; i++)
      t[i] = ((v[i] & Mag) > (v[i + Lanes/2] & Mag)) ? (v[i] & Mag) : (v[i + Lanes/2] & Mag);
    for (int unsigned h = Lanes/4; h > 0; h = h/2)
      for (int unsigned i = 0; i < h; i++) t[i] = (t[i] > t[i+h]) ? t[i] : t[i+h];
    return t[0];
  endfunction
  function automatic f32_t finite(input f32_t v);
    return (v >= Inf) ? 32'h7f7f_ffff : v;
  endfunction
  function automatic f32_t up_to_bf16(input f32_t d);
    return (d + 32'h0000_ffff) & 32'hffff_0000;
  endfunction

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      beat_q <= '0;
      wr_q   <= '0;
    end else if (v_i) begin
      beat_q <= (beat_q == Bw'(Beats - 1)) ? '0 : beat_q + Bw'(1);
      wr_q   <= wr_q + Pw'(1);
    end
  end

  // id and the stored scale; then the block's beats
  logic          id_v_q, run_q, run, slot_q, q8_q;
  logic [Bw-1:0] out_q;
  f32_t          id_q;
  logic [15:0]   scale_q;
  assign run = id_v_q || run_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      run_q <= 1'b0;
      out_q <= '0;
      rd_q  <= '0;
    end else if (run) begin
      run_q <= out_q != Bw'(Beats - 1);
      out_q <= (out_q == Bw'(Beats - 1)) ? '0 : out_q + Bw'(1);
      rd_q  <= rd_q + Pw'(1);
    end
  end

  if (!Deep) begin : gen_flat
    localparam int unsigned Steps  = 9;                            // of three quotient bits
    localparam int unsigned Stages = (Steps + Beats - 1) / Beats;
    localparam int unsigned Final  = Steps - Beats * (Stages - 1); // steps of the last stage

    function automatic f32_t amax_next(input logic first);
      f32_t m;
      m = magnitude(y_i);
      return (!first && amax_q > m) ? amax_q : m;
    endfunction
    function automatic f32_t first_d();
      f32_t r;
      r = fp32_div127(finite(amax_q));
      if (blk_bf16_q) r = up_to_bf16(r);
      return r;
    endfunction

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) blk_q <= 1'b0;
      else blk_q <= v_i && beat_q == Bw'(Beats - 1);
    end
    always_ff @(posedge clk_i) begin
      if (v_i) begin
        blk_slot_q <= slot_i;
        blk_q8_q   <= q8_i;
        blk_bf16_q <= bf16_i;
        if (q8_i) amax_q <= amax_next(beat_q == '0);
      end
    end

    // The reciprocal's stages. Index 0: first stage; index Stages: the finished quotient. A block moves on when its stage has made all steps,
    // at the latest when the next one comes.
    localparam int unsigned Slots = 2 ** $clog2(Stages + 1);       // a simulator checks no index of a power of two
    typedef logic [Slots-1:0][31:0] words_t;
    logic [Stages:0]   valid_q, at_slot_q, at_q8_q, at_bf16_q, enter;    // enter: stage s takes what stage s - 1 has
    logic [Stages-1:0] move;
    words_t            d_q, rem_q, quo_q;

    if (Beats > 1) begin : gen_steps
      logic [Stages-1:0][3:0] step_q;
      always_comb begin
        for (int unsigned s = 0; s < Stages; s++) move[s] = valid_q[s] && step_q[s] == ((s == Stages - 1) ? 4'(Final - 1) : 4'(Beats - 1));
      end
      always_ff @(posedge clk_i) begin
        for (int unsigned s = 0; s < Stages; s++) step_q[s] <= enter[s] ? 4'd0 : step_q[s] + 4'd1;
      end
    end else begin : gen_step
      assign move = valid_q[Stages-1:0];
    end
    assign enter = {move, blk_q};

    // Bit s of `enter`, as a mask
    function automatic words_t entered();
      for (int unsigned s = 0; s < Slots; s++) entered[s] = -((32'(enter) >> s) & 32'd1);
    endfunction
    function automatic words_t next_d(input words_t d);
      words_t m;
      m = entered();
      for (int unsigned s = 0; s < Slots; s++) next_d[s] = (d[(s + Slots - 1) % Slots] & m[s]) | (d[s] & ~m[s]);
      if (blk_q) next_d[0] = first_d();
    endfunction
    // After a step: remainder, quotient. The last stage makes none.
    function automatic words_t next_rem(input words_t d, input words_t rem);
      words_t m, r;
      m = entered();
      for (int unsigned s = 0; s < Slots; s++) r[s] = fp32_rcp_rem(d[s], rem[s]);
      for (int unsigned s = 0; s < Slots; s++) next_rem[s] = (r[(s + Slots - 1) % Slots] & m[s]) | (r[s] & ~m[s]);
      if (!enter[Stages]) next_rem[Stages] = rem[Stages];
      if (blk_q) next_rem[0] = 32'h0040_0000;
    endfunction
    function automatic words_t next_quo(input words_t d, input words_t rem, input words_t quo);
      words_t m, r;
      m = entered();
      for (int unsigned s = 0; s < Slots; s++) r[s] = (quo[s] << 3) | fp32_rcp_bits(d[s], rem[s]);
      for (int unsigned s = 0; s < Slots; s++) next_quo[s] = (r[(s + Slots - 1) % Slots] & m[s]) | (r[s] & ~m[s]);
      if (!enter[Stages]) next_quo[Stages] = quo[Stages];
      if (blk_q) next_quo[0] = 32'd0;
    endfunction

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) valid_q <= '0;
      else valid_q <= enter | {1'b0, valid_q[Stages-1:0] & ~move};
    end
    // Blocks that are not quantized only pass.
    always_ff @(posedge clk_i) begin
      at_slot_q <= (enter & {at_slot_q[Stages-1:0], blk_slot_q}) | (~enter & at_slot_q);
      at_q8_q   <= (enter & {at_q8_q[Stages-1:0], blk_q8_q}) | (~enter & at_q8_q);
      at_bf16_q <= (enter & {at_bf16_q[Stages-1:0], blk_bf16_q}) | (~enter & at_bf16_q);
      if ((blk_q && blk_q8_q) || (at_q8_q & valid_q) != '0) begin
        d_q   <= next_d(d_q);
        if (RcpInSteps) rem_q <= next_rem(d_q, rem_q);
        if (RcpInSteps) quo_q <= next_quo(d_q, rem_q, quo_q);
      end
    end

    row_t ring_q [Depth];

    function automatic row_t scaled(input row_t v, input f32_t s);
      for (int unsigned i = 0; i < Lanes; i++) scaled[i] = fp32_mul(v[i], s);
    endfunction

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        id_v_q    <= 1'b0;
        z_valid_o <= 1'b0;
      end else begin
        id_v_q    <= valid_q[Stages];
        z_valid_o <= run;
      end
    end
    always_ff @(posedge clk_i) begin
      if (v_i) ring_q[wr_q] <= y_i;
      if (valid_q[Stages]) begin
        slot_q <= at_slot_q[Stages];
        q8_q   <= at_q8_q[Stages];
        if (at_q8_q[Stages]) begin
          id_q    <= fp32_rcp_round(d_q[Stages], quo_q[Stages] | ((rem_q[Stages] != 32'd0) ? 32'd1 : 32'd0));
          scale_q <= at_bf16_q[Stages] ? d_q[Stages][31:16] : fp16_from_fp32(d_q[Stages]);
        end else begin
          scale_q <= 16'h3c00;
        end
      end
      if (run) begin
        z_slot_o  <= slot_q;
        z_q8_o    <= q8_q;
        z_beat_o  <= out_q;
        z_scale_o <= scale_q;
        if (q8_q) z_o <= scaled(ring_q[rd_q], id_q);
        else z_o <= ring_q[rd_q];
      end
    end
    logic unused;
    assign unused = run_i;
  end else begin : gen_deep
    localparam int unsigned Mul   = mul_cycles(1'b1);
    localparam int unsigned Steps = 14;                            // of two quotient bits
    localparam int unsigned Tw    = 2 + Bw + 16;

    // Maximum of a beat, then of the block
    f32_t beat_max_q;
    logic v1_q, first1_q, last1_q, slot1_q, q81_q, bf161_q;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        v1_q  <= 1'b0;
        blk_q <= 1'b0;
      end else begin
        v1_q  <= v_i;
        blk_q <= v1_q && last1_q;
      end
    end
    always_ff @(posedge clk_i) begin
      if (run_i) begin
        beat_max_q <= magnitude(y_i);
        first1_q   <= beat_q == '0;
        last1_q    <= beat_q == Bw'(Beats - 1);
        slot1_q    <= slot_i;
        q81_q      <= q8_i;
        bf161_q    <= bf16_i;
      end
      if (v1_q) begin
        amax_q     <= (!first1_q && amax_q[30:0] > beat_max_q[30:0]) ? amax_q : beat_max_q;
        blk_slot_q <= slot1_q;
        blk_q8_q   <= q81_q;
        blk_bf16_q <= bf161_q;
      end
    end

    // d = amax / 127. Blocks are 16 cycles apart: one is under way here, and one in the reciprocal.
    logic [8:0] d_v_q;
    logic       d_slot_q, d_q8_q, d_bf16_q, sticky_q, d_zero_q;
    f32_t       x_q, k_q, h_q, sum_q, more_q, d_q, dd_q;
    logic [26:0] exact_q;
    logic [7:0] rest_q;
    rounding_t  place_q;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) d_v_q <= '0;
      else d_v_q <= {d_v_q[7:0], blk_q};
    end
    always_ff @(posedge clk_i) begin
      if (blk_q) begin
        x_q      <= finite(amax_q);
        d_slot_q <= blk_slot_q;
        d_q8_q   <= blk_q8_q;
        d_bf16_q <= blk_bf16_q;
      end
      if (run_i) begin
        k_q      <= fp32_div127_digit(fp32_div127_n(x_q));
        h_q      <= fp32_div127_digit(k_q);
        sum_q    <= fp32_div127_sum(fp32_div127_n(x_q), k_q, h_q);
        rest_q   <= 8'(fp32_div127_digit(h_q));
        more_q   <= sum_q + {30'd0, div127_carry(rest_q)};
        sticky_q <= div127_sticky(rest_q);
        exact_q  <= 27'(fp32_div127_n(x_q) + more_q);
        place_q  <= round_place({1'b0, x_q[30:23]} - 9'd7, {exact_q[26:1], exact_q[0] || sticky_q});
        d_zero_q <= x_q[30:23] == 8'd0;
        d_q      <= d_zero_q ? 32'd0 : round_pack(place_q);
        dd_q     <= d_bf16_q ? up_to_bf16(d_q) : d_q;
      end
    end

    // Its reciprocal: two bits per cycle
    logic        valid_q, done_q, r_slot_q, r_q8_q, r_bf16_q;
    logic [3:0]  step_q;
    f32_t        r_d_q;
    logic [23:0] rem_q;
    logic [25:0] thrice_q;
    logic [27:0] quo_q;
    logic [25:0] step;
    assign step = rcp_step({1'b1, r_d_q[22:0]}, thrice_q, rem_q);
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        valid_q <= 1'b0;
        step_q  <= '0;
        done_q  <= 1'b0;
      end else begin
        done_q <= valid_q && step_q == 4'(Steps - 1);
        if (d_v_q[8]) begin
          valid_q <= 1'b1;
          step_q  <= '0;
        end else if (valid_q) begin
          valid_q <= step_q != 4'(Steps - 1);
          step_q  <= step_q + 4'd1;
        end
      end
    end
    always_ff @(posedge clk_i) begin
      if (d_v_q[8]) begin
        r_slot_q <= d_slot_q;
        r_q8_q   <= d_q8_q;
        r_bf16_q <= d_bf16_q;
        r_d_q    <= dd_q;
        thrice_q <= 26'({1'b1, dd_q[22:0]}) + {1'b0, 1'b1, dd_q[22:0], 1'b0};
      end
      if (run_i) begin
        rem_q <= d_v_q[8] ? 24'h40_0000 : step[23:0];
        quo_q <= {quo_q[25:0], step[25:24]};
      end
    end

    // id and the scale: placed, rounded, beside the row that the ring gives
    logic         f0_v_q, f1_v_q, slot0_q, slot1f_q, q80_q, q81f_q, zero0_q;
    rounding_t    id0_q;
    narrow_t      scale0_q;
    narrowed_t    scale1_q;
    f32_t         id1_q, id3_q, id4_q;
    logic [Mul+1:0] z_v_q;
    logic [Tw-1:0] token_q;                                        // slot, q8, beat, scale
    row_t         row, row_q;                                      // the ring's, and registered: a block RAM is slow

    wren_ram_1r1w #(
      .Width(Lanes * 32),
      .Depth(Depth)
    ) u_ring (
      .clk_i  (clk_i),
      .we_i   (v_i),
      .waddr_i(wr_q),
      .wdata_i(y_i),
      .re_i   (run),
      .raddr_i(rd_q),
      .rdata_o(row)
    );

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        f0_v_q <= 1'b0;
        f1_v_q <= 1'b0;
        id_v_q <= 1'b0;
        z_v_q  <= '0;
      end else begin
        f0_v_q <= done_q;
        f1_v_q <= f0_v_q;
        id_v_q <= f1_v_q;
        z_v_q  <= {z_v_q[Mul:0], run};
      end
    end
    always_ff @(posedge clk_i) begin
      if (run_i) begin
        slot0_q  <= r_slot_q;
        q80_q    <= r_q8_q;
        zero0_q  <= r_d_q[30:23] == 8'd0;
        id0_q    <= round_place(9'd253 - {1'b0, r_d_q[30:23]}, {quo_q[27:2], quo_q[1:0] != 2'd0 || rem_q != 24'd0});
        scale0_q <= narrow_place(r_d_q, r_bf16_q ? NarrowBf16 : NarrowF16);
        slot1f_q <= slot0_q;
        q81f_q   <= q80_q;
        id1_q    <= zero0_q ? 32'd0 : round_pack(id0_q);
        scale1_q <= narrow_move(scale0_q);
        row_q    <= row;
        id4_q    <= id3_q;
      end
      if (f1_v_q) begin
        slot_q  <= slot1f_q;
        q8_q    <= q81f_q;
        id_q    <= q81f_q ? id1_q : One;
        scale_q <= q81f_q ? 16'(narrow_round(scale1_q)) : 16'h3c00;
      end
      if (run) begin
        id3_q   <= id_q;
        token_q <= {slot_q, q8_q, out_q, scale_q};
      end
    end
    assign z_valid_o = z_v_q[Mul+1];
    wren_delay #(.Width(Tw), .Stages(Mul + 1)) u_token (
      .clk_i(clk_i), .en_i({(Mul + 1){run_i}}), .d_i(token_q), .q_o({z_slot_o, z_q8_o, z_beat_o, z_scale_o})
    );
    wren_vmul #(.Lanes(Lanes), .Deep(1'b1)) u_scale (
      .clk_i(clk_i), .en_i(run_i), .none_i(1'b0), .vec_i(1'b1), .s_i('0), .a_i(row_q), .b_i({Lanes{id4_q}}), .y_o(z_o)
    );
  end

endmodule

// wren_vquant: the scale of every block of 32 (d = amax/127; q8_bf16: rounded up to BF16; id = 1/d), and the block times id. Other
// formats pass unchanged.
//
// In         beats of a block in consecutive cycles, blocks in order.
// Timing     the same for all formats: a block leaves a fixed time after its last beat, in consecutive beats (beat z_valid_o).
//            The reciprocal takes nine steps of three bits in stages of up to 32/Lanes steps, so blocks follow each other at full rate.
// Deep       Fourteen steps of two bits; amax/127 takes four cycles more, id and the scale one, the product as many as wren_vmul.
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

  localparam int unsigned Steps  = Deep ? 14 : 9;                  // of two or three quotient bits
  localparam int unsigned Stages = (Steps + Beats - 1) / Beats;
  localparam int unsigned Final  = Steps - Beats * (Stages - 1);   // steps of the last stage
  localparam int unsigned Depth  = Deep ? 64 : 32;
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
  function automatic f32_t amax_next(input logic first);
    f32_t m;
    m = magnitude(y_i);
    return (!first && amax_q > m) ? amax_q : m;
  endfunction

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      beat_q <= '0;
      blk_q  <= 1'b0;
      wr_q   <= '0;
    end else begin
      blk_q <= v_i && beat_q == Bw'(Beats - 1);
      if (v_i) begin
        beat_q <= (beat_q == Bw'(Beats - 1)) ? '0 : beat_q + Bw'(1);
        wr_q   <= wr_q + Pw'(1);
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (v_i) begin
      blk_slot_q <= slot_i;
      blk_q8_q   <= q8_i;
      blk_bf16_q <= bf16_i;
      if (q8_i) amax_q <= amax_next(beat_q == '0);
    end
  end

  // d of a block
  logic d_v, d_slot, d_q8, d_bf16;
  f32_t d_deep;

  function automatic f32_t finite(input f32_t v);
    return (v >= Inf) ? 32'h7f7f_ffff : v;
  endfunction
  function automatic f32_t up_to_bf16(input f32_t d);
    return (d + 32'h0000_ffff) & 32'hffff_0000;
  endfunction
  function automatic f32_t first_d();
    f32_t r;
    r = d_deep;
    if (!Deep) r = fp32_div127(finite(amax_q));
    if (d_bf16) r = up_to_bf16(r);
    return r;
  endfunction

  if (!Deep) begin : gen_d
    assign d_v    = blk_q;
    assign d_slot = blk_slot_q;
    assign d_q8   = blk_q8_q;
    assign d_bf16 = blk_bf16_q;
    assign d_deep = '0;
  end else begin : gen_d_deep
    logic [4:0] v_q;
    logic       slot_q, q8_q, bf16_q;                              // blocks are 16 cycles apart: one is under way
    f32_t       x_q, k_q, h_q, sum_q, rest_q, quo_q, d_q;
    assign d_v    = v_q[4];
    assign d_slot = slot_q;
    assign d_q8   = q8_q;
    assign d_bf16 = bf16_q;
    assign d_deep = d_q;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) v_q <= '0;
      else v_q <= {v_q[3:0], blk_q};
    end
    always_ff @(posedge clk_i) begin
      if (blk_q) begin
        slot_q <= blk_slot_q;
        q8_q   <= blk_q8_q;
        bf16_q <= blk_bf16_q;
        x_q    <= finite(amax_q);
      end
      if (run_i) begin
        k_q    <= fp32_div127_digit(fp32_div127_n(x_q));
        h_q    <= fp32_div127_digit(fp32_div127_digit(fp32_div127_n(x_q)));
        sum_q  <= fp32_div127_sum(fp32_div127_n(x_q), k_q, h_q);
        rest_q <= fp32_div127_digit(h_q);
        quo_q  <= fp32_div127_quotient(fp32_div127_n(x_q), sum_q, rest_q);
        d_q    <= fp32_div127_round(quo_q, x_q);
      end
    end
  end

  // The reciprocal's stages. Index 0: first stage; index Stages: the finished quotient.
  typedef struct packed {
    logic [Stages:0]       valid;
    logic [Stages:0]       slot;
    logic [Stages:0]       q8;
    logic [Stages:0]       bf16;
    logic [Stages:0][3:0]  step;
    logic [Stages:0][31:0] d;
    logic [Stages:0][31:0] rem;
    logic [Stages:0][31:0] quo;
  } recip_t;
  recip_t recip_q;

  function automatic f32_t next_rem(input f32_t d, input f32_t rem);
    if (Deep) return fp32_rcp_step(d, fp32_rcp_step(d, rem) & Mag) & Mag;
    return fp32_rcp_rem(d, rem);
  endfunction
  function automatic f32_t next_quo(input f32_t d, input f32_t rem, input f32_t quo);
    if (Deep) return (quo << 2) | ((fp32_rcp_step(d, rem) >> 31) << 1) | (fp32_rcp_step(d, fp32_rcp_step(d, rem) & Mag) >> 31);
    return (quo << 3) | fp32_rcp_bits(d, rem);
  endfunction
  // 27 bits of the quotient and whether there is a rest (Deep has one bit more)
  function automatic f32_t quotient(input f32_t quo, input f32_t rem);
    f32_t sticky;
    sticky = (rem != 32'd0) ? 32'd1 : 32'd0;
    if (Deep) return (quo >> 1) | (quo & 32'd1) | sticky;
    return quo | sticky;
  endfunction

  function automatic recip_t recip_step(input recip_t q);
    recip_t r;
    logic   move;
    f32_t   rem, quo;
    r = q;
    for (int unsigned s = Stages; s > 0; s--) begin
      move       = q.valid[s-1] && q.step[s-1] == ((s == Stages) ? 4'(Final - 1) : 4'(Beats - 1));
      rem        = next_rem(q.d[s-1], q.rem[s-1]);
      quo        = next_quo(q.d[s-1], q.rem[s-1], q.quo[s-1]);
      r.valid[s-1] = q.valid[s-1] && !move;
      r.valid[s]   = move || ((s < Stages) && r.valid[s]);
      r.step[s-1]  = q.step[s-1] + 4'd1;
      if (Beats > 1) begin
        r.rem[s-1] = rem;
        r.quo[s-1] = quo;
      end
      if (move) begin
        r.slot[s] = q.slot[s-1];
        r.q8[s]   = q.q8[s-1];
        r.bf16[s] = q.bf16[s-1];
        r.step[s] = '0;
        r.d[s]    = q.d[s-1];
        r.rem[s]  = rem;
        r.quo[s]  = quo;
      end
    end
    if (d_v) begin
      r.valid[0] = 1'b1;
      r.slot[0]  = d_slot;
      r.q8[0]    = d_q8;
      r.step[0]  = '0;
      r.bf16[0]  = d_bf16;
      r.d[0]     = first_d();
      r.rem[0]   = 32'h0040_0000;
      r.quo[0]   = 32'd0;
    end
    return r;
  endfunction
  // Blocks that are not quantized only pass.
  function automatic recip_t recip_pass(input recip_t q);
    recip_t r;
    logic   move;
    r = q;
    for (int unsigned s = Stages; s > 0; s--) begin
      move         = q.valid[s-1] && q.step[s-1] == ((s == Stages) ? 4'(Final - 1) : 4'(Beats - 1));
      r.valid[s-1] = q.valid[s-1] && !move;
      r.valid[s]   = move || ((s < Stages) && r.valid[s]);
      r.step[s-1]  = q.step[s-1] + 4'd1;
      if (move) begin
        r.slot[s] = q.slot[s-1];
        r.q8[s]   = 1'b0;
        r.step[s] = '0;
      end
    end
    if (d_v) begin
      r.valid[0] = 1'b1;
      r.slot[0]  = d_slot;
      r.q8[0]    = 1'b0;
      r.step[0]  = '0;
    end
    return r;
  endfunction

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) recip_q <= '0;
    else if ((d_v && d_q8) || (recip_q.q8 & recip_q.valid) != '0) recip_q <= recip_step(recip_q);
    else if (d_v || recip_q.valid != '0) recip_q <= recip_pass(recip_q);
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

  if (!Deep) begin : gen_out
    row_t ring_q [Depth];

    function automatic row_t scaled(input row_t v, input f32_t s);
      for (int unsigned i = 0; i < Lanes; i++) scaled[i] = fp32_mul(v[i], s);
    endfunction

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        id_v_q    <= 1'b0;
        z_valid_o <= 1'b0;
      end else begin
        id_v_q    <= recip_q.valid[Stages];
        z_valid_o <= run;
      end
    end
    always_ff @(posedge clk_i) begin
      if (v_i) ring_q[wr_q] <= y_i;
      if (recip_q.valid[Stages]) begin
        slot_q <= recip_q.slot[Stages];
        q8_q   <= recip_q.q8[Stages];
        if (recip_q.q8[Stages]) begin
          id_q    <= fp32_rcp_round(recip_q.d[Stages], quotient(recip_q.quo[Stages], recip_q.rem[Stages]));
          scale_q <= recip_q.bf16[Stages] ? recip_q.d[Stages][31:16] : fp16_from_fp32(recip_q.d[Stages]);
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
  end else begin : gen_out_deep
    localparam int unsigned Mul = mul_cycles(1'b1);
    localparam int unsigned Tw  = 2 + Bw + 16;
    f32_t          w_q, d_q, id2_q, id3_q;                         // aligned mantissa of d; id beside the row that the ring gave
    logic          bf16_q, slot2_q, q82_q, w_v_q;
    logic [Mul:0]  z_v_q;
    logic [Tw-1:0] token_q;                                        // slot, q8, beat, scale
    row_t          row;

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
        w_v_q  <= 1'b0;
        id_v_q <= 1'b0;
        z_v_q  <= '0;
      end else begin
        w_v_q  <= recip_q.valid[Stages];
        id_v_q <= w_v_q;
        z_v_q  <= {z_v_q[Mul-1:0], run};
      end
    end
    always_ff @(posedge clk_i) begin
      if (recip_q.valid[Stages]) begin
        slot2_q <= recip_q.slot[Stages];
        q82_q   <= recip_q.q8[Stages];
        bf16_q  <= recip_q.bf16[Stages];
        d_q     <= recip_q.d[Stages];
        id2_q   <= fp32_rcp_round(recip_q.d[Stages], quotient(recip_q.quo[Stages], recip_q.rem[Stages]));
        w_q     <= fp16_align(recip_q.d[Stages]);
      end
      if (w_v_q) begin
        slot_q  <= slot2_q;
        q8_q    <= q82_q;
        id_q    <= id2_q;
        scale_q <= !q82_q ? 16'h3c00 : bf16_q ? d_q[31:16] : fp16_round(w_q, d_q);
      end
      if (run) begin
        id3_q   <= id_q;
        token_q <= {slot_q, q8_q, out_q, scale_q};
      end
    end
    assign z_valid_o = z_v_q[Mul];
    wren_delay #(.Width(Tw), .Stages(Mul)) u_token (
      .clk_i(clk_i), .en_i({Mul{run_i}}), .d_i(token_q), .q_o({z_slot_o, z_q8_o, z_beat_o, z_scale_o})
    );
    wren_vmul #(.Lanes(Lanes), .Deep(1'b1)) u_scale (
      .clk_i(clk_i), .en_i(run_i), .none_i(!token_q[Tw-2]), .vec_i(1'b0), .s_i(id3_q), .a_i(row), .b_i('0), .y_o(z_o)
    );
  end

endmodule

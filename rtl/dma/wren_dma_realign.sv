// wren_dma_realign: turns the source beats of a run into its destination beats: moves granules to their lanes and sets strobes.
//
// Handshake  run, src and out are valid/ready. A run stays at the input until its last beat is made. Source beats come from the
//            run's first beat (which holds byte src) on, without gaps; src_want_o says that the run waits for one.
// Timing     one beat per cycle; a run whose source begins at a higher lane than its destination may take one cycle more. The
//            output is a register.
// Deep       run_first_i is first_beat of the run, from a register; what a beat is like is known in the cycle before it.
// How        {beat, beat before it} shifted right by a constant of the run is the destination beat.
`include "wren_assert.svh"

module wren_dma_realign
  import wren_dma_pkg::*;
#(
  parameter  int unsigned Bus   = 64,
  parameter  int unsigned Gran  = 16,          // bytes of a granule: alignment of src, dst and len
  parameter  int unsigned UserW = 1,
  parameter  bit          Deep  = 1'b0,
  localparam int unsigned Lanes = Bus / Gran,
  localparam int unsigned Lw    = (Lanes > 1) ? $clog2(Lanes) : 1,
  localparam int unsigned Lg    = $clog2(Bus),
  localparam int unsigned Bits  = Bus * 8
) (
  input  logic               clk_i,
  input  logic               rst_ni,

  // Run in
  input  logic               run_valid_i,
  output logic               run_ready_o,
  input  logic [Lw-1:0]      run_src_lane_i,
  input  logic [Lw-1:0]      run_dst_lane_i,
  input  logic [Aw-Lg-1:0]   run_dst_beat_i,   // destination address / Bus
  input  logic [31:0]        run_len_i,        // granules, not 0
  input  logic [UserW-1:0]   run_user_i,
  input  beat_t              run_first_i,      // Deep only

  // Source beats
  input  logic               src_valid_i,
  output logic               src_ready_o,
  output logic               src_want_o,
  output logic [31:0]        src_index_o,      // number in the run of the beat that is wanted
  input  logic [Bits-1:0]    src_data_i,

  // Destination beats
  output logic               out_valid_o,
  input  logic               out_ready_i,
  output logic [Bits-1:0]    out_data_o,
  output logic [Lanes-1:0]   out_strb_o,
  output logic [Lw:0]        out_count_o,      // granules
  output logic [Aw-Lg-1:0]   out_beat_o,       // address / Bus
  output logic               out_last_o,       // last beat of the run
  output logic [UserW-1:0]   out_user_o
);

  function automatic logic [Bits-1:0] align(input logic [Bits-1:0] cur, input logic [Bits-1:0] prev, input logic [Lw-1:0] shift);
    logic [2*Bits-1:0] both;
    if (shift == '0) return cur;
    both = {cur, prev} >> ((32'(Lanes) - 32'(shift)) * Gran * 8);
    return both[Bits-1:0];
  endfunction

  function automatic logic [Lanes-1:0] lanes_below(input logic [Lw:0] n);
    return Lanes'((Lanes+1)'((Lanes+1)'(1) << n) - (Lanes+1)'(1));
  endfunction

  logic              first_q, filled_q;   // at the run's first beat; its first source beat is held
  logic [31:0]       left_q;
  logic [Aw-Lg-1:0]  beat_q;
  logic [31:0]       index_q;
  logic [Bits-1:0]   prev_q;

  logic [Lw:0]       lo, hi, room, shift;
  logic [31:0]       left;
  logic [Aw-Lg-1:0]  beat;
  logic              last, wraps, direct, fill, needs_cur, free, fire, pop;

  assign beat  = first_q ? run_dst_beat_i : beat_q;

  // A source that begins at a higher lane fills destination beats from two source beats on: hold the first one back, unless the
  // first destination beat ends before the second source beat is needed.
  if (!Deep) begin : gen_flat
    logic unused;

    assign lo    = first_q ? {1'b0, run_dst_lane_i} : '0;
    assign left  = first_q ? run_len_i : left_q;
    assign room  = (Lw+1)'(Lanes) - lo;
    assign last  = left <= 32'(room);
    assign hi    = last ? lo + left[Lw:0] : (Lw+1)'(Lanes);
    assign shift = (Lanes == 1) ? '0 : {1'b0, run_dst_lane_i - run_src_lane_i};

    assign wraps     = first_q && !filled_q && run_src_lane_i > run_dst_lane_i && Lanes != 1;
    assign direct    = wraps && hi <= shift;
    assign fill      = wraps && !direct;
    assign needs_cur = direct || hi > shift;

    always_ff @(posedge clk_i) begin
      if (fire) left_q <= left - 32'(room);
    end

    assign unused = ^run_first_i;
  end else begin : gen_deep
    beat_t now, next_q;
    logic  unused;

    assign now       = first_q ? run_first_i : next_q;
    assign lo        = now.lo[Lw:0];
    assign hi        = now.hi[Lw:0];
    assign last      = now.last;
    assign shift     = {1'b0, run_first_i.shift[Lw-1:0]};
    assign direct    = now.direct;
    assign fill      = now.fill && !filled_q;
    assign needs_cur = now.needs;

    always_ff @(posedge clk_i) begin
      if (fire) next_q <= next_beat(now, Lanes);
    end

    assign left   = run_len_i;
    assign room   = '0;
    assign wraps  = 1'b0;
    assign left_q = '0;
    assign unused = ^{run_src_lane_i, run_dst_lane_i, room, wraps, left, left_q};
  end

  assign free        = !out_valid_o || out_ready_i;
  assign src_index_o = index_q;
  assign run_ready_o = fire && last;
  assign pop         = src_valid_i && src_ready_o;
  always_comb begin
    src_want_o  = 1'b0;
    src_ready_o = 1'b0;
    if (run_valid_i) begin
      src_want_o  = fill || needs_cur;
      src_ready_o = fill || (needs_cur && free);
    end
  end
  always_comb begin
    fire = 1'b0;
    if (run_valid_i) fire = !fill && free && (src_valid_i || !needs_cur);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      first_q     <= 1'b1;
      filled_q    <= 1'b0;
      index_q     <= '0;
      out_valid_o <= 1'b0;
    end else begin
      if (fire) first_q <= last;
      if (pop && fill) filled_q <= 1'b1;
      else if (fire) filled_q <= 1'b0;
      if (fire && last) index_q <= '0;
      else if (pop) index_q <= index_q + 32'd1;
      if (fire) out_valid_o <= 1'b1;
      else if (out_ready_i) out_valid_o <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (pop && shift != '0) prev_q <= src_data_i;
    if (fire) begin
      out_data_o  <= align(src_data_i, direct ? src_data_i : prev_q, shift[Lw-1:0]);
      out_strb_o  <= lanes_below(hi) & ~lanes_below(lo);
      out_count_o <= hi - lo;
      out_beat_o  <= beat;
      out_last_o  <= last;
      out_user_o  <= run_user_i;
      beat_q      <= beat + (Aw-Lg)'(1);
    end
  end

  `ASSERT(LengthNonZero_A, run_valid_i -> run_len_i != '0)
  `ASSERT_HOLD(OutHold_A, out_valid_o, out_ready_i, {out_beat_o, out_strb_o, out_last_o, out_user_o})

endmodule

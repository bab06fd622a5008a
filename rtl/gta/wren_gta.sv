// wren_gta: the vector engine. Runs gta.op commands: fetch, convert, multiply-add, block maximum, table function, multiply-add,
// reduce, convert or quantize, store. Arithmetic and order of writes: docs/spec-notes.md.
//
// Command     valid/ready; up to two commands are in the engine. done_o pulses once per command, in order, when all its writes are taken.
// VM, ACC     see wren_vm and wren_acc: reads have data in the cycle after the grant.
// AB          one block with its scale per cycle, always taken.
// LUT write   valid/ready; a beat is taken when its last 16-byte entry is written, one entry per cycle.
// Timing      one beat of Lanes elements per cycle unless operands collide in a bank of VM or ACC. Behind the fetch nothing stalls;
//             reductions and scales have queues, and the fetch holds a block back while their space is spoken for.
// Pipe        fetch 3, multiply, add, block maximum, (gather a block), subtract, table 10, multiply, add, then the sums beside
//             the quantizer (13 with the reciprocal) and convert: 34 cycles for a beat at 32 lanes. All commands take the same way.
// Deep        more stages for a higher clock rate of FPGAs, the same results, for two lanes: fetch 9, multiply 3, add 4, block maximum 3,
//             subtract 6 (two read the ring), table 35, multiply 3, add 5 (one masks), quantizer 34, convert and write 4. Operands
//             leave the fetch as rows: scalars and constants in all lanes. An operation that is left out adds -0 or multiplies by one.
//             Rows that wait do so in block RAM. Stages of an FPGA move always (wren_idle_hold).
// Limits      what spec-notes asks of a command is checked before it is dispatched, not here.
`include "wren_assert.svh"

module wren_gta
  import wren_pkg::*;
  import wren_isa_pkg::*;
  import wren_gta_pkg::*;
#(
  parameter  int unsigned Rows     = 8,       // rows of an AB or ACC word
  parameter  int unsigned Cols     = 16,      // columns of an ACC word; Lanes = 2*Cols
  parameter  int unsigned Lanes    = 32,
  parameter  int unsigned Bus      = 64,      // bytes per DMA beat
  parameter  int unsigned VmBytes  = 262144,
  parameter  int unsigned AccWords = 256,
  parameter  int unsigned AbWords  = 2048,
  parameter  int unsigned Tables   = 8,
  parameter  bit          Deep     = 1'b0,
  localparam int unsigned VmWords  = VmBytes / (Lanes * 4),
  localparam int unsigned Iw       = $clog2(VmWords) - 2,
  localparam int unsigned Lw       = $clog2(Rows)
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,

  // Commands
  input  logic                    cmd_valid_i,
  output logic                    cmd_ready_o,
  input  logic [CmdBits-1:0]      cmd_i,
  output logic                    done_o,
  output bucket_e                 bucket_o,
  output logic                    numeric_o,          // pulse: a conversion saturated or met NaN or infinity

  // VM
  output logic [3:0]              g_rd_en_o,
  output logic [3:0][Iw-1:0]      g_rd_idx_o,
  input  logic [Lanes-1:0][31:0]  g_rd_data0_i,
  input  logic [Lanes-1:0][31:0]  g_rd_data1_i,
  input  logic [Lanes-1:0][31:0]  g_rd_data2_i,
  input  logic [Lanes-1:0][31:0]  g_rd_data3_i,
  output logic                    g_wr_valid_o,
  output logic [VmAddrWidth-1:0]  g_wr_addr_o,
  output logic [Lanes-1:0][31:0]  g_wr_data_o,
  output logic [Lanes*2-1:0]      g_wr_strb_o,
  output logic                    osc_valid_o,
  input  logic                    osc_ready_i,
  output logic [VmAddrWidth-1:0]  osc_addr_o,
  output logic [15:0]             osc_data_o,
  output logic                    red_valid_o,
  input  logic                    red_ready_i,
  output logic [VmAddrWidth-1:0]  red_addr_o,
  output logic [31:0]             red_data_o,

  // ACC
  output logic                    x_valid_o,
  input  logic                    x_ready_i,
  output logic [15:0]             x_word_o,           // even
  output logic [Lw-1:0]           x_row_o,
  input  logic [2*Cols-1:0][31:0] x_data_i,

  // AB
  output logic                    ab_valid_o,
  output logic [15:0]             ab_word_o,
  output logic [Lw-1:0]           ab_lane_o,
  output logic [255:0]            ab_data_o,
  output logic [15:0]             ab_scale_o,

  // LUT write from LD
  input  logic                    lut_wr_valid_i,
  output logic                    lut_wr_ready_o,
  input  logic [31:0]             lut_wr_addr_i,      // byte address, Bus-aligned
  input  logic [Bus*8-1:0]        lut_wr_data_i,
  input  logic [Bus/16-1:0]       lut_wr_strb_i
);
  import wren_fp_pkg::*;
  import wren_fp_whole_pkg::*;

  localparam int unsigned Beats  = 32 / Lanes;
  localparam int unsigned Btw    = (Beats > 1) ? $clog2(Beats) : 1;
  localparam int unsigned Cw     = $clog2(Lanes + 1);
  localparam int unsigned Ring   = Deep ? 128 : 32;             // beats between fetch and the second multiply
  localparam int unsigned Rw     = $clog2(Ring);
  localparam int unsigned Blocks = (Beats == 1) ? 64 : 32;      // blocks between fetch and the last write
  localparam int unsigned Nw     = $clog2(Blocks);
  localparam int unsigned Bw     = $clog2(Lanes * 4);

  // Cycles of an operation, and where it begins, in cycles behind the subtraction less one
  localparam int unsigned Add  = add_cycles(Deep);
  localparam int unsigned Mul  = mul_cycles(Deep);
  localparam int unsigned AtFn = Deep ? Add + 1 : 0;            // table function
  localparam int unsigned AtBefore = Deep ? AtFn - 1 : 0;
  localparam int unsigned AtM  = AtFn + fn_cycles(Deep);        // multiply
  localparam int unsigned AtC  = AtM + Mul;                     // add
  localparam int unsigned AtY  = AtC + Add + (Deep ? 1 : 0);    // sums, quantizer

  typedef logic [Lanes-1:0][31:0] row_t;

  // Where a block's results belong
  typedef struct packed {
    logic        slot;
    logic        first;      // first block of its row
    logic        emit;       // yields a reduction result
    logic [19:0] addr;
  } red_info_t;
  typedef struct packed {
    logic [19:0] addr;
    logic [Lw-1:0] lane;
    logic [19:0] scale;
  } out_info_t;

  // ---- commands: one waits, two are in the pipe
  gta_op_t    pend_q;
  logic       pend_valid_q;
  stage_cfg_t   cfg_q [2];
  stage_flags_t flags_q [2];                                     // of cfg_q
  logic [1:0] busy_q;                                           // slot in use
  logic       head_q, tail_q;                                   // slot of the oldest command, of the next one
  logic       start, fetch_ready;
  logic       retire;

  assign cmd_ready_o = !pend_valid_q || start;
  logic       may_start;
  assign may_start   = pend_valid_q && fetch_ready && !busy_q[tail_q] && (pend_q.overlap || busy_q == 2'b00);
  if (!Deep) begin : gen_start
    assign start = may_start;
  end else begin : gen_start_deep                               // nothing revokes it meanwhile
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) start <= 1'b0;
      else start <= may_start && !start;
    end
  end

  table_t head;                                                 // of the waiting command's table

  // neutral: Deep, the constant of an operation that is left out
  function automatic source_t source_of(input operand_mode_e mode, input logic [19:0] base, input logic [19:0] stride, input f32_t neutral);
    source_t r;
    r.none  = mode == OperandModeNone;
    r.vec   = mode == OperandModeMat || mode == OperandModeCol || mode == OperandModeSelf;
    r.mem   = mode == OperandModeMat || mode == OperandModeCol || mode == OperandModeRow || mode == OperandModeBlk;
    r.value = {stride[11:0], base};
    if (Deep && r.none) r.value = neutral;
    return r;
  endfunction
  // The scalar of a beat: from lane 0 of the operand's row, or the constant
  function automatic logic [31:0] scalar_of(input logic mem, input logic [31:0] value, input logic [31:0] lane0);
    return mem ? lane0 : value;
  endfunction
  function automatic stage_cfg_t stage_cfg_of(input gta_op_t cmd, input table_t t);
    stage_cfg_t r;
    r.a          = source_of(cmd.a_mode, cmd.a, cmd.a_stride, One);
    r.b          = source_of(cmd.b_mode, cmd.b, cmd.b_stride, NegZero);
    r.m          = source_of(cmd.m_mode, cmd.m, cmd.m_stride, One);
    r.c          = source_of(cmd.c_mode, cmd.c, cmd.c_stride, NegZero);
    r.m_self     = cmd.m_mode == OperandModeSelf;
    r.bmax       = cmd.bmax;
    r.fn         = cmd.fn;
    r.tbl        = cmd.tbl;
    r.head       = t;
    r.red_op     = cmd.red_op;
    r.red_blk    = cmd.red_blk;
    r.out_space  = cmd.out_space;
    r.out_format = cmd.out_format;
    return r;
  endfunction

  logic [1:0] done_slot;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      pend_valid_q <= 1'b0;
      busy_q       <= '0;
      head_q       <= 1'b0;
      tail_q       <= 1'b0;
      done_o       <= 1'b0;
    end else begin
      if (cmd_ready_o) pend_valid_q <= cmd_valid_i;
      if (start) begin
        busy_q[tail_q] <= 1'b1;
        tail_q         <= !tail_q;
      end
      if (retire) begin
        busy_q[head_q] <= 1'b0;
        head_q         <= !head_q;
      end
      done_o <= retire;
    end
  end
  always_ff @(posedge clk_i) begin
    if (cmd_ready_o && cmd_valid_i) pend_q <= cmd_i;
    if (start) cfg_q[tail_q] <= stage_cfg_of(pend_q, head);
    if (start) flags_q[tail_q] <= stage_flags_of(stage_cfg_of(pend_q, head));
  end

  // ---- fetch
  logic          go, go_slot, go_last, blk_end, blk_first, blk_last, stall;
  logic [19:0]   blk_out, blk_scale, blk_red;
  logic [Lw-1:0] blk_lane;
  logic          v2, slot2, last2;
  logic [Cw-1:0] count2;
  row_t          x2, a2, b2, m2, c2;
  logic          fetch_v, fetch_slot, fetch_last;
  logic [Cw-1:0] fetch_count;
  row_t          fetch_a, fetch_b, fetch_m, fetch_c;
  logic          run;                                           // Deep: the stages move
  if (!Deep) begin : gen_run
    assign run = 1'b0;
  end else begin : gen_run_deep
    wren_idle_hold u_hold (.busy_i(busy_q != 2'b00), .move_o(run));
  end

  wren_gta_fetch #(
    .Rows   (Rows),
    .Cols   (Cols),
    .Lanes  (Lanes),
    .VmBytes(VmBytes),
    .Deep   (Deep)
  ) u_fetch (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .start_i     (start),
    .ready_o     (fetch_ready),
    .cmd_i       (pend_q),
    .slot_i      (tail_q),
    .stall_i     (stall),
    .move_i      (run),
    .g_rd_en_o   (g_rd_en_o),
    .g_rd_idx_o  (g_rd_idx_o),
    .g_rd_data0_i(g_rd_data0_i),
    .g_rd_data1_i(g_rd_data1_i),
    .g_rd_data2_i(g_rd_data2_i),
    .g_rd_data3_i(g_rd_data3_i),
    .x_valid_o   (x_valid_o),
    .x_ready_i   (x_ready_i),
    .x_word_o    (x_word_o),
    .x_row_o     (x_row_o),
    .x_data_i    (x_data_i),
    .go_o        (go),
    .go_slot_o   (go_slot),
    .go_last_o   (go_last),
    .blk_end_o   (blk_end),
    .blk_first_o (blk_first),
    .blk_last_o  (blk_last),
    .blk_out_o   (blk_out),
    .blk_lane_o  (blk_lane),
    .blk_scale_o (blk_scale),
    .blk_red_o   (blk_red),
    .beat_valid_o(fetch_v),
    .beat_slot_o (fetch_slot),
    .beat_last_o (fetch_last),
    .beat_count_o(fetch_count),
    .x_o         (x2),
    .a_o         (fetch_a),
    .b_o         (fetch_b),
    .m_o         (fetch_m),
    .c_o         (fetch_c)
  );

  if (!Deep) begin : gen_operands
    assign v2     = fetch_v;
    assign slot2  = fetch_slot;
    assign last2  = fetch_last;
    assign count2 = fetch_count;
    assign a2     = fetch_a;
    assign b2     = fetch_b;
    assign m2     = fetch_m;
    assign c2     = fetch_c;
  end else begin : gen_operands_deep
    // Constants into all lanes, while x is rounded
    function automatic row_t row_of(input source_t source, input row_t v);
      for (int unsigned i = 0; i < Lanes; i++) row_of[i] = pick(!source.mem, source.value, v[i]);
    endfunction
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) v2 <= 1'b0;
      else v2 <= fetch_v;
    end
    always_ff @(posedge clk_i) begin
      if (run) begin
        slot2  <= fetch_slot;
        last2  <= fetch_last;
        count2 <= fetch_count;
        a2     <= row_of(cfg_q[fetch_slot].a, fetch_a);
        b2     <= row_of(cfg_q[fetch_slot].b, fetch_b);
        m2     <= row_of(cfg_q[fetch_slot].m, fetch_m);
        c2     <= row_of(cfg_q[fetch_slot].c, fetch_c);
      end
    end
  end

  // Destinations of the blocks under way, in order: one queue for reductions, one for results
  red_info_t     red_ring_q [Blocks];
  out_info_t     out_ring_q [Blocks];
  logic [Nw-1:0] blk_wr_q, red_rd_q, out_rd_q;
  logic          go_emit, go_scale;

  assign go_emit  = flags_q[go_slot].red_op != ReduceOpNone && (flags_q[go_slot].red_blk || blk_last);
  assign go_scale = flags_q[go_slot].out_space == OutSpaceVm && is_q8(flags_q[go_slot].out_format);

  always_ff @(posedge clk_i) begin
    if (blk_end) begin
      red_ring_q[blk_wr_q] <= '{slot: go_slot, first: blk_first, emit: go_emit, addr: blk_red};
      out_ring_q[blk_wr_q] <= '{addr: blk_out, lane: blk_lane, scale: blk_scale};
    end
  end
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) blk_wr_q <= '0;
    else if (blk_end) blk_wr_q <= blk_wr_q + Nw'(1);
  end

  // ---- p = x*a + b. Bit i of the histories: i cycles behind the fetch.
  localparam int unsigned AtB = Mul, AtP = Mul + Add;
  row_t          x3, p4, b3;
  logic [AtP:0]  pv, pslot, plast;
  logic [Cw-1:0] pcount [AtP+1];
  logic [AtP:1]  pv_q, pslot_q, plast_q;
  logic          v4_q, slot4_q, last4_q;
  logic [Cw-1:0] count4_q;
  assign pv    = {pv_q, v2};
  assign pslot = {pslot_q, slot2};
  assign plast = {plast_q, last2};
  assign pcount[0] = count2;
  assign v4_q     = pv[AtP];
  assign slot4_q  = pslot[AtP];
  assign last4_q  = plast[AtP];
  assign count4_q = pcount[AtP];

  wren_vmul #(.Lanes(Lanes), .Deep(Deep)) u_mul_a (
    .clk_i(clk_i), .en_i(Deep ? run : v2), .none_i(flags_q[slot2].a.none), .vec_i(flags_q[slot2].a.vec),
    .s_i(scalar_of(flags_q[slot2].a.mem, cfg_q[slot2].a.value, a2[0])), .a_i(x2), .b_i(a2), .y_o(x3)
  );
  wren_delay #(.Width(Lanes*32), .Stages(Mul)) u_b (
    .clk_i(clk_i), .en_i(Deep ? {Mul{run}} : Mul'(v2 && flags_q[slot2].b.mem)), .d_i(b2), .q_o(b3)
  );
  wren_vadd #(.Lanes(Lanes), .Deep(Deep)) u_add_b (
    .clk_i(clk_i), .en_i(Deep ? run : pv[AtB]), .none_i(flags_q[pslot[AtB]].b.none), .vec_i(flags_q[pslot[AtB]].b.vec),
    .s_i(scalar_of(flags_q[pslot[AtB]].b.mem, cfg_q[pslot[AtB]].b.value, b3[0])), .a_i(x3), .b_i(b3), .y_o(p4)
  );
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) pv_q <= '0;
    else pv_q <= pv[AtP-1:0];
  end
  always_ff @(posedge clk_i) begin
    pslot_q <= pslot[AtP-1:0];
    plast_q <= plast[AtP-1:0];
  end
  for (genvar i = 1; i <= int'(AtP); i++) begin : gen_count
    always_ff @(posedge clk_i) begin
      if (pv[i-1]) pcount[i] <= pcount[i-1];
    end
  end

  // m and c wait for their stage in rings, one entry per beat (see y = f*m + c)
  logic [Rw-1:0] beat_wr_q;

  // ---- block maximum of p, over the block's beats
  logic [Rw-1:0] p_wr_q, p_rd_q;
  logic [31:0]   max5_q, abs5_q;
  logic          start4_q;                                      // the beat in stage 4 is the block's first
  logic          end5_q, slot5_q;
  logic          max_v, max_last, max_slot;                     // the beat whose maximum is taken; Deep: two cycles behind stage 4
  f32_t          beat_max, beat_abs;                            // Deep: its own

  // Lanes that count, others as what no maximum is less than
  function automatic row_t counted(input row_t v, input logic [Cw-1:0] count, input logic magnitude);
    f32_t mask, none;
    mask = magnitude ? Mag : 32'hffff_ffff;
    none = magnitude ? 32'd0 : (Sign | Inf);
    for (int unsigned i = 0; i < Lanes; i++) counted[i] = (i < 32'(count)) ? (v[i] & mask) : none;
  endfunction
  function automatic f32_t max_tree(input row_t u);
    logic [Lanes/2-1:0][31:0] t;
    for (int unsigned i = 0; i < Lanes/2; i++) t[i] = fp32_max(u[i], u[i + Lanes/2]);
    for (int unsigned h = Lanes/4; h > 0; h = h/2)
      for (int unsigned i = 0; i < h; i++) t[i] = fp32_max(t[i], t[i+h]);
    return t[0];
  endfunction
  function automatic f32_t max_next(input f32_t held, input logic magnitude);
    f32_t m;
    m = magnitude ? beat_abs : beat_max;
    if (!Deep) m = max_tree(counted(p4, count4_q, magnitude));
    return start4_q ? m : fp32_max(held, m);
  endfunction
  if (!Deep) begin : gen_max
    assign max_v    = v4_q;
    assign max_last = last4_q;
    assign max_slot = slot4_q;
    assign beat_max = '0;
    assign beat_abs = '0;
  end else begin : gen_max_deep
    logic v5_q, last5_q, slot5m_q;
    row_t u_q, abs_q;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        v5_q  <= 1'b0;
        max_v <= 1'b0;
      end else begin
        v5_q  <= v4_q;
        max_v <= v5_q;
      end
    end
    always_ff @(posedge clk_i) begin
      if (run) begin
        last5_q  <= last4_q;
        slot5m_q <= slot4_q;
        u_q      <= counted(p4, count4_q, 1'b0);
        abs_q    <= counted(p4, count4_q, 1'b1);
        max_last <= last5_q;
        max_slot <= slot5m_q;
        beat_max <= max_tree(u_q);
        beat_abs <= max_tree(abs_q);
      end
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      start4_q  <= 1'b1;
      end5_q    <= 1'b0;
      beat_wr_q <= '0;
      p_wr_q    <= '0;
    end else begin
      if (v2) beat_wr_q <= beat_wr_q + Rw'(1);
      if (v4_q) p_wr_q <= p_wr_q + Rw'(1);
      if (max_v) start4_q <= max_last;
      end5_q <= max_v && max_last;
    end
  end
  always_ff @(posedge clk_i) begin
    if (max_v) begin
      slot5_q <= max_slot;
      if (flags_q[max_slot].bmax || flags_q[max_slot].red_op == ReduceOpMax) max5_q <= max_next(max5_q, 1'b0);
      if (flags_q[max_slot].red_op == ReduceOpAbsmax) abs5_q <= max_next(abs5_q, 1'b1);
    end
  end

  // A complete block leaves in consecutive beats.
  logic           sub_v, sub_run_q, sub_slot_q, sub_slot;
  logic [Btw-1:0] sub_beat_q;
  logic [31:0]    sub_max_q, sub_max;
  row_t           q6;
  assign sub_v    = end5_q || sub_run_q;
  assign sub_slot = end5_q ? slot5_q : sub_slot_q;
  assign sub_max  = end5_q ? max5_q : sub_max_q;

  // Stages behind: bit i of the histories is the vector i cycles behind the subtraction
  logic [AtY:0] v_q, slot_q;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      sub_run_q  <= 1'b0;
      sub_beat_q <= '0;
      p_rd_q     <= '0;
      v_q        <= '0;
    end else begin
      v_q <= {v_q[AtY-1:0], sub_v};
      if (sub_v) begin
        sub_run_q  <= sub_beat_q != Btw'(Beats - 1);
        sub_beat_q <= (sub_beat_q == Btw'(Beats - 1)) ? '0 : sub_beat_q + Btw'(1);
        p_rd_q     <= p_rd_q + Rw'(1);
      end
    end
  end
  always_ff @(posedge clk_i) begin
    slot_q <= {slot_q[AtY-1:0], sub_slot};
    if (end5_q) begin
      sub_slot_q <= slot5_q;
      sub_max_q  <= max5_q;
    end
  end

  // p waits in a ring for its block's maximum, and until the second multiplication for an operand that is p itself
  if (!Deep) begin : gen_sub
    row_t p_ring_q [Ring];

    function automatic row_t less(input row_t v, input logic none, input f32_t s);
      row_t r;
      r = v;
      if (!none) begin
        for (int unsigned i = 0; i < Lanes; i++) r[i] = fp32_add(v[i], s);
      end
      return r;
    endfunction

    always_ff @(posedge clk_i) begin
      if (v4_q) p_ring_q[p_wr_q] <= p4;
      if (sub_v) q6 <= less(p_ring_q[p_rd_q], !flags_q[sub_slot].bmax, sub_max ^ Sign);
    end
  end else begin : gen_sub_deep
    row_t p6, p7_q;                                             // registered once more: a block RAM is slow
    f32_t max6_q, max7_q;

    wren_ram_1r1w #(.Width(Lanes*32), .Depth(Ring)) u_p (
      .clk_i(clk_i), .we_i(v4_q), .waddr_i(p_wr_q), .wdata_i(p4), .re_i(sub_v), .raddr_i(p_rd_q), .rdata_o(p6)
    );
    always_ff @(posedge clk_i) begin
      if (run) begin
        max6_q <= sub_max ^ Sign;
        max7_q <= flags_q[slot_q[0]].bmax ? max6_q : NegZero;
        p7_q   <= p6;
      end
    end
    wren_vadd #(.Lanes(Lanes), .Deep(1'b1)) u_sub (
      .clk_i(clk_i), .en_i(run), .none_i(1'b0), .vec_i(1'b1), .s_i('0), .a_i(p7_q), .b_i({Lanes{max7_q}}), .y_o(q6)
    );
  end

  // ---- f = table(q)
  row_t       f16, c0, c1, c2f, c0_index, c1_index, c2_index;
  logic       c0_en, c1_en, c2_en;
  logic [2:0] c0_table, c1_table, c2_table;

  wren_vfn #(
    .Lanes(Lanes),
    .Deep (Deep)
  ) u_fn (
    .clk_i     (clk_i),
    .run_i     (run),
    .before_v_i(Deep && v_q[AtBefore]),
    .before_slot_i(slot_q[AtBefore]),
    .v_i       (v_q[AtM-1:AtFn]),
    .slot_i    (slot_q[AtM-1:AtFn]),
    .cfg_i     (cfg_q),
    .c0_en_o   (c0_en),
    .c0_table_o(c0_table),
    .c0_index_o(c0_index),
    .c0_i      (c0),
    .c1_en_o   (c1_en),
    .c1_table_o(c1_table),
    .c1_index_o(c1_index),
    .c1_i      (c1),
    .c2_en_o   (c2_en),
    .c2_table_o(c2_table),
    .c2_index_o(c2_index),
    .c2_i      (c2f),
    .x_i       (q6),
    .y_o       (f16)
  );
  wren_lut #(
    .Lanes (Lanes),
    .Bus   (Bus),
    .Tables(Tables)
  ) u_lut (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .wr_valid_i(lut_wr_valid_i),
    .wr_ready_o(lut_wr_ready_o),
    .wr_addr_i (lut_wr_addr_i),
    .wr_data_i (lut_wr_data_i),
    .wr_strb_i (lut_wr_strb_i),
    .head_tbl_i(pend_q.tbl),
    .head_o    (head),
    .c0_en_i   (c0_en),
    .c0_table_i(c0_table),
    .c0_index_i(c0_index),
    .c0_o      (c0),
    .c1_en_i   (c1_en),
    .c1_table_i(c1_table),
    .c1_index_i(c1_index),
    .c1_o      (c1),
    .c2_en_i   (c2_en),
    .c2_table_i(c2_table),
    .c2_index_i(c2_index),
    .c2_o      (c2f)
  );

  // ---- y = f*m + c, masked
  row_t y18_q, f18_q, x17, m16_q;

  function automatic row_t masked(input row_t v, input logic [Cw-1:0] count);
    masked = v;
    if (32'(count) != Lanes)                                    // a simulator tests no lane of a whole beat
      for (int unsigned i = 0; i < Lanes; i++) if (i >= 32'(count)) masked[i] = 32'd0;
  endfunction

  wren_vmul #(.Lanes(Lanes), .Deep(Deep)) u_mul_m (
    .clk_i(clk_i), .en_i(Deep ? run : v_q[AtM]), .none_i(flags_q[slot_q[AtM]].m.none), .vec_i(flags_q[slot_q[AtM]].m.vec),
    .s_i(scalar_of(flags_q[slot_q[AtM]].m.mem, cfg_q[slot_q[AtM]].m.value, m16_q[0])), .a_i(f16), .b_i(m16_q), .y_o(x17)
  );

  if (!Deep) begin : gen_scale
    row_t          m_ring_q [Ring];
    row_t          c_ring_q [Ring];
    logic [Cw-1:0] count_ring_q [Ring];
    row_t          c16_q, c17_q, f17_q;
    logic [Cw-1:0] count16_q, count17_q;
    logic [Rw-1:0] beat_rd_q;
    stage_flags_t  cfg15, cfg16, cfg17;
    assign cfg15 = flags_q[slot_q[9]];
    assign cfg16 = flags_q[slot_q[10]];
    assign cfg17 = flags_q[slot_q[11]];

    function automatic row_t add_c(input logic none, input logic vec, input f32_t s);
      row_t r;
      r = x17;
      if (!none) begin
        for (int unsigned i = 0; i < Lanes; i++) r[i] = fp32_add(x17[i], pick(!vec, s, c17_q[i]));
      end
      return r;
    endfunction

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) beat_rd_q <= '0;
      else if (v_q[9]) beat_rd_q <= beat_rd_q + Rw'(1);
    end
    always_ff @(posedge clk_i) begin
      if (v2) begin
        if (flags_q[slot2].m.mem) m_ring_q[beat_wr_q] <= m2;
        if (flags_q[slot2].c.mem) c_ring_q[beat_wr_q] <= c2;
        count_ring_q[beat_wr_q] <= count2;
      end
      if (v_q[9]) begin
        if (cfg15.m_self) m16_q <= gen_sub.p_ring_q[beat_rd_q];
        else if (cfg15.m.mem) m16_q <= m_ring_q[beat_rd_q];
        if (cfg15.c.mem) c16_q <= c_ring_q[beat_rd_q];
        count16_q <= count_ring_q[beat_rd_q];
      end
      if (v_q[10]) begin
        if (cfg16.c.mem) c17_q <= c16_q;
        count17_q <= count16_q;
        if (cfg16.red_op == ReduceOpSumFn) f17_q <= masked(f16, count16_q);
      end
      if (v_q[11]) begin
        y18_q <= masked(add_c(cfg17.c.none, cfg17.c.vec, scalar_of(cfg17.c.mem, cfg_q[slot_q[11]].c.value, c17_q[0])), count17_q);
        if (cfg17.red_op == ReduceOpSumFn) f18_q <= f17_q;
      end
    end
  end else begin : gen_scale_deep
    row_t          m15, p15, c16, c17_q, y17, f17;
    logic [Cw-1:0] count16, count17_q, count_q;
    logic [Rw-1:0] m_rd_q, c_rd_q;

    wren_ram_1r1w #(.Width(Lanes*32), .Depth(Ring)) u_m (
      .clk_i(clk_i), .we_i(v2), .waddr_i(beat_wr_q), .wdata_i(m2), .re_i(v_q[AtM-2]), .raddr_i(m_rd_q), .rdata_o(m15)
    );
    wren_ram_1r1w #(.Width(Lanes*32), .Depth(Ring)) u_p (
      .clk_i(clk_i), .we_i(v4_q), .waddr_i(p_wr_q), .wdata_i(p4), .re_i(v_q[AtM-2]), .raddr_i(m_rd_q), .rdata_o(p15)
    );
    wren_ram_1r1w #(.Width(Lanes*32 + Cw), .Depth(Ring)) u_c (
      .clk_i(clk_i), .we_i(v2), .waddr_i(beat_wr_q), .wdata_i({count2, c2}), .re_i(v_q[AtC-2]), .raddr_i(c_rd_q), .rdata_o({count16, c16})
    );
    wren_vadd #(.Lanes(Lanes), .Deep(1'b1)) u_add_c (
      .clk_i(clk_i), .en_i(run), .none_i(1'b0), .vec_i(1'b1), .s_i('0), .a_i(x17), .b_i(c17_q), .y_o(y17)
    );
    wren_delay #(.Width(Cw), .Stages(Add)) u_count (
      .clk_i(clk_i), .en_i({Add{run}}), .d_i(count17_q), .q_o(count_q)
    );
    wren_delay #(.Width(Lanes*32), .Stages(Mul + Add)) u_f (
      .clk_i(clk_i), .en_i({(Mul + Add){run}}), .d_i(f16), .q_o(f17)
    );
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        m_rd_q <= '0;
        c_rd_q <= '0;
      end else begin
        if (v_q[AtM-2]) m_rd_q <= m_rd_q + Rw'(1);
        if (v_q[AtC-2]) c_rd_q <= c_rd_q + Rw'(1);
      end
    end
    always_ff @(posedge clk_i) begin
      if (run) begin
        m16_q     <= flags_q[slot_q[AtM-1]].m_self ? p15 : m15;
        c17_q     <= c16;
        count17_q <= count16;
        y18_q     <= masked(y17, count_q);
        f18_q     <= masked(f17, count_q);
      end
    end
  end

  // ---- reductions. Maxima wait in a ring so that all results leave in the order of their blocks.
  logic [31:0]   max_ring_q [Blocks];
  logic [Nw-1:0] max_wr_q;
  localparam int unsigned SumCycles = Deep ? 6 : 1;             // of the running sum
  logic                 red_step;
  logic [SumCycles-1:0] red_step_q;
  red_info_t     red_info, red_info_q;
  logic [31:0]   sum_acc, max_acc_q;
  reduce_op_e    red_op18;

  assign red_op18 = flags_q[slot_q[AtY]].red_op;
  assign red_info = red_ring_q[red_rd_q];

  wren_vsum #(
    .Lanes(Lanes),
    .Deep (Deep)
  ) u_sum (
    .clk_i  (clk_i),
    .rst_ni (rst_ni),
    .run_i  (run),
    .v_i    (v_q[AtY]),
    .sum_i  (is_sum(red_op18)),
    .alt_i  (red_op18 == ReduceOpSumFn),
    .x_i    (y18_q),
    .f_i    (f18_q),
    .step_o (red_step),
    .chain_i(!red_info.first && !flags_q[red_info.slot].red_blk),
    .acc_o  (sum_acc)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      max_wr_q   <= '0;
      red_rd_q   <= '0;
      red_step_q <= '0;
    end else begin
      if (end5_q) max_wr_q <= max_wr_q + Nw'(1);
      if (red_step) red_rd_q <= red_rd_q + Nw'(1);
      red_step_q <= SumCycles'({red_step_q, red_step});
    end
  end
  always_ff @(posedge clk_i) begin
    if (end5_q) max_ring_q[max_wr_q] <= (flags_q[slot5_q].red_op == ReduceOpAbsmax) ? abs5_q : max5_q;
    if (red_step) begin
      red_info_q <= red_info;
      if (red_info.first || flags_q[red_info.slot].red_blk) max_acc_q <= max_ring_q[red_rd_q];
      else max_acc_q <= fp32_max(max_acc_q, max_ring_q[red_rd_q]);
    end
  end

  logic [31:0] red_value;
  logic        red_push, red_space, red_slot, red_next, red_room;
  logic [52:0] red_next_data;
  assign red_push  = red_step_q[SumCycles-1] && red_info_q.emit;
  assign red_value = is_sum(flags_q[red_info_q.slot].red_op) ? sum_acc : max_acc_q;

  wren_fifo #(
    .Width(53),
    .Depth(Blocks)
  ) u_red_fifo (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .flush_i   (1'b0),
    .wr_valid_i(red_push),
    .wr_ready_o(red_space),
    .wr_data_i ({red_info_q.slot, red_info_q.addr, red_value}),
    .rd_valid_o(red_next),
    .rd_ready_i(red_room),
    .rd_data_o (red_next_data),
    .count_o   ()
  );
  if (Deep) begin : gen_red_q
    // VM looks at a register and not through the queue
    wren_skid #(
      .Width(53)
    ) u_red (
      .clk_i     (clk_i),
      .rst_ni    (rst_ni),
      .wr_valid_i(red_next),
      .wr_ready_o(red_room),
      .wr_data_i (red_next_data),
      .rd_valid_o(red_valid_o),
      .rd_ready_i(red_ready_i),
      .rd_data_o ({red_slot, red_addr_o, red_data_o})
    );
  end else begin : gen_red
    assign red_valid_o = red_next;
    assign red_room    = red_ready_i;
    assign {red_slot, red_addr_o, red_data_o} = red_next_data;
  end

  // ---- quantize
  logic           z_valid, z_slot, z_q8;
  logic [Btw-1:0] z_beat;
  logic [15:0]    z_scale;
  row_t           z;

  wren_vquant #(
    .Lanes(Lanes),
    .Deep (Deep)
  ) u_quant (
    .clk_i    (clk_i),
    .rst_ni   (rst_ni),
    .run_i    (run),
    .v_i      (v_q[AtY]),
    .slot_i   (slot_q[AtY]),
    .q8_i     (flags_q[slot_q[AtY]].out_space != OutSpaceNone && is_q8(flags_q[slot_q[AtY]].out_format)),
    .bf16_i   (flags_q[slot_q[AtY]].out_format == OutFormatQ8Bf16),
    .y_i      (y18_q),
    .z_valid_o(z_valid),
    .z_slot_o (z_slot),
    .z_q8_o   (z_q8),
    .z_beat_o (z_beat),
    .z_scale_o(z_scale),
    .z_o      (z)
  );

  // ---- convert and write. The output registers are the monitors.
  typedef logic [Lanes/2-1:0][31:0] half_t;
  localparam int unsigned Qw = (Lanes > 2) ? 32 : 16;           // a quarter row in words
  typedef logic [Lanes*8/Qw-1:0][Qw-1:0] quarter_t;

  // v: Deep, converted to what is to be packed
  function automatic quarter_t bytes_of(input row_t v);
    quarter_t r;
    row_t t;
    for (int unsigned i = 0; i < Lanes; i++) t[i] = (Deep ? v[i] : i8_from_fp32(v[i])) & 32'hff;
    for (int unsigned i = 0; i < Lanes*8/Qw; i++) begin
      r[i] = Qw'(t[Qw/8*i] | (t[Qw/8*i + 1] << 8));
      if (Qw == 32) r[i] = r[i] | Qw'((t[(4*i + 2) % Lanes] << 16) | (t[(4*i + 3) % Lanes] << 24));
    end
    return r;
  endfunction
  function automatic row_t converted(input row_t v, input out_format_e format);
    row_t r, t;
    half_t h;
    quarter_t q;
    r = v;
    if (format == OutFormatI32) begin
      for (int unsigned i = 0; i < Lanes; i++) r[i] = Deep ? v[i] : i32_from_fp32(v[i]);
    end else if (format == OutFormatF16 || format == OutFormatBf16) begin
      if (Deep) begin
        t = v;
      end else if (format == OutFormatF16) begin
        for (int unsigned i = 0; i < Lanes; i++) t[i] = 32'(fp16_from_fp32(v[i]));
      end else begin
        for (int unsigned i = 0; i < Lanes; i++) t[i] = 32'(bf16_from_fp32(v[i]));
      end
      for (int unsigned i = 0; i < Lanes/2; i++) h[i] = t[2*i] | (t[2*i+1] << 16);
      r = {h, h};
    end else if (format == OutFormatI8 || is_q8(format)) begin
      q = bytes_of(v);
      r = {q, q, q, q};
    end
    return r;
  endfunction
  function automatic logic beyond(input row_t v, input f32_t limit);
    f32_t r;
    r = 32'd0;
    for (int unsigned i = 0; i < Lanes; i++) r = r | fp32_beyond(v[i], limit);
    return r != 32'd0;
  endfunction

  out_info_t    out_info;
  out_format_e  z_format;
  out_space_e   z_space;
  logic         z_last;
  logic [19:0]  z_addr;
  logic [Lanes*2-1:0] z_strb;
  assign out_info = out_ring_q[out_rd_q];
  assign z_format = flags_q[z_slot].out_format;
  assign z_space  = flags_q[z_slot].out_space;
  assign z_last   = z_beat == Btw'(Beats - 1);
  always_comb begin
    z_addr = '0;
    z_strb = '0;
    if (z_valid) begin
      case (z_format)
        OutFormatF16, OutFormatBf16: begin
          z_addr = out_info.addr + 20'(z_beat) * 20'(Lanes * 2);
          z_strb = z_addr[Bw-1] ? {{Lanes{1'b1}}, {Lanes{1'b0}}} : {{Lanes{1'b0}}, {Lanes{1'b1}}};
        end
        OutFormatI8, OutFormatQ80, OutFormatQ8Bf16: begin
          z_addr = out_info.addr + 20'(z_beat) * 20'(Lanes);
          z_strb = (Lanes*2)'({(Lanes/2){1'b1}}) << (32'(z_addr[Bw-1 -: 2]) * (Lanes/2));
        end
        default: begin
          z_addr = out_info.addr + 20'(z_beat) * 20'(Lanes * 4);
          z_strb = '1;
        end
      endcase
    end
  end

  // What is written, and how (Deep: two cycles later, converted but for the rounding)
  typedef struct packed {
    logic               slot;
    logic               q8;
    logic               last;
    logic [Btw-1:0]     beat;
    logic [15:0]        scale;
    out_format_e        format;
    out_space_e         space;
    out_info_t          info;
    logic [19:0]        addr;
    logic [Lanes*2-1:0] strb;
  } write_t;
  write_t z_write, w;
  logic   w_valid, w_int, w_beyond;
  row_t   wz;
  assign z_write = '{slot: z_slot, q8: z_q8, last: z_last, beat: z_beat, scale: z_scale, format: z_format, space: z_space, info: out_info,
                     addr: z_addr, strb: z_strb};
  assign w_int   = w.format == OutFormatI32 || w.format == OutFormatI8 || is_q8(w.format);
  if (!Deep) begin : gen_write
    assign w_valid  = z_valid;
    assign w        = z_write;
    assign wz       = z;
    assign w_beyond = 1'b0;
  end else begin : gen_write_deep
    write_t                w1_q;
    logic                  v1_q, beyond1_q;
    narrow_e               kind;
    narrow_t   [Lanes-1:0] placed_q;
    narrowed_t [Lanes-1:0] moved_q;
    always_comb begin
      case (z_format)
        OutFormatF16:  kind = NarrowF16;
        OutFormatBf16: kind = NarrowBf16;
        OutFormatI32:  kind = NarrowI32;
        OutFormatI8, OutFormatQ80, OutFormatQ8Bf16: kind = NarrowI8;
        default:       kind = NarrowNone;
      endcase
      if (z_space == OutSpaceAb) kind = NarrowI8;
      for (int unsigned i = 0; i < Lanes; i++) wz[i] = narrow_round(moved_q[i]);
    end
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        v1_q    <= 1'b0;
        w_valid <= 1'b0;
      end else begin
        v1_q    <= z_valid;
        w_valid <= v1_q;
      end
    end
    always_ff @(posedge clk_i) begin
      if (run) begin
        w1_q      <= z_write;
        beyond1_q <= beyond(z, (z_format == OutFormatI32) ? 32'h4f00_0000 : 32'h42ff_0000);
        w         <= w1_q;
        w_beyond  <= beyond1_q;
        for (int unsigned i = 0; i < Lanes; i++) begin
          placed_q[i] <= narrow_place(z[i], kind);
          moved_q[i]  <= narrow_move(placed_q[i]);
        end
      end
    end
  end

  logic               mon_out_valid_q;                          // a result written to VM: word address, data, a strobe per 16 bits
  logic [19:0]        mon_out_addr_q;
  row_t               mon_out_data_q;
  logic [Lanes*2-1:0] mon_out_strb_q;
  logic               mon_ab_valid_q;                           // a block written to AB
  logic [15:0]        mon_ab_word_q;
  logic [Lw-1:0]      mon_ab_lane_q;
  logic [31:0][7:0]   mon_ab_data_q;
  logic [15:0]        mon_ab_scale_q;
  logic               out_done_q, out_slot_q;                   // a block is written
  logic               osc_push, osc_space, osc_slot, osc_next, osc_room;
  logic [36:0]        osc_next_data;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      mon_out_valid_q <= 1'b0;
      mon_ab_valid_q  <= 1'b0;
      out_rd_q        <= '0;
      out_done_q      <= 1'b0;
      numeric_o       <= 1'b0;
    end else begin
      mon_out_valid_q <= w_valid && w.space == OutSpaceVm;
      mon_ab_valid_q  <= w_valid && w.space == OutSpaceAb && w.last;
      out_done_q      <= w_valid && w.last;
      if (z_valid && z_last) out_rd_q <= out_rd_q + Nw'(1);
      numeric_o <= 1'b0;
      if (w_valid && w_int && w.space != OutSpaceNone) begin
        numeric_o <= (Deep ? w_beyond : beyond(wz, (w.format == OutFormatI32) ? 32'h4f00_0000 : 32'h42ff_0000)) ||
                     (w.format == OutFormatQ80 && w.scale == 16'h7c00);
      end
    end
  end
  always_ff @(posedge clk_i) begin
    if (w_valid) begin
      out_slot_q <= w.slot;
      if (w.space == OutSpaceVm) begin
        mon_out_addr_q <= {w.addr[19:Bw], {Bw{1'b0}}};
        mon_out_data_q <= converted(wz, w.format);
        mon_out_strb_q <= w.strb;
      end
      if (w.space == OutSpaceAb) begin
        mon_ab_word_q  <= w.info.addr[15:0];
        mon_ab_lane_q  <= w.info.lane;
        mon_ab_scale_q <= w.scale;
        mon_ab_data_q[32'(w.beat)*Lanes +: Lanes] <= bytes_of(wz);
      end
    end
  end
  assign g_wr_valid_o = mon_out_valid_q;
  assign g_wr_addr_o  = mon_out_addr_q;
  assign g_wr_data_o  = mon_out_data_q;
  assign g_wr_strb_o  = mon_out_strb_q;
  assign ab_valid_o   = mon_ab_valid_q;
  assign ab_word_o    = mon_ab_word_q;
  assign ab_lane_o    = mon_ab_lane_q;
  assign ab_data_o    = mon_ab_data_q;
  assign ab_scale_o   = mon_ab_scale_q;

  always_comb begin
    osc_push = 1'b0;
    if (w_valid) osc_push = w.last && w.space == OutSpaceVm && w.q8;
  end
  wren_fifo #(
    .Width(37),
    .Depth(Blocks)
  ) u_scale_fifo (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .flush_i   (1'b0),
    .wr_valid_i(osc_push),
    .wr_ready_o(osc_space),
    .wr_data_i ({w.slot, w.info.scale, w.scale}),
    .rd_valid_o(osc_next),
    .rd_ready_i(osc_room),
    .rd_data_o (osc_next_data),
    .count_o   ()
  );
  if (Deep) begin : gen_osc_q
    // VM looks at a register and not through the queue
    wren_skid #(
      .Width(37)
    ) u_osc (
      .clk_i     (clk_i),
      .rst_ni    (rst_ni),
      .wr_valid_i(osc_next),
      .wr_ready_o(osc_room),
      .wr_data_i (osc_next_data),
      .rd_valid_o(osc_valid_o),
      .rd_ready_i(osc_ready_i),
      .rd_data_o ({osc_slot, osc_addr_o, osc_data_o})
    );
  end else begin : gen_osc
    assign osc_valid_o = osc_next;
    assign osc_room    = osc_ready_i;
    assign {osc_slot, osc_addr_o, osc_data_o} = osc_next_data;
  end

  // Monitors of the small writes, one cycle after VM takes them
  logic        mon_osc_valid_q, mon_red_valid_q;
  logic [19:0] mon_osc_addr_q, mon_red_addr_q;
  logic [15:0] mon_osc_data_q;
  logic [31:0] mon_red_data_q;
  logic        osc_taken, red_taken;
  assign osc_taken = osc_valid_o && osc_ready_i;
  assign red_taken = red_valid_o && red_ready_i;
  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      mon_osc_valid_q <= 1'b0;
      mon_red_valid_q <= 1'b0;
    end else begin
      mon_osc_valid_q <= osc_taken;
      mon_red_valid_q <= red_taken;
    end
  end
  always_ff @(posedge clk_i) begin
    if (osc_taken) begin
      mon_osc_addr_q <= osc_addr_o;
      mon_osc_data_q <= osc_data_o;
    end
    if (red_taken) begin
      mon_red_addr_q <= red_addr_o;
      mon_red_data_q <= red_data_o;
    end
  end

  // ---- what each slot still has to write, and space that is spoken for in the queues
  logic [1:0]       issued_q;                                   // all beats have gone
  logic [1:0][7:0]  blk_left_q, red_left_q, osc_left_q;
  logic [1:0]       blk_inc, blk_dec, red_inc, red_dec, osc_inc, osc_dec;
  always_comb begin
    blk_inc   = '0;
    blk_dec   = '0;
    red_inc   = '0;
    red_dec   = '0;
    osc_inc   = '0;
    osc_dec   = '0;
    done_slot = '0;
    if (busy_q != 2'b00) begin
      for (int unsigned s = 0; s < 2; s++) begin
        blk_inc[s]   = blk_end && 32'(go_slot) == s;
        blk_dec[s]   = out_done_q && 32'(out_slot_q) == s;
        red_inc[s]   = blk_inc[s] && go_emit;
        red_dec[s]   = red_taken && 32'(red_slot) == s;
        osc_inc[s]   = blk_inc[s] && go_scale;
        osc_dec[s]   = osc_taken && 32'(osc_slot) == s;
        if (busy_q[s] && issued_q[s]) done_slot[s] = blk_left_q[s] == '0 && red_left_q[s] == '0 && osc_left_q[s] == '0;
      end
    end
  end
  assign retire = done_slot[head_q];

  // Deep: known two cycles later, in which no block ends
  logic full;
  assign full = 9'(red_left_q[0]) + 9'(red_left_q[1]) >= 9'(Blocks) || 9'(osc_left_q[0]) + 9'(osc_left_q[1]) >= 9'(Blocks);
  if (!Deep) begin : gen_stall
    assign stall = full;
  end else begin : gen_stall_deep
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) stall <= 1'b0;
      else stall <= full;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      issued_q   <= '0;
      blk_left_q <= '0;
      red_left_q <= '0;
      osc_left_q <= '0;
    end else if (busy_q != 2'b00 || start) begin
      for (int unsigned s = 0; s < 2; s++) begin
        if (start && 32'(tail_q) == s) issued_q[s] <= 1'b0;
        else if (go_last && 32'(go_slot) == s) issued_q[s] <= 1'b1;
        if (blk_inc[s] || blk_dec[s]) blk_left_q[s] <= blk_left_q[s] + 8'(blk_inc[s]) - 8'(blk_dec[s]);
        if (red_inc[s] || red_dec[s]) red_left_q[s] <= red_left_q[s] + 8'(red_inc[s]) - 8'(red_dec[s]);
        if (osc_inc[s] || osc_dec[s]) osc_left_q[s] <= osc_left_q[s] + 8'(osc_inc[s]) - 8'(osc_dec[s]);
      end
    end
  end

  always_comb begin
    bucket_o = BktIdle;
    if (busy_q != 2'b00 || pend_valid_q) bucket_o = BktDraining;
    if (!fetch_ready) bucket_o = BktBlocked;
    if (go) bucket_o = BktWorking;
  end

  `ASSERT_INIT(LanesMatch_A, Lanes == 2 * Cols && (Lanes == 2 || Lanes == 4 || Lanes == 8 || Lanes == 16 || Lanes == 32))
  `ASSERT_INIT(DeepLanes_A, !Deep || Lanes == 2)
  `ASSERT(RedSpace_A, red_push -> red_space)
  `ASSERT(ScaleSpace_A, osc_push -> osc_space)
  `ASSERT(BlocksFit_A, blk_left_q[0] + blk_left_q[1] <= 8'(Blocks))
  `ASSERT(AccInRange_A, x_valid_o -> 32'(x_word_o) < AccWords)
  `ASSERT(AbInRange_A, ab_valid_o -> 32'(ab_word_o) < AbWords)
  `ASSERT(LastOnlyWithGo_A, go_last -> go)

endmodule

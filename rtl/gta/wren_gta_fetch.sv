// wren_gta_fetch: the front end of the vector engine. Walks a command's rows, blocks of 32 and beats of Lanes, reads every operand
// of a beat, converts it, and hands complete beats to the pipe.
//
// Command    start_i with the command and its slot while ready_o; the walk starts the next cycle.
// Reads      in each cycle all reads of the current beat that do not collide in a bank; the beat goes when it has everything. A word
//            that is already held (scalars, half words) or that two operands share is read once.
// Timing     one beat per cycle; a beat's rows appear at the outputs three cycles after it goes (beat_valid_o). A scalar from memory
//            is lane 0 of its operand's row; constants are not sent.
// Deep       The walk is two or three beats ahead: a register holds the next beat, with what its operands share already compared, another the beat
//            under way, with the reads of this cycle already chosen. The rows of operands appear four cycles after the beat goes, with beat_valid_o, and x one cycle later: unpack, normalise, round.
// Back end   blk_* describe the block whose last beat goes in this cycle: where its results belong.
// Stalls     stall_i: no block that may need queue space may end (the pipe behind never stops).
`include "wren_assert.svh"

module wren_gta_fetch
  import wren_pkg::*;
  import wren_isa_pkg::*;
  import wren_gta_pkg::*;
#(
  parameter  int unsigned Rows    = 8,
  parameter  int unsigned Cols    = 16,
  parameter  int unsigned Lanes   = 32,
  parameter  int unsigned VmBytes = 262144,
  parameter  bit          Deep    = 1'b0,
  localparam int unsigned Words   = VmBytes / (Lanes * 4),
  localparam int unsigned Iw      = $clog2(Words) - 2,
  localparam int unsigned Lw      = $clog2(Rows),
  localparam int unsigned Beats   = 32 / Lanes,
  localparam int unsigned Btw     = (Beats > 1) ? $clog2(Beats) : 1,
  localparam int unsigned Cw      = $clog2(Lanes + 1)
) (
  input  logic                    clk_i,
  input  logic                    rst_ni,

  // Command
  input  logic                    start_i,
  output logic                    ready_o,
  input  gta_op_t                 cmd_i,
  input  logic                    slot_i,
  input  logic                    stall_i,

  // VM and ACC
  output logic [3:0]              g_rd_en_o,
  output logic [3:0][Iw-1:0]      g_rd_idx_o,
  input  logic [Lanes-1:0][31:0]  g_rd_data0_i,
  input  logic [Lanes-1:0][31:0]  g_rd_data1_i,
  input  logic [Lanes-1:0][31:0]  g_rd_data2_i,
  input  logic [Lanes-1:0][31:0]  g_rd_data3_i,
  output logic                    x_valid_o,
  input  logic                    x_ready_i,
  output logic [15:0]             x_word_o,
  output logic [Lw-1:0]           x_row_o,
  input  logic [2*Cols-1:0][31:0] x_data_i,

  // The beat that goes in this cycle
  output logic                    go_o,
  output logic                    go_slot_o,
  output logic                    go_last_o,           // the command's last beat
  output logic                    blk_end_o,           // the block's last beat
  output logic                    blk_first_o,         // first block of its row
  output logic                    blk_last_o,          // last block of its row
  output logic [19:0]             blk_out_o,           // VM byte address or AB word
  output logic [Lw-1:0]           blk_lane_o,          // AB lane
  output logic [19:0]             blk_scale_o,
  output logic [19:0]             blk_red_o,

  // Rows, three cycles later (Deep: see above)
  output logic                    beat_valid_o,
  output logic                    beat_slot_o,
  output logic                    beat_last_o,         // the block's last beat
  output logic [Cw-1:0]           beat_count_o,        // unmasked lanes
  output logic [Lanes-1:0][31:0]  x_o,
  output logic [Lanes-1:0][31:0]  a_o,
  output logic [Lanes-1:0][31:0]  b_o,
  output logic [Lanes-1:0][31:0]  m_o,
  output logic [Lanes-1:0][31:0]  c_o
);
  import wren_fp_pkg::*;

  typedef logic [Lanes-1:0][31:0] row_t;
  typedef logic [Lanes/2-1:0][31:0] half_t;
  localparam int unsigned Bw = $clog2(Lanes * 4);
  localparam int unsigned Ops = 5;                     // x, a, b, m, c

  // One operand of the command under way
  typedef struct packed {
    logic        mem;      // read from VM
    logic        vec;      // one value per lane
    logic [1:0]  format;   // operand_format_e
    logic [7:0]  beat_inc;
    logic [2:0]  blk_inc;
    logic [19:0] stride;
    logic [19:0] base;
  } operand_t;

  function automatic operand_t operand_of(input operand_mode_e mode, input operand_format_e format, input logic [19:0] addr,
                                          input logic [19:0] stride);
    operand_t r;
    logic     wide;
    wide       = format == OperandFormatF32;
    r          = '0;
    r.format   = format;
    r.base     = addr;
    r.mem      = mode == OperandModeMat || mode == OperandModeCol || mode == OperandModeRow || mode == OperandModeBlk;
    r.vec      = mode == OperandModeMat || mode == OperandModeCol;
    r.stride   = (mode == OperandModeCol) ? 20'd0 : stride;
    r.beat_inc = !r.vec ? 8'd0 : wide ? 8'(Lanes * 4) : 8'(Lanes * 2);
    r.blk_inc  = (mode != OperandModeBlk) ? 3'd0 : wide ? 3'd4 : 3'd2;
    return r;
  endfunction

  // What a beat's rows need
  typedef struct packed {
    logic                   slot;
    logic                   last;
    logic [Cw-1:0]          count;
    logic [Ops-1:0]         mem;
    logic [Ops-1:0]         vec;
    logic [Ops-1:0][1:0]    format;
    logic [Ops-1:0][Bw-1:0] offset;
    x_format_e              x_format;
    logic                   x_swap;
  } beat_t;

  // State of the walk
  logic              run_q, slot_q;
  gta_op_t           cmd_q;                             // sizes and strides only are used below
  logic [15:0]       rows_left_q, blks_left_q;
  logic [15:0]       blks;                              // per row
  logic [Btw-1:0]    beat_q;
  logic [Lw-1:0]     lane_q;
  logic [16:0]       col_q;                             // first column of the beat
  logic signed [17:0] limit_q;                          // first masked column by the causal rule
  logic              first_q;                           // first block of its row
  operand_t [Ops-1:0] opn_d;
  logic [Ops-1:0]    mem_q, vec_q;
  logic [Ops-1:0][1:0]  format_q;
  logic [Ops-1:0][19:0] row_q, cur_q, stride_q;
  logic [Ops-1:0][7:0]  beat_inc_q;
  logic [Ops-1:0][2:0]  blk_inc_q;
  logic [19:0]       out_row_q, out_cur_q, osc_row_q, osc_cur_q, red_row_q, red_cur_q;

  // step: the walk goes on; go: a beat goes
  logic step, go, beat_end, row_last, row_end, cmd_end, group_end;
  assign beat_end  = beat_q == Btw'(Beats - 1);
  assign row_last  = beat_end && blks_left_q == 16'd1;
  assign row_end   = step && row_last;
  assign cmd_end   = row_end && rows_left_q == 16'd1;
  assign group_end = lane_q == Lw'(Rows - 1);
  assign blks      = 16'((17'(cmd_q.cols) + 17'd31) >> 5);

  // Operands of a new command
  always_comb begin
    opn_d = '0;
    if (start_i) begin
      opn_d[0].mem      = cmd_i.x_space == XSpaceVm;
      opn_d[0].vec      = 1'b1;
      opn_d[0].base     = cmd_i.x;
      opn_d[0].stride   = cmd_i.x_stride;
      opn_d[0].beat_inc = 8'(Lanes * 4);
      if (cmd_i.x_format == XFormatF16 || cmd_i.x_format == XFormatBf16) opn_d[0].beat_inc = 8'(Lanes * 2);
      if (cmd_i.x_format == XFormatI8) opn_d[0].beat_inc = 8'(Lanes);
      if (cmd_i.x_space == XSpaceAcc) opn_d[0].beat_inc = 8'd2;
      opn_d[1] = operand_of(cmd_i.a_mode, cmd_i.a_format, cmd_i.a, cmd_i.a_stride);
      opn_d[2] = operand_of(cmd_i.b_mode, cmd_i.b_format, cmd_i.b, cmd_i.b_stride);
      opn_d[3] = operand_of(cmd_i.m_mode, cmd_i.m_format, cmd_i.m, cmd_i.m_stride);
      opn_d[4] = operand_of(cmd_i.c_mode, cmd_i.c_format, cmd_i.c, cmd_i.c_stride);
    end
  end

  // Unmasked lanes of the walk's beat
  logic signed [17:0] limit, rest;
  logic [Cw-1:0]      count;
  always_comb begin
    limit = '0;
    rest  = '0;
    count = '0;
    if (run_q) begin
      limit = (limit_q < 18'(signed'({2'b00, cmd_q.cols}))) ? limit_q : 18'(signed'({2'b00, cmd_q.cols}));
      rest  = limit - 18'(signed'({1'b0, col_q}));
      count = Cw'(rest);
      if (rest >= 18'(Lanes)) count = Cw'(Lanes);
      if (rest[17]) count = '0;
    end
  end

  // Reads of this cycle
  logic [Ops-1:0][Iw+1:0] word;
  logic [Ops-1:0]         grant;
  logic [3:0]             taken;
  logic [3:0][Iw-1:0]     idx;
  logic                   x_held_q, x_ok;
  logic                   walk_acc;                     // the walk's x lies in ACC
  beat_t                  beat1_d;                      // of the beat that goes

  assign g_rd_en_o  = taken;
  assign g_rd_idx_o = idx;
  assign ready_o    = !run_q;
  assign go_o       = go;

  if (!Deep) begin : gen_reads
    logic                   x_acc_q;
    logic [Ops-1:0][Iw+1:0] tag_q;
    logic [Ops-1:0]         hit_q, need;

    always_comb begin
      taken = '0;
      idx   = '0;
      word  = '0;
      need  = '0;
      grant = '0;
      if (run_q) begin
        for (int unsigned k = 0; k < Ops; k++) begin
          word[k]  = cur_q[k][Bw +: Iw + 2];
          need[k]  = mem_q[k] && !(hit_q[k] && tag_q[k] == word[k]);
          grant[k] = need[k] && (!taken[word[k][1:0]] || idx[word[k][1:0]] == word[k][Iw+1:2]);
          if (grant[k]) begin
            taken[word[k][1:0]] = 1'b1;
            idx[word[k][1:0]]   = word[k][Iw+1:2];
          end
        end
      end
    end

    assign x_valid_o = run_q && x_acc_q && !x_held_q;
    assign x_word_o  = cur_q[0][15:0];
    assign x_row_o   = lane_q;
    assign x_ok      = !x_acc_q || x_held_q || x_ready_i;
    assign go        = run_q && (need & ~grant) == '0 && x_ok && !(beat_end && stall_i);
    assign step      = go;

    assign go_slot_o   = slot_q;
    assign go_last_o   = cmd_end;
    assign blk_end_o   = step && beat_end;
    assign blk_first_o = first_q;
    assign blk_last_o  = blks_left_q == 16'd1;
    assign blk_out_o   = out_cur_q;
    assign blk_lane_o  = lane_q;
    assign blk_scale_o = osc_cur_q;
    assign blk_red_o   = red_cur_q;

    always_comb begin
      beat1_d.slot     = slot_q;
      beat1_d.last     = beat_end;
      beat1_d.count    = count;
      beat1_d.mem      = mem_q;
      beat1_d.vec      = vec_q;
      beat1_d.format   = format_q;
      beat1_d.x_format = cmd_q.x_format;
      beat1_d.x_swap   = cmd_q.x_swap;
      for (int unsigned k = 0; k < Ops; k++) beat1_d.offset[k] = cur_q[k][Bw-1:0];
      if (x_acc_q) beat1_d.offset[0] = '0;
    end

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        hit_q    <= '0;
        x_held_q <= 1'b0;
      end else if (start_i) begin
        hit_q    <= '0;
        x_held_q <= 1'b0;
      end else if (run_q) begin
        hit_q    <= hit_q | grant;
        x_held_q <= x_ok && x_acc_q && !go;
      end
    end
    for (genvar k = 0; k < int'(Ops); k++) begin : gen_tag
      always_ff @(posedge clk_i) begin
        if (!start_i && run_q && grant[k]) tag_q[k] <= word[k];
      end
    end
    assign walk_acc = x_acc_q;
    always_ff @(posedge clk_i) begin
      if (start_i) x_acc_q <= cmd_i.x_space == XSpaceAcc;
    end
  end else begin : gen_reads_ahead
    // What the walk says of a beat. It goes through a register with room for one more, so that whether a beat goes does not decide in the same
    // cycle whether the walk goes on; and the reads of a cycle are chosen in the cycle before.
    typedef struct packed {
      logic [Ops-1:0][Iw+1:0]   word;
      logic [Ops-1:0]           need;        // words that the beat before does not leave
      logic [Ops-1:0][Ops-1:0]  bank_eq;     // of an older operand: reads the same bank, the same word
      logic [Ops-1:0][Ops-1:0]  word_eq;
      logic                     x_acc;
      logic [15:0]              x_word;
      logic [Lw-1:0]            lane;
      logic                     last_beat, cmd_end, first, last;
      logic [19:0]              out, osc, red;
      beat_t                    beat;
    } ahead_t;

    typedef logic [Ops-1:0][Iw+1:0]  words_t;
    typedef logic [Ops-1:0][Ops-1:0] equal_t;

    // The reads of a cycle
    typedef struct packed {
      logic [Ops-1:0]           left;        // words needed in this cycle and later
      logic [Ops-1:0]           grant;       // operands that get theirs
      logic [3:0]               taken;       // banks
      logic [3:0][Iw-1:0]       idx;
      logic                     all;         // nothing is needed later
    } reads_t;

    logic                   walk_acc_q, fresh_q;
    logic [Ops-1:0][Iw+1:0] word_q;          // of the beat that the walk gave last
    ahead_t                 made, next, now_q;
    logic                   room, next_valid, now_valid_q, take;
    reads_t                 reads_q;         // of the beat under way, now_q

    wren_skid #(
      .Width($bits(ahead_t))
    ) u_ahead (
      .clk_i     (clk_i),
      .rst_ni    (rst_ni),
      .wr_valid_i(run_q),
      .wr_ready_o(room),
      .wr_data_i (made),
      .rd_valid_o(next_valid),
      .rd_ready_i(take),
      .rd_data_o (next)
    );

    function automatic reads_t reads_of(input logic [Ops-1:0] need, input words_t word_at, input equal_t bank_eq, input equal_t word_eq);
      reads_t r;
      logic   first, same;
      r      = '0;
      r.left = need;
      for (int unsigned k = 0; k < Ops; k++) begin
        // The first operand that needs a bank reads it; others of that bank go along if they need the same word.
        first = 1'b1;
        same  = 1'b1;
        for (int unsigned j = 0; j < k; j++) begin
          if (first && need[j] && bank_eq[k][j]) begin
            first = 1'b0;
            same  = word_eq[k][j];
          end
        end
        r.grant[k] = need[k] && same;
        for (int unsigned n = 0; n < 4; n++) begin
          if (r.grant[k] && word_at[k][1:0] == 2'(n)) begin
            r.taken[n] = 1'b1;
            r.idx[n]   = r.idx[n] | word_at[k][Iw+1:2];     // all of one bank are the same
          end
        end
      end
      r.all = (need & ~r.grant) == '0;
      return r;
    endfunction

    assign walk_acc = walk_acc_q;
    assign step     = run_q && room;
    logic unused;                            // reads_q has what now_q still needs
    assign unused   = ^now_q.need;
    assign word     = now_q.word;
    assign take     = !now_valid_q || go;
    assign grant    = reads_q.grant;
    assign taken    = reads_q.taken;
    assign idx      = reads_q.idx;

    always_comb begin
      made.x_acc     = walk_acc_q;
      made.x_word    = cur_q[0][15:0];
      made.lane      = lane_q;
      made.last_beat = beat_end;
      made.cmd_end   = row_last && rows_left_q == 16'd1;
      made.first     = first_q;
      made.last      = blks_left_q == 16'd1;
      made.out       = out_cur_q;
      made.osc       = osc_cur_q;
      made.red       = red_cur_q;
      made.bank_eq   = '0;
      made.word_eq   = '0;
      for (int unsigned k = 0; k < Ops; k++) begin
        made.word[k] = cur_q[k][Bw +: Iw + 2];
        made.need[k] = mem_q[k] && (fresh_q || cur_q[k][Bw +: Iw + 2] != word_q[k]);   // an operand holds the word of the beat before
        for (int unsigned j = 0; j < k; j++) begin
          made.bank_eq[k][j] = cur_q[k][Bw +: 2] == cur_q[j][Bw +: 2];
          made.word_eq[k][j] = cur_q[k][Bw +: Iw + 2] == cur_q[j][Bw +: Iw + 2];
        end
      end
      made.beat.slot     = slot_q;
      made.beat.last     = beat_end;
      made.beat.count    = count;
      made.beat.mem      = mem_q;
      made.beat.vec      = vec_q;
      made.beat.format   = format_q;
      made.beat.x_format = cmd_q.x_format;
      made.beat.x_swap   = cmd_q.x_swap;
      for (int unsigned k = 0; k < Ops; k++) made.beat.offset[k] = cur_q[k][Bw-1:0];
      if (walk_acc_q) made.beat.offset[0] = '0;
    end

    assign x_valid_o = now_valid_q && now_q.x_acc && !x_held_q;
    assign x_word_o  = now_q.x_word;
    assign x_row_o   = now_q.lane;
    assign x_ok      = !now_q.x_acc || x_held_q || x_ready_i;
    assign go        = now_valid_q && reads_q.all && x_ok && !(now_q.last_beat && stall_i);

    assign go_slot_o   = now_q.beat.slot;
    assign go_last_o   = go && now_q.cmd_end;
    assign blk_end_o   = go && now_q.last_beat;
    assign blk_first_o = now_q.first;
    assign blk_last_o  = now_q.last;
    assign blk_out_o   = now_q.out;
    assign blk_lane_o  = now_q.lane;
    assign blk_scale_o = now_q.osc;
    assign blk_red_o   = now_q.red;
    assign beat1_d     = now_q.beat;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        fresh_q     <= 1'b0;
        now_valid_q <= 1'b0;
        reads_q     <= '0;
        x_held_q    <= 1'b0;
      end else begin
        if (start_i) fresh_q <= 1'b1;
        else if (step) fresh_q <= 1'b0;
        if (take) now_valid_q <= next_valid;
        reads_q  <= take ? reads_of(next_valid ? next.need : '0, next.word, next.bank_eq, next.word_eq)
                         : reads_of(reads_q.left & ~reads_q.grant, now_q.word, now_q.bank_eq, now_q.word_eq);
        x_held_q <= now_valid_q && x_ok && now_q.x_acc && !go;
      end
    end
    always_ff @(posedge clk_i) begin
      if (take) now_q <= next;
      if (start_i) walk_acc_q <= cmd_i.x_space == XSpaceAcc;
      if (step) begin
        for (int unsigned k = 0; k < Ops; k++) word_q[k] <= cur_q[k][Bw +: Iw + 2];
      end
    end
  end

  // Bytes of a block at the output
  logic [7:0] out_inc;
  always_comb begin
    case (cmd_q.out_format)
      OutFormatF16, OutFormatBf16: out_inc = 8'd64;
      OutFormatI8, OutFormatQ80, OutFormatQ8Bf16: out_inc = 8'd32;
      default:                     out_inc = 8'd128;
    endcase
    if (cmd_q.out_space == OutSpaceAb) out_inc = 8'd1;
  end

  // A row's x (in ACC) and result (in AB) start again at the group's base until the group ends
  logic x_step, out_step;
  assign x_step   = !walk_acc || group_end;
  assign out_step = cmd_q.out_space != OutSpaceAb || group_end;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      run_q <= 1'b0;
    end else if (start_i) begin
      run_q <= 1'b1;
    end else if (cmd_end) begin
      run_q <= 1'b0;
    end
  end

  for (genvar k = 0; k < Ops; k++) begin : gen_walk
    always_ff @(posedge clk_i) begin
      if (start_i) begin
        mem_q[k]      <= opn_d[k].mem;
        vec_q[k]      <= opn_d[k].vec;
        format_q[k]   <= opn_d[k].format;
        stride_q[k]   <= opn_d[k].stride;
        beat_inc_q[k] <= opn_d[k].beat_inc;
        blk_inc_q[k]  <= opn_d[k].blk_inc;
        row_q[k]      <= opn_d[k].base;
        cur_q[k]      <= opn_d[k].base;
      end else if (run_q) begin
        if (step) begin
          if (row_last) begin
            if (k != 0 || x_step) row_q[k] <= row_q[k] + stride_q[k];
            cur_q[k] <= (k != 0 || x_step) ? row_q[k] + stride_q[k] : row_q[k];
          end else if (beat_end) begin
            cur_q[k] <= cur_q[k] + 20'(beat_inc_q[k]) + 20'(blk_inc_q[k]);
          end else begin
            cur_q[k] <= cur_q[k] + 20'(beat_inc_q[k]);
          end
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (start_i) begin
      cmd_q       <= cmd_i;
      slot_q      <= slot_i;
      rows_left_q <= cmd_i.rows;
      blks_left_q <= 16'((17'(cmd_i.cols) + 17'd31) >> 5);
      beat_q      <= '0;
      lane_q      <= '0;
      col_q       <= '0;
      first_q     <= 1'b1;
      limit_q     <= cmd_i.causal ? 18'(signed'(cmd_i.diag)) + 18'sd1 : 18'sh1ffff;
      out_row_q   <= cmd_i.out;
      out_cur_q   <= cmd_i.out;
      osc_row_q   <= cmd_i.out_scale;
      osc_cur_q   <= cmd_i.out_scale;
      red_row_q   <= cmd_i.red;
      red_cur_q   <= cmd_i.red;
    end else if (step) begin
      beat_q <= beat_end ? '0 : beat_q + Btw'(1);
      col_q  <= row_last ? '0 : col_q + 17'(Lanes);
      if (beat_end) begin
        first_q     <= row_last;
        blks_left_q <= row_last ? blks : blks_left_q - 16'd1;
        out_cur_q   <= out_cur_q + 20'(out_inc);
        osc_cur_q   <= osc_cur_q + 20'd2;
        if (cmd_q.red_blk) red_cur_q <= red_cur_q + 20'd4;
      end
      if (row_last) begin
        rows_left_q <= rows_left_q - 16'd1;
        lane_q      <= group_end ? '0 : lane_q + Lw'(1);
        if (cmd_q.causal) limit_q <= limit_q + 18'sd1;
        if (out_step) out_row_q <= out_row_q + cmd_q.out_stride;
        out_cur_q <= out_step ? out_row_q + cmd_q.out_stride : out_row_q;
        osc_row_q <= osc_row_q + 20'(cmd_q.out_stride >> 4);
        osc_cur_q <= osc_row_q + 20'(cmd_q.out_stride >> 4);
        red_row_q <= red_row_q + 20'(cmd_q.red_stride);
        red_cur_q <= red_row_q + 20'(cmd_q.red_stride);
      end
    end
  end

  // ---- next cycle: the words are here and replace what their operands hold
  beat_t               beat1_q, beat2_q;
  logic                v1_q, v2_q, acc_cap_q;
  logic [Ops-1:0]      cap_q;
  logic [Ops-1:0][1:0] bank_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      v1_q      <= 1'b0;
      v2_q      <= 1'b0;
      cap_q     <= '0;
      acc_cap_q <= 1'b0;
    end else begin
      v1_q      <= go;
      v2_q      <= v1_q;
      cap_q     <= grant;
      acc_cap_q <= x_valid_o && x_ready_i;
    end
  end
  always_ff @(posedge clk_i) begin
    if (Deep || run_q) begin
      for (int unsigned k = 0; k < Ops; k++) bank_q[k] <= word[k][1:0];
    end
    if (go) beat1_q <= beat1_d;
    if (v1_q) beat2_q <= beat1_q;
  end

  function automatic row_t bank_row(input logic [1:0] bank);
    row_t r;
    r = g_rd_data0_i;
    if (bank == 2'd1) r = g_rd_data1_i;
    if (bank == 2'd2) r = g_rd_data2_i;
    if (bank == 2'd3) r = g_rd_data3_i;
    return r;
  endfunction

  for (genvar k = 0; k < Ops; k++) begin : gen_hold
    row_t held_q;
    if (k == 0) begin : gen_x
      always_ff @(posedge clk_i) begin
        if (acc_cap_q) held_q <= x_data_i;
        else if (cap_q[k]) held_q <= bank_row(bank_q[k]);
      end
    end else begin : gen_operand
      always_ff @(posedge clk_i) begin
        if (cap_q[k]) held_q <= bank_row(bank_q[k]);
      end
    end
  end

  // ---- next cycle: unpack and convert
  // The lanes' 16-bit values: a half of the word, one value per lane, as bits 15..0
  function automatic row_t halves(input row_t w, input logic upper);
    row_t  r;
    half_t h;
    h = w[Lanes/2-1:0];
    if (upper) h = w[Lanes-1:Lanes/2];
    for (int unsigned i = 0; i < Lanes/2; i++) begin
      r[2*i]   = h[i] & 32'hffff;
      r[2*i+1] = h[i] >> 16;
    end
    return r;
  endfunction
  function automatic row_t bytes(input row_t w, input logic [1:0] quarter);
    row_t r, h;
    h = halves(w, quarter[1]);
    for (int unsigned i = 0; i < Lanes/2; i++) begin
      r[2*i]   = h[(quarter[0] ? Lanes/2 : 0) + i] & 32'hff;
      r[2*i+1] = h[(quarter[0] ? Lanes/2 : 0) + i] >> 8;
    end
    for (int unsigned i = 0; i < Lanes; i++) r[i] = (r[i] ^ 32'h80) - 32'h80;
    return r;
  endfunction

  function automatic row_t operand_row(input row_t w, input logic vec, input logic [1:0] format, input logic [Bw-1:0] offset);
    row_t        r;
    logic [31:0] s;
    r = w;
    s = w[offset[Bw-1:2]];
    if (format != 2'(OperandFormatF32)) begin
      r = halves(w, offset[Bw-1]);
      s = offset[1] ? (s >> 16) : (s & 32'hffff);
    end
    if (!vec) r[0] = s;
    if (format == 2'(OperandFormatF16)) begin
      for (int unsigned i = 0; i < Lanes; i++) r[i] = fp32_from_f16(r[i]);
    end else if (format == 2'(OperandFormatBf16)) begin
      for (int unsigned i = 0; i < Lanes; i++) r[i] = r[i] << 16;
    end
    return r;
  endfunction
  function automatic row_t x_row_of(input row_t w, input x_format_e format, input logic [1:0] quarter, input logic swap);
    row_t r, t;
    r = w;
    if (format == XFormatF16 || format == XFormatBf16) r = halves(w, quarter[1]);
    if (format == XFormatI8) r = bytes(w, quarter);
    if (format == XFormatF16) begin
      for (int unsigned i = 0; i < Lanes; i++) r[i] = fp32_from_f16(r[i]);
    end else if (format == XFormatI8 || format == XFormatI32) begin
      for (int unsigned i = 0; i < Lanes; i++) r[i] = fp32_from_i32(r[i]);
    end else begin
      if (format == XFormatBf16) begin
        for (int unsigned i = 0; i < Lanes; i++) r[i] = r[i] << 16;
      end
      for (int unsigned i = 0; i < Lanes; i++) r[i] = fp32_canonical(r[i]);
    end
    if (swap) begin
      t = r;
      for (int unsigned i = 0; i < Lanes; i++) r[i] = t[i ^ 1];
    end
    return r;
  endfunction

  if (!Deep) begin : gen_convert
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) beat_valid_o <= 1'b0;
      else beat_valid_o <= v2_q;
    end
    always_ff @(posedge clk_i) begin
      if (v2_q) begin
        beat_slot_o  <= beat2_q.slot;
        beat_last_o  <= beat2_q.last;
        beat_count_o <= beat2_q.count;
        x_o <= x_row_of(gen_hold[0].held_q, beat2_q.x_format, beat2_q.offset[0][Bw-1 -: 2], beat2_q.x_swap);
        if (beat2_q.mem[1]) a_o <= operand_row(gen_hold[1].held_q, beat2_q.vec[1], beat2_q.format[1], beat2_q.offset[1]);
        if (beat2_q.mem[2]) b_o <= operand_row(gen_hold[2].held_q, beat2_q.vec[2], beat2_q.format[2], beat2_q.offset[2]);
        if (beat2_q.mem[3]) m_o <= operand_row(gen_hold[3].held_q, beat2_q.vec[3], beat2_q.format[3], beat2_q.offset[3]);
        if (beat2_q.mem[4]) c_o <= operand_row(gen_hold[4].held_q, beat2_q.vec[4], beat2_q.format[4], beat2_q.offset[4]);
      end
    end
  end else begin : gen_convert_deep
    // Unpack (the value of each lane, integers without their sign); normalise; round
    function automatic row_t unpacked(input row_t w, input logic vec, input logic [1:0] format, input logic [Bw-1:0] offset);
      row_t        r;
      logic [31:0] s;
      r = w;
      s = w[offset[Bw-1:2]];
      if (format != 2'(OperandFormatF32)) begin
        r = halves(w, offset[Bw-1]);
        s = offset[1] ? (s >> 16) : (s & 32'hffff);
      end
      if (!vec) r[0] = s;
      return r;
    endfunction
    function automatic row_t widened(input row_t w, input logic [1:0] format);
      row_t r;
      for (int unsigned i = 0; i < Lanes; i++) begin
        r[i] = w[i];
        if (format == 2'(OperandFormatF16)) r[i] = fp32_from_f16(w[i]);
        if (format == 2'(OperandFormatBf16)) r[i] = w[i] << 16;
      end
      return r;
    endfunction
    function automatic row_t x_unpacked(input row_t w, input x_format_e format, input logic [1:0] quarter);
      row_t r;
      r = w;
      if (format == XFormatF16 || format == XFormatBf16) r = halves(w, quarter[1]);
      if (format == XFormatI8) r = bytes(w, quarter);
      return r;
    endfunction

    logic             slot3_q, last3_q, swap3_q;
    logic [Cw-1:0]    count3_q;
    x_format_e        x_format3_q;
    logic             v3_q, integer2, integer3, integer4_q, swap4_q;
    row_t             x2, x3_q, x4_q, moved4_q;
    logic [Lanes-1:0] sign3_q, sign4_q;
    row_t             operand3_q [1:Ops-1];
    logic [Ops-1:1][1:0] format3_q;
    assign integer2 = beat2_q.x_format == XFormatI8 || beat2_q.x_format == XFormatI32;
    assign integer3 = x_format3_q == XFormatI8 || x_format3_q == XFormatI32;
    always_comb begin
      x2 = '0;
      if (v2_q) x2 = x_unpacked(gen_hold[0].held_q, beat2_q.x_format, beat2_q.offset[0][Bw-1 -: 2]);
    end
    function automatic f32_t rounded(input int unsigned i);
      return integer4_q ? i32_round(x4_q[i], moved4_q[i], sign4_q[i] ? Sign : 32'd0) : fp32_canonical(x4_q[i]);
    endfunction

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        v3_q         <= 1'b0;
        beat_valid_o <= 1'b0;
      end else begin
        v3_q         <= v2_q;
        beat_valid_o <= v3_q;
      end
    end
    for (genvar k = 1; k < int'(Ops); k++) begin : gen_unpack
      always_ff @(posedge clk_i) begin
        if (v2_q && beat2_q.mem[k]) operand3_q[k] <= unpacked(gen_hold[k].held_q, beat2_q.vec[k], beat2_q.format[k], beat2_q.offset[k]);
      end
    end
    always_ff @(posedge clk_i) begin
      if (v2_q) begin
        slot3_q     <= beat2_q.slot;
        last3_q     <= beat2_q.last;
        swap3_q     <= beat2_q.x_swap;
        count3_q    <= beat2_q.count;
        x_format3_q <= beat2_q.x_format;
        format3_q   <= beat2_q.format[Ops-1:1];
        for (int unsigned i = 0; i < Lanes; i++) begin
          x3_q[i]    <= integer2 ? i32_abs(x2[i]) : x2[i];
          sign3_q[i] <= x2[i][31];
        end
      end
      if (v3_q) begin
        beat_slot_o  <= slot3_q;
        beat_last_o  <= last3_q;
        beat_count_o <= count3_q;
        a_o <= widened(operand3_q[1], format3_q[1]);
        b_o <= widened(operand3_q[2], format3_q[2]);
        m_o <= widened(operand3_q[3], format3_q[3]);
        c_o <= widened(operand3_q[4], format3_q[4]);
        integer4_q <= integer3;
        swap4_q    <= swap3_q;
        sign4_q    <= sign3_q;
        for (int unsigned i = 0; i < Lanes; i++) begin
          x4_q[i]     <= integer3 ? i32_lead(x3_q[i]) : x3_q[i];
          moved4_q[i] <= i32_moved(x3_q[i]);
          if (x_format3_q == XFormatF16) x4_q[i] <= fp32_from_f16(x3_q[i]);
          if (x_format3_q == XFormatBf16) x4_q[i] <= x3_q[i] << 16;
        end
      end
      if (beat_valid_o) begin
        for (int unsigned i = 0; i < Lanes; i++) x_o[i] <= swap4_q ? rounded(i ^ 1) : rounded(i);
      end
    end
  end

  `ASSERT(StartWhenIdle_A, start_i -> !run_q)
  `ASSERT(AccWordEven_A, x_valid_o -> !x_word_o[0])

endmodule

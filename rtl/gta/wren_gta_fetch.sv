// wren_gta_fetch: the front end of the vector engine. Walks a command's rows, blocks of 32 and beats of Lanes, reads every operand
// of a beat, converts it, and hands complete beats to the pipe.
//
// Command    start_i with the command and its slot while ready_o; the walk starts the next cycle.
// Reads      in each cycle all reads of the current beat that do not collide in a bank; the beat goes when it has everything. A word
//            that is already held (scalars, half words) or that two operands share is read once.
// Timing     one beat per cycle; a beat's rows appear at the outputs three cycles after it goes (beat_valid_o). A scalar from memory
//            is lane 0 of its operand's row; constants are not sent.
// Deep       The walk is up to three beats ahead: two wait, so that it never looks at a grant, and a register holds the beat under way, with what
//            its operands share already compared. VM is read the cycle after the choice, ACC as soon as the walk has left a beat. The rows
//            of operands appear six cycles after the beat goes, with beat_valid_o, and x one cycle later: unpack, magnitude, leading one,
//            round. move_i lets these stages move. A scalar is in all lanes.
// Back end   blk_* describe the block whose last beat goes in this cycle (Deep: went in the last): where its results belong.
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
  input  logic                    move_i,              // Deep

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
  import wren_fp_whole_pkg::*;

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
  logic step, go, beat_end, blk_one, row_one, row_last, row_end, cmd_end, group_end;
  assign beat_end  = beat_q == Btw'(Beats - 1);
  assign row_last  = beat_end && blk_one;
  assign row_end   = step && row_last;
  assign cmd_end   = row_end && row_one;
  assign group_end = lane_q == Lw'(Rows - 1);
  assign blks      = 16'((17'(cmd_q.cols) + 17'd31) >> 5);

  // One block of the row, one row of the command is left; Deep: compared beside the counters
  if (!Deep) begin : gen_left
    assign blk_one = blks_left_q == 16'd1;
    assign row_one = rows_left_q == 16'd1;
  end else begin : gen_left_deep
    always_ff @(posedge clk_i) begin
      if (start_i) begin
        blk_one <= cmd_i.cols <= 16'd32;
        row_one <= cmd_i.rows == 16'd1;
      end else if (step && beat_end) begin
        blk_one <= blk_one ? (blks == 16'd1) : (blks_left_q == 16'd2);
        if (blk_one) row_one <= rows_left_q == 16'd2;
      end
    end
  end

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
  logic                   x_ok;
  logic                   walk_acc;                     // the walk's x lies in ACC
  beat_t                  beat1_d;                      // of the beat that goes

  assign ready_o = !run_q;

  if (!Deep) begin : gen_reads
    logic [Ops-1:0][Iw+1:0] tag_q;
    logic [Ops-1:0]         hit_q, need;
    logic                   x_acc_q, x_held_q;

    // One operand after the other: what the ones before it have taken of the banks, and what it takes. (A generate loop and no procedural one,
    // which a simulator would run with computed indices.)
    for (genvar k = 0; k < int'(Ops); k++) begin : gen_op
      logic [Iw+1:0]      at;
      logic               wants, gets;
      logic [3:0]         taken_in, taken_out;
      logic [3:0][Iw-1:0] idx_in, idx_out;

      if (k == 0) begin : gen_first
        assign taken_in = '0;
        assign idx_in   = '0;
      end else begin : gen_next
        assign taken_in = gen_op[k-1].taken_out;
        assign idx_in   = gen_op[k-1].idx_out;
      end
      always_comb begin
        at        = '0;
        wants     = 1'b0;
        gets      = 1'b0;
        taken_out = taken_in;
        idx_out   = idx_in;
        if (run_q && mem_q[k]) begin
          at    = cur_q[k][Bw +: Iw + 2];
          wants = !(hit_q[k] && tag_q[k] == at);
          gets  = wants && (!taken_in[at[1:0]] || idx_in[at[1:0]] == at[Iw+1:2]);
          if (gets) begin
            taken_out[at[1:0]] = 1'b1;
            idx_out[at[1:0]]   = at[Iw+1:2];
          end
        end
      end
    end
    assign taken = gen_op[Ops-1].taken_out;
    assign idx   = gen_op[Ops-1].idx_out;
    assign word  = {gen_op[4].at, gen_op[3].at, gen_op[2].at, gen_op[1].at, gen_op[0].at};
    assign need  = {gen_op[4].wants, gen_op[3].wants, gen_op[2].wants, gen_op[1].wants, gen_op[0].wants};
    assign grant = {gen_op[4].gets, gen_op[3].gets, gen_op[2].gets, gen_op[1].gets, gen_op[0].gets};

    assign x_valid_o = run_q && x_acc_q && !x_held_q;
    assign x_word_o  = cur_q[0][15:0];
    assign x_row_o   = lane_q;
    assign x_ok      = !x_acc_q || x_held_q || x_ready_i;
    assign step      = go;
    always_comb begin
      go = 1'b0;
      if (run_q) go = (need & ~grant) == '0 && x_ok && !(beat_end && stall_i);
    end

    assign go_o        = go;
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
      beat1_d.offset   = {cur_q[4][Bw-1:0], cur_q[3][Bw-1:0], cur_q[2][Bw-1:0], cur_q[1][Bw-1:0], x_acc_q ? '0 : cur_q[0][Bw-1:0]};
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
    // A beat that the walk has left
    typedef struct packed {
      logic                   fresh;        // first of its command: no operand holds anything
      logic                   acc;          // x lies in ACC
      logic [Lw-1:0]          lane;
      logic                   blk_end;
      logic                   cmd_end;
      logic                   first;
      logic                   last;
      logic [19:0]            out;
      logic [19:0]            osc;
      logic [19:0]            red;
      beat_t                  beat;
      logic [Ops-1:0][Iw+1:0] word;
    } ahead_t;
    ahead_t now, next_q, spare_q, at_q;                  // at the walk; waiting; waiting behind it; under way
    logic   next_v_q, spare_v_q, valid_q, take;
    logic   walk_acc_q, fresh_q;

    // Of the beat under way: what it still needs, and which older operand of it reads the same bank, and another word of it
    logic [Ops-1:0]          need_q, winner;
    logic [Ops-1:0][Ops-1:0] bank_eq_q, clash_q;

    assign walk_acc = walk_acc_q;
    assign word     = at_q.word;
    always_comb begin
      now.fresh         = fresh_q;
      now.acc           = walk_acc_q;
      now.lane          = lane_q;
      now.blk_end       = beat_end;
      now.cmd_end       = row_last && row_one;
      now.first         = first_q;
      now.last          = blk_one;
      now.out           = out_cur_q;
      now.osc           = osc_cur_q;
      now.red           = red_cur_q;
      now.beat.slot     = slot_q;
      now.beat.last     = beat_end;
      now.beat.count    = count;
      now.beat.mem      = mem_q;
      now.beat.vec      = vec_q;
      now.beat.format   = format_q;
      now.beat.x_format = cmd_q.x_format;
      now.beat.x_swap   = cmd_q.x_swap;
      for (int unsigned k = 0; k < Ops; k++) begin
        now.beat.offset[k] = cur_q[k][Bw-1:0];
        now.word[k]        = cur_q[k][Bw +: Iw + 2];
      end
      if (walk_acc_q) now.beat.offset[0] = '0;
    end

    // The first operand that needs a bank reads it; others of that bank go along if they need the same word.
    always_comb begin
      winner = need_q;
      grant  = need_q;
      for (int unsigned k = 0; k < Ops; k++) begin
        for (int unsigned j = 0; j < k; j++) if (need_q[j] && bank_eq_q[k][j]) winner[k] = 1'b0;
      end
      for (int unsigned k = 0; k < Ops; k++) begin
        for (int unsigned j = 0; j < k; j++) if (winner[j] && clash_q[k][j]) grant[k] = 1'b0;
      end
      taken = '0;
      idx   = '0;
      for (int unsigned k = 0; k < Ops; k++) begin
        for (int unsigned b = 0; b < 4; b++) begin
          if (winner[k] && word[k][1:0] == 2'(b)) begin
            taken[b] = 1'b1;
            idx[b]   = idx[b] | word[k][Iw+1:2];
          end
        end
      end
    end

    // x in ACC is asked for when the walk leaves its beat, and waits here until the beat goes: at most three beats are ahead.
    logic got_q, x_wait, acc_go, ask_space, x_space;
    row_t x_oldest;
    assign acc_go = go && at_q.acc;
    assign x_ok   = !at_q.acc || x_wait || got_q;
    wren_fifo #(.Width(16 + Lw), .Depth(4)) u_ask (
      .clk_i     (clk_i),
      .rst_ni    (rst_ni),
      .flush_i   (1'b0),
      .wr_valid_i(step && walk_acc_q),
      .wr_ready_o(ask_space),
      .wr_data_i ({lane_q, cur_q[0][15:0]}),
      .rd_valid_o(x_valid_o),
      .rd_ready_i(x_ready_i),
      .rd_data_o ({x_row_o, x_word_o}),
      .count_o   ()
    );
    wren_fifo #(.Width(Lanes*32), .Depth(4)) u_x (
      .clk_i     (clk_i),
      .rst_ni    (rst_ni),
      .flush_i   (1'b0),
      .wr_valid_i(got_q && !(acc_go && !x_wait)),
      .wr_ready_o(x_space),
      .wr_data_i (x_data_i),
      .rd_valid_o(x_wait),
      .rd_ready_i(acc_go),
      .rd_data_o (x_oldest),
      .count_o   ()
    );
    assign go        = valid_q && (need_q & ~grant) == '0 && x_ok && !(at_q.blk_end && stall_i);
    assign step      = run_q && !spare_v_q;
    assign take      = next_v_q && (!valid_q || go);

    assign beat1_d     = at_q.beat;
    logic unused;
    assign unused = at_q.fresh;
    `ASSERT(AskSpace_A, step && walk_acc_q -> ask_space)
    `ASSERT(XSpace_A, got_q -> x_space)

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        valid_q   <= 1'b0;
        next_v_q  <= 1'b0;
        spare_v_q <= 1'b0;
        fresh_q   <= 1'b0;
        need_q    <= '0;
        got_q     <= 1'b0;
        go_o      <= 1'b0;
        go_last_o <= 1'b0;
        blk_end_o <= 1'b0;
      end else begin
        if (take) valid_q <= 1'b1;
        else if (go) valid_q <= 1'b0;
        if (take || !next_v_q) begin
          next_v_q  <= spare_v_q || step;
          spare_v_q <= 1'b0;
        end else if (step) begin
          spare_v_q <= 1'b1;
        end
        if (start_i) fresh_q <= 1'b1;
        else if (step) fresh_q <= 1'b0;
        need_q <= need_q & ~grant;
        if (take) begin                                  // an operand holds the word of the beat before
          for (int unsigned k = 0; k < Ops; k++) need_q[k] <= next_q.beat.mem[k] && (next_q.fresh || next_q.word[k] != at_q.word[k]);
        end
        got_q     <= x_valid_o && x_ready_i;
        go_o      <= go;                                 // what it changes behind the fetch waits for the next cycle
        go_last_o <= go && at_q.cmd_end;
        blk_end_o <= go && at_q.blk_end;
      end
    end
    always_ff @(posedge clk_i) begin
      if (move_i) begin
        go_slot_o   <= at_q.beat.slot;
        blk_first_o <= at_q.first;
        blk_last_o  <= at_q.last;
        blk_out_o   <= at_q.out;
        blk_lane_o  <= at_q.lane;
        blk_scale_o <= at_q.osc;
        blk_red_o   <= at_q.red;
      end
      if (start_i) walk_acc_q <= cmd_i.x_space == XSpaceAcc;
      if (!spare_v_q) spare_q <= now;
      if (take || !next_v_q) next_q <= spare_v_q ? spare_q : now;
      if (take) begin
        at_q <= next_q;
        for (int unsigned k = 0; k < Ops; k++) begin
          for (int unsigned j = 0; j < k; j++) begin
            bank_eq_q[k][j] <= next_q.word[k][1:0] == next_q.word[j][1:0];
            clash_q[k][j]   <= next_q.word[k][1:0] == next_q.word[j][1:0] && next_q.word[k][Iw+1:2] != next_q.word[j][Iw+1:2];
          end
        end
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

  // ---- next cycle (Deep: the one after it): the words are here and replace what their operands hold
  beat_t               beat1_q, beat2_q;
  logic                v1_q, v2_q, acc_cap_q;
  logic [Ops-1:0]      cap_q;
  logic [Ops-1:0][1:0] bank_q;
  row_t                x_data;

  if (!Deep) begin : gen_words
    assign g_rd_en_o  = taken;
    assign g_rd_idx_o = idx;
    assign x_data     = x_data_i;
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
      if (run_q) bank_q <= {word[4][1:0], word[3][1:0], word[2][1:0], word[1][1:0], word[0][1:0]};
      if (go) beat1_q <= beat1_d;
      if (v1_q) beat2_q <= beat1_q;
    end
    logic unused;
    assign unused = move_i;
  end else begin : gen_words_deep
    logic                v0_q, acc_cap1_q;
    row_t                x1_q;
    logic [Ops-1:0]      cap1_q;
    logic [Ops-1:0][1:0] bank1_q;
    beat_t               beat0_q;
    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        g_rd_en_o  <= '0;
        v0_q       <= 1'b0;
        v1_q       <= 1'b0;
        v2_q       <= 1'b0;
        cap1_q     <= '0;
        cap_q      <= '0;
        acc_cap1_q <= 1'b0;
        acc_cap_q  <= 1'b0;
      end else begin
        g_rd_en_o  <= taken;
        v0_q       <= go;
        v1_q       <= v0_q;
        v2_q       <= v1_q;
        cap1_q     <= grant;
        cap_q      <= cap1_q;
        acc_cap1_q <= gen_reads_ahead.acc_go;
        acc_cap_q  <= acc_cap1_q;
      end
    end
    always_ff @(posedge clk_i) begin
      if (move_i) begin
        g_rd_idx_o <= idx;
        for (int unsigned k = 0; k < Ops; k++) bank1_q[k] <= word[k][1:0];
        bank_q  <= bank1_q;
        x1_q    <= gen_reads_ahead.x_wait ? gen_reads_ahead.x_oldest : x_data_i;
        x_data  <= x1_q;
        beat0_q <= beat1_d;
        beat1_q <= beat0_q;
        beat2_q <= beat1_q;
      end
    end
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
        if (acc_cap_q) held_q <= x_data;
        else if (cap_q[k]) held_q <= bank_row(bank_q[k]);
      end
    end else begin : gen_operand
      always_ff @(posedge clk_i) begin
        if (cap_q[k]) held_q <= bank_row(bank_q[k]);
      end
    end
  end

  // ---- then: unpack and convert
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
    // Unpack; magnitude of an integer, leading one of a half; leading one of an integer, value of all others; rounding of integers
    function automatic row_t unpacked(input row_t w, input logic vec, input logic [1:0] format, input logic [Bw-1:0] offset);
      row_t        r;
      logic [31:0] s;
      r = w;
      s = w[offset[Bw-1:2]];
      if (format != 2'(OperandFormatF32)) begin
        r = halves(w, offset[Bw-1]);
        s = offset[1] ? (s >> 16) : (s & 32'hffff);
      end
      if (!vec) r = {Lanes{s}};
      return r;
    endfunction
    function automatic row_t x_unpacked(input row_t w, input x_format_e format, input logic [1:0] quarter, input logic swap);
      row_t r, t;
      r = w;
      if (format == XFormatF16 || format == XFormatBf16) r = halves(w, quarter[1]);
      if (format == XFormatI8) r = bytes(w, quarter);
      t = r;
      for (int unsigned i = 0; i < Lanes; i++) if (swap) r[i] = t[i ^ 1];
      return r;
    endfunction

    typedef struct packed {
      logic                slot;
      logic                last;
      logic [Cw-1:0]       count;
      x_format_e           x_format;
      logic [Ops-1:1][1:0] format;
    } step_t;
    step_t                    step3_q, step4_q;
    logic                     v3_q, v4_q, integer3, integer4, integer5_q;
    row_t                     x3_q, x4_q, value5_q;
    logic [Lanes-1:0]         sign4_q, sign5_q;
    f16_leading_t [Lanes-1:0] half4_q;
    whole_t [Lanes-1:0]       whole5_q;
    assign integer3 = step3_q.x_format == XFormatI8 || step3_q.x_format == XFormatI32;
    assign integer4 = step4_q.x_format == XFormatI8 || step4_q.x_format == XFormatI32;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        v3_q         <= 1'b0;
        v4_q         <= 1'b0;
        beat_valid_o <= 1'b0;
      end else begin
        v3_q         <= v2_q;
        v4_q         <= v3_q;
        beat_valid_o <= v4_q;
      end
    end
    always_ff @(posedge clk_i) begin
      if (move_i) begin
        step3_q.slot     <= beat2_q.slot;
        step3_q.last     <= beat2_q.last;
        step3_q.count    <= beat2_q.count;
        step3_q.x_format <= beat2_q.x_format;
        step3_q.format   <= beat2_q.format[Ops-1:1];
        step4_q          <= step3_q;
        beat_slot_o      <= step4_q.slot;
        beat_last_o      <= step4_q.last;
        beat_count_o     <= step4_q.count;
        integer5_q       <= integer4;
        sign5_q          <= sign4_q;
        x3_q             <= x_unpacked(gen_hold[0].held_q, beat2_q.x_format, beat2_q.offset[0][Bw-1 -: 2], beat2_q.x_swap);
        for (int unsigned i = 0; i < Lanes; i++) begin
          x4_q[i]     <= integer3 ? i32_abs(x3_q[i]) : x3_q[i];
          sign4_q[i]  <= x3_q[i][31];
          half4_q[i]  <= f16_leading(x3_q[i][15:0]);
          whole5_q[i] <= i32_leading(x4_q[i]);
          case (step4_q.x_format)
            XFormatF16:  value5_q[i] <= f16_value(half4_q[i]);
            XFormatBf16: value5_q[i] <= fp32_canonical(x4_q[i] << 16);
            default:     value5_q[i] <= fp32_canonical(x4_q[i]);
          endcase
          x_o[i] <= integer5_q ? i32_pack(whole5_q[i], sign5_q[i]) : value5_q[i];
        end
      end
    end
    logic unused;
    assign unused = beat2_q.mem != '0;

    row_t [Ops-1:1] operand;
    assign a_o = operand[1];
    assign b_o = operand[2];
    assign c_o = operand[4];
    assign m_o = operand[3];
    for (genvar k = 1; k < int'(Ops); k++) begin : gen_operand
      row_t                     raw3_q, raw4_q;
      f16_leading_t [Lanes-1:0] lead4_q;
      always_ff @(posedge clk_i) begin
        if (move_i) begin
          raw3_q <= unpacked(gen_hold[k].held_q, beat2_q.vec[k], beat2_q.format[k], beat2_q.offset[k]);
          raw4_q <= raw3_q;
          for (int unsigned i = 0; i < Lanes; i++) begin
            lead4_q[i] <= f16_leading(raw3_q[i][15:0]);
            case (step4_q.format[k])
              2'(OperandFormatF16):  operand[k][i] <= f16_value(lead4_q[i]);
              2'(OperandFormatBf16): operand[k][i] <= raw4_q[i] << 16;
              default:               operand[k][i] <= raw4_q[i];
            endcase
          end
        end
      end
    end
  end

  `ASSERT(StartWhenIdle_A, start_i -> !run_q)
  `ASSERT(AccWordEven_A, x_valid_o -> !x_word_o[0])

endmodule

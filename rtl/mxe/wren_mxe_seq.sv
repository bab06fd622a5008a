// wren_mxe_seq: turns commands into weight-set loads and steps of the array.
//
// Two walkers follow the same loops. The loader runs ahead and fills whichever of the two weight register sets is free, one part per
// cycle; the stream issues one step per cycle (for each weight set: all groups of Rows rows). Each has its own queue of commands, so
// the loader fetches the first sets of the next command while the stream is still in this one.
//
// Timing     a command taken in cycle 0 reads WB from cycle 1 and issues its first step Cols/Part cycles later.
// Deep       the stream's command and its steps pass a register each before steps are judged (weight set, ACC word): at most two cycles more.
// Stalls     starved: the stream waits for a weight set. blocked: the step's ACC word was used less than step_gap(Deep) cycles ago.
// Limits     addresses are 16 bits and wrap; the dispatcher has checked that those in use are inside the memories.
`include "wren_assert.svh"

module wren_mxe_seq
  import wren_pkg::*;
  import wren_isa_pkg::*;
  import wren_mxe_pkg::*;
#(
  parameter  int unsigned Rows = 8,
  parameter  int unsigned Cols = 16,
  parameter  bit          Deep = 1'b0,
  localparam int unsigned Part = (Cols > 4) ? Cols / 4 : 1,
  localparam int unsigned Pw   = (Cols > Part) ? $clog2(Cols / Part) : 1
) (
  input  logic               clk_i,
  input  logic               rst_ni,

  // Commands
  input  logic               cmd_valid_i,
  output logic               cmd_ready_o,
  input  logic [CmdBits-1:0] cmd_i,
  output bucket_e            bucket_o,

  // WB read, and what its data is, one cycle later
  output logic               wb_rd_en_o,
  output logic [15:0]        wb_rd_addr_o,
  output logic               wb_rd_packed_o,   // 4-bit blocks
  output logic               wb_valid_o,
  output logic               wb_bank_o,
  output logic [Pw-1:0]      wb_part_o,
  output logic               wb_odd_o,         // the address was odd: where packed blocks are
  output logic               wb_bf16_o,
  output weight_format_e     wb_format_o,

  // Steps; the AB word is read with the step
  output logic               step_valid_o,
  output step_t              step_o,
  output logic [Rows-1:0]    step_rows_o,
  output logic [15:0]        ab_word_o,
  input  logic               array_busy_i
);

  localparam int unsigned Queue   = 4;
  localparam int unsigned StepGap = step_gap(Deep);

  // Decode into what each walker needs; in/out: inner and outer of the two loops over weight sets.
  mxe_gemm_t cmd;
  load_t     new_load, load;
  stream_t   new_stream, stream;
  logic      k_outer;
  logic      take, load_ready, load_valid, load_pop, stream_ready, stream_valid, stream_pop;
  stream_t   queued;                                       // as it leaves the queue
  logic      queued_valid, queued_pop;

  logic [$clog2(Queue + 1)-1:0] load_count, stream_count;

  assign cmd         = cmd_i;
  assign k_outer     = cmd.order == LoopOrderKOuter;
  // Where no register is between stream and steps, the loader's queue is never the longer one.
  assign cmd_ready_o = stream_ready && (!Deep || load_ready);
  assign take        = cmd_valid_i && cmd_ready_o;

  assign new_load = '{
    wb:         cmd.wb,
    in_stride:  k_outer ? cmd.wb_ns : cmd.wb_ks,
    in_n:       k_outer ? cmd.ncg : cmd.kb,
    out_stride: k_outer ? cmd.wb_ks : cmd.wb_ns,
    out_n:      k_outer ? cmd.kb : cmd.ncg,
    bf16:       cmd.w_scale == ScaleFormatBf16,
    format:     cmd.w_format
  };

  assign new_stream = '{
    ab:         cmd.ab,
    ab_gs:      cmd.ab_gs,
    acc:        cmd.acc,
    acc_gs:     cmd.acc_gs,
    rows:       cmd.rows,
    in_n:       k_outer ? cmd.ncg : cmd.kb,
    out_n:      k_outer ? cmd.kb : cmd.ncg,
    k_outer:    k_outer,
    accumulate: cmd.accumulate,
    int_mode:   cmd.int_mode,
    bf16:       cmd.a_scale == ScaleFormatBf16,
    rows_one:   Deep && 32'(cmd.rows) <= Rows,
    in_one:     Deep && (k_outer ? cmd.ncg : cmd.kb) == 16'd1,
    out_one:    Deep && (k_outer ? cmd.kb : cmd.ncg) == 16'd1
  };

  wren_fifo #(
    .Width($bits(load_t)),
    .Depth(Queue)
  ) u_loads (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .flush_i   (1'b0),
    .wr_valid_i(take),
    .wr_ready_o(load_ready),
    .wr_data_i (new_load),
    .rd_valid_o(load_valid),
    .rd_ready_i(load_pop),
    .rd_data_o (load),
    .count_o   (load_count)
  );

  wren_fifo #(
    .Width($bits(stream_t)),
    .Depth(Queue)
  ) u_streams (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .flush_i   (1'b0),
    .wr_valid_i(take),
    .wr_ready_o(stream_ready),
    .wr_data_i (new_stream),
    .rd_valid_o(queued_valid),
    .rd_ready_i(queued_pop),
    .rd_data_o (queued),
    .count_o   (stream_count)
  );

  if (Deep) begin : gen_queued_register
    wren_skid #(
      .Width($bits(stream_t))
    ) u_queued (
      .clk_i     (clk_i),
      .rst_ni    (rst_ni),
      .wr_valid_i(queued_valid),
      .wr_ready_o(queued_pop),
      .wr_data_i (queued),
      .rd_valid_o(stream_valid),
      .rd_ready_i(stream_pop),
      .rd_data_o (stream)
    );
  end else begin : gen_queued
    assign stream_valid = queued_valid;
    assign stream       = queued;
    assign queued_pop   = stream_pop;
  end

  // Weight register sets: full from the cycle of the last part's WB read (a step of the next cycle finds it complete) to the last step.
  logic [1:0] full_d, full_q;

  // Loader. While ld_new_q the values of the command stand in for the registers.
  logic          ld_new_d, ld_new_q, ld_bank_d, ld_bank_q, ld_run, ld_set_done, ld_in_done, ld_out_done;
  logic [Pw-1:0] ld_part_d, ld_part_q;
  logic [15:0]   ld_set_d, ld_set_q, ld_outer_d, ld_outer_q, ld_in_d, ld_in_q, ld_out_d, ld_out_q;
  logic [15:0]   ld_set, ld_outer, ld_in, ld_out;

  assign ld_set      = ld_new_q ? load.wb : ld_set_q;
  assign ld_outer    = ld_new_q ? load.wb : ld_outer_q;    // first set of this turn of the outer loop
  assign ld_in       = ld_new_q ? load.in_n : ld_in_q;     // turns left, with this one
  assign ld_out      = ld_new_q ? load.out_n : ld_out_q;
  assign ld_run      = load_valid && !full_q[ld_bank_q];
  assign ld_set_done = ld_run && (Cols == Part || ld_part_q == '1);
  assign ld_in_done  = ld_in == 16'd1;
  assign ld_out_done = ld_out == 16'd1;
  assign load_pop    = ld_set_done && ld_in_done && ld_out_done;

  always_comb begin
    ld_new_d   = ld_new_q;
    ld_bank_d  = ld_bank_q;
    ld_part_d  = ld_part_q;
    ld_set_d   = ld_set;
    ld_outer_d = ld_outer;
    ld_in_d    = ld_in;
    ld_out_d   = ld_out;
    if (ld_run) begin
      if (Cols > Part) ld_part_d = ld_part_q + Pw'(1);
      if (ld_set_done) begin
        ld_new_d  = load_pop;
        ld_bank_d = !ld_bank_q;
        if (ld_in_done) begin
          ld_outer_d = ld_outer + load.out_stride;
          ld_set_d   = ld_outer + load.out_stride;
          ld_in_d    = load.in_n;
          ld_out_d   = ld_out - 16'd1;
        end else begin
          ld_set_d   = ld_set + load.in_stride;
          ld_in_d    = ld_in - 16'd1;
        end
      end
    end
  end

  assign wb_rd_en_o   = ld_run;
  if (Cols > Part) begin : gen_parts
    assign wb_rd_addr_o = {ld_set[15-Pw:0], ld_part_q};
  end else begin : gen_whole
    assign wb_rd_addr_o = ld_set;
  end
  assign wb_rd_packed_o = load.format != WeightFormatQ8;

  // Stream. While st_new_q the values of the command stand in for the registers.
  // A step as the stream makes it; the set it uses is the one whose turn it is.
  typedef struct packed {
    logic            first;
    logic            last;
    logic            set_last;   // of its weight set
    logic            int_mode;
    logic            bf16;
    logic [Rows-1:0] rows;
    logic [15:0]     ab;
    logic [15:0]     acc;
  } made_t;

  logic        st_new_d, st_new_q, st_k0_d, st_k0_q, st_bank_q;
  logic [15:0] st_ab_d, st_ab_q, st_acc_d, st_acc_q, st_abs_d, st_abs_q, st_accs_d, st_accs_q;
  logic [15:0] st_rows_d, st_rows_q, st_in_d, st_in_q, st_out_d, st_out_q;
  logic [15:0] st_ab, st_acc, st_abs, st_accs, st_rows, st_in, st_out;
  logic        st_k0, st_full, st_hazard, st_issue, st_g_done, st_in_done, st_out_done;
  logic        st_make;                                    // the stream goes on
  made_t       made, head;                                 // head: the step that is judged
  logic        head_valid;

  assign st_ab       = st_new_q ? stream.ab : st_ab_q;     // words of this step
  assign st_acc      = st_new_q ? stream.acc : st_acc_q;
  assign st_abs      = st_new_q ? stream.ab : st_abs_q;    // words of this weight set's first step
  assign st_accs     = st_new_q ? stream.acc : st_accs_q;
  assign st_rows     = st_new_q ? stream.rows : st_rows_q; // rows left, with this step's
  assign st_in       = st_new_q ? stream.in_n : st_in_q;
  assign st_out      = st_new_q ? stream.out_n : st_out_q;
  assign st_k0       = st_new_q || st_k0_q;                // the first k block
  assign st_full     = full_q[st_bank_q];
  assign st_issue    = head_valid && st_full && !st_hazard;
  if (Deep) begin : gen_done_q
    // Of the step that the registers hold, worked out with the step before
    logic g_done_q, in_done_q, out_done_q;

    assign st_g_done   = st_new_q ? stream.rows_one : g_done_q;
    assign st_in_done  = st_new_q ? stream.in_one : in_done_q;
    assign st_out_done = st_new_q ? stream.out_one : out_done_q;
    always_ff @(posedge clk_i) begin
      if (st_make) begin
        g_done_q   <= st_g_done ? stream.rows_one : 32'(st_rows) <= 2 * Rows;
        in_done_q  <= !st_g_done ? st_in_done : st_in_done ? stream.in_one : st_in == 16'd2;
        out_done_q <= (st_g_done && st_in_done) ? st_out == 16'd2 : st_out_done;
      end
    end
  end else begin : gen_done
    logic unused;
    assign unused      = ^{stream.rows_one, stream.in_one, stream.out_one};
    assign st_g_done   = 32'(st_rows) <= Rows;
    assign st_in_done  = st_in == 16'd1;
    assign st_out_done = st_out == 16'd1;
  end
  assign stream_pop  = st_make && st_g_done && st_in_done && st_out_done;

  assign made = '{
    first:    st_k0 && !stream.accumulate,
    last:     st_g_done && st_in_done && st_out_done,
    set_last: st_g_done,
    int_mode: stream.int_mode,
    bf16:     stream.bf16,
    rows:     st_g_done ? ~('1 << st_rows) : '1,
    ab:       st_ab,
    acc:      st_acc
  };

  if (Deep) begin : gen_register
    logic room;
    wren_skid #(
      .Width($bits(made_t))
    ) u_made (
      .clk_i     (clk_i),
      .rst_ni    (rst_ni),
      .wr_valid_i(stream_valid),
      .wr_ready_o(room),
      .wr_data_i (made),
      .rd_valid_o(head_valid),
      .rd_ready_i(st_full && !st_hazard),
      .rd_data_o (head)
    );
    assign st_make = stream_valid && room;
  end else begin : gen_wire
    assign head_valid = stream_valid;
    assign head       = made;
    assign st_make    = st_issue;
  end

  always_comb begin
    st_new_d  = st_new_q;
    st_ab_d   = st_ab;
    st_acc_d  = st_acc;
    st_abs_d  = st_abs;
    st_accs_d = st_accs;
    st_rows_d = st_rows;
    st_in_d   = st_in;
    st_out_d  = st_out;
    st_k0_d   = st_k0;
    if (st_make) begin
      st_new_d = stream_pop;
      if (!st_g_done) begin
        st_ab_d   = st_ab + stream.ab_gs;
        st_acc_d  = st_acc + stream.acc_gs;
        st_rows_d = st_rows - 16'(Rows);
      end else begin
        st_rows_d = stream.rows;
        st_in_d   = st_in_done ? stream.in_n : st_in - 16'd1;
        st_out_d  = st_in_done ? st_out - 16'd1 : st_out;
        // The loop over k moves along AB, the loop over n along ACC; the inner one starts again when it is done.
        if (stream.k_outer) begin
          st_accs_d = st_in_done ? stream.acc : st_accs + 16'd1;
          st_abs_d  = st_in_done ? st_abs + 16'd1 : st_abs;
          st_k0_d   = st_k0 && !st_in_done;
        end else begin
          st_accs_d = st_in_done ? st_accs + 16'd1 : st_accs;
          st_abs_d  = st_in_done ? stream.ab : st_abs + 16'd1;
          st_k0_d   = st_in_done;
        end
        st_ab_d  = st_abs_d;
        st_acc_d = st_accs_d;
      end
    end
  end

  always_comb begin
    full_d = full_q;
    if (ld_set_done) full_d[ld_bank_q] = 1'b1;
    if (st_issue && head.set_last) full_d[st_bank_q] = 1'b0;
  end

  // Scoreboard: the ACC words of the last StepGap - 1 cycles.
  logic [StepGap-2:0]       recent_valid_q;
  logic [StepGap-2:0][15:0] recent_word_q;

  always_comb begin
    st_hazard = 1'b0;
    for (int unsigned i = 0; i < StepGap - 1; i++) begin
      if (recent_valid_q[i] && recent_word_q[i] == head.acc) st_hazard = 1'b1;
    end
  end

  assign step_valid_o = st_issue;
  assign step_o       = '{
    bank:     st_bank_q,
    first:    head.first,
    last:     head.last,
    int_mode: head.int_mode,
    bf16:     head.bf16,
    word:     head.acc
  };
  assign step_rows_o  = head.rows;
  assign ab_word_o    = head.ab;

  always_comb begin
    if (st_issue) bucket_o = BktWorking;
    else if (head_valid && st_full) bucket_o = BktBlocked;
    else if (head_valid || stream_valid || queued_valid) bucket_o = BktStarved;
    else if (array_busy_i) bucket_o = BktDraining;
    else bucket_o = BktIdle;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      full_q         <= '0;
      ld_new_q       <= 1'b1;
      ld_bank_q      <= 1'b0;
      ld_part_q      <= '0;
      st_new_q       <= 1'b1;
      st_bank_q      <= 1'b0;
      recent_valid_q <= '0;
      wb_valid_o     <= 1'b0;
    end else begin
      full_q         <= full_d;
      ld_new_q       <= ld_new_d;
      ld_bank_q      <= ld_bank_d;
      ld_part_q      <= ld_part_d;
      st_new_q       <= st_new_d;
      if (st_issue && head.set_last) st_bank_q <= !st_bank_q;
      recent_valid_q <= {recent_valid_q[StepGap-3:0], st_issue};
      wb_valid_o     <= ld_run;
    end
  end

  always_ff @(posedge clk_i) begin
    recent_word_q <= {recent_word_q[StepGap-3:0], head.acc};
    if (ld_run) begin
      ld_set_q   <= ld_set_d;
      ld_outer_q <= ld_outer_d;
      ld_in_q    <= ld_in_d;
      ld_out_q   <= ld_out_d;
      wb_bank_o  <= ld_bank_q;
      wb_part_o  <= ld_part_q;
      wb_odd_o   <= wb_rd_addr_o[0];
      wb_bf16_o  <= load.bf16;
      wb_format_o <= load.format;
    end
    if (st_make) begin
      st_ab_q   <= st_ab_d;
      st_acc_q  <= st_acc_d;
      st_abs_q  <= st_abs_d;
      st_accs_q <= st_accs_d;
      st_rows_q <= st_rows_d;
      st_in_q   <= st_in_d;
      st_out_q  <= st_out_d;
      st_k0_q   <= st_k0_d;
    end
  end

  `ASSERT(LoaderQueueHasRoom_A, take -> load_ready && (Deep || load_count <= stream_count))
  `ASSERT(CountsPositive_A, cmd_valid_i -> cmd.rows != 16'd0 && cmd.ncg != 16'd0 && cmd.kb != 16'd0)
  `ASSERT(KnownWeightFormat_A, cmd_valid_i -> cmd.w_format <= WeightFormatMxfp4)
  `ASSERT_HOLD(CmdHold_A, cmd_valid_i, cmd_ready_o, cmd_i)

endmodule

// wren_dma_walk: expands commands into runs, one per cycle, and joins runs that follow each other in both memories.
//
// Handshake  cmd and run are valid/ready; a payload is stable while valid waits for ready. start_ok_i says that the command shown
//            in next_o may begin to walk (hazards, halt).
// Timing     two cycles from a command to its first run; each joined dimension costs up to five more. The next command is prepared
//            while the present one walks.
// Deep       one cycle more to a command's first run, and the next command is taken a cycle later: the loops count down to zero, and what begins
//            or ends a walk is decided from registers.
// Joining    Dimension 0 with stride len on both sides is one run of n*len bytes; dimensions of one step vanish. Repeated until
//            neither holds. Gather and transpose are never joined.
`include "wren_assert.svh"

module wren_dma_walk
  import wren_dma_pkg::*;
#(
  parameter int unsigned Bus   = 64,       // bytes per beat: width of transposed tiles
  parameter bit          Store = 1'b0,     // commands are stores
  parameter bit          Deep  = 1'b0,
  parameter int unsigned Dims  = WalkDims  // loops that can have more than one step; the others are ignored
) (
  input  logic  clk_i,
  input  logic  rst_ni,

  // Command in
  input  logic  cmd_valid_i,
  output logic  cmd_ready_o,
  input  logic [511:0] cmd_i,

  // Start of the next walk
  output logic  next_valid_o,
  output walk_t next_o,
  input  logic  start_ok_i,
  output logic  start_o,

  // Runs out
  output logic  run_valid_o,
  input  logic  run_ready_i,
  output run_t  run_o
);

  typedef enum logic [1:0] {StEmpty, StFold, StMultiply, StReady} state_e;

  state_e      state_d, state_q;
  walk_t       prep_q;
  logic [31:0] product_q, product;

  // The walk under way
  logic                     busy_q;
  walk_t                    walk_q;
  logic [Dims-1:0][19:0]    index_q;       // of the step; Deep: steps left behind it, and walk_q.n is one less
  logic [Dims-1:0][Aw-1:0]  src_q, dst_q;  // where each dimension's present step began
  logic [Dims-1:0]          at_end, at_end_q;
  logic                     step, last;

  logic foldable, joins, more, drops, folded, cmd_take;

  // --- Preparation ---
  assign foldable = prep_q.kind == KindCopy || prep_q.kind == KindFill;
  assign more     = prep_q.n[1] != 20'd1 || prep_q.n[2] != 20'd1;
  assign joins    = prep_q.n[0] != 20'd1 && prep_q.t[0] == Aw'(prep_q.len)
                    && (prep_q.kind == KindFill || prep_q.s[0] == Aw'(prep_q.len));

  assign cmd_take = cmd_valid_i && cmd_ready_o;

  // Here and in the other parts of the DMA: what counts only in some state is decided under an `if` on that state, so that a simulator
  // leaves it out in all others.
  always_comb begin
    drops  = 1'b0;
    folded = 1'b0;
    if (state_q == StFold) begin
      drops  = foldable && more && prep_q.n[0] == 20'd1;
      folded = !drops && !(foldable && joins);
    end
  end
  always_comb begin
    product = '0;
    if (state_q == StMultiply) product = product_q + prep_q.len * 32'(prep_q.n[0][3:0]);
  end

  assign next_valid_o = state_q == StReady || (!Deep && folded);
  assign next_o       = prep_q;
  assign cmd_ready_o  = state_q == StEmpty || (!Deep && start_o);
  always_comb begin
    start_o = 1'b0;
    if (next_valid_o) start_o = start_ok_i && (!busy_q || (step && last));
  end

  always_comb begin
    state_d = state_q;

    unique case (state_q)
      StEmpty: ;

      // Drop a dimension of one step, or join one whose runs are adjacent, until neither is left.
      StFold: begin
        if (folded) state_d = StReady;
        else if (!drops) state_d = StMultiply;
      end

      // len * n, four bits of n at a time; no multiplier, because the matrix engine needs them all.
      StMultiply: if (prep_q.n[0][19:4] == '0) state_d = StFold;

      StReady: ;

      default: state_d = StEmpty;
    endcase

    if (start_o) state_d = StEmpty;
    if (cmd_take) state_d = StFold;
  end

  always_ff @(posedge clk_i) begin
    if (cmd_take) begin
      if (Store) prep_q <= decode_st(cmd_i);
      else prep_q <= decode_ld(cmd_i, Bus);
    end else if (state_q == StFold) begin
      product_q <= '0;
      if (drops) begin
        prep_q.n[0] <= prep_q.n[1];
        prep_q.s[0] <= prep_q.s[1];
        prep_q.t[0] <= prep_q.t[1];
        prep_q.n[1] <= prep_q.n[2];
        prep_q.s[1] <= prep_q.s[2];
        prep_q.t[1] <= prep_q.t[2];
        prep_q.n[2] <= 20'd1;
      end
    end else if (state_q == StMultiply) begin
      product_q   <= product;
      prep_q.len  <= prep_q.len << 4;
      prep_q.n[0] <= prep_q.n[0] >> 4;
      if (prep_q.n[0][19:4] == '0) begin
        prep_q.len  <= product;
        prep_q.n[0] <= 20'd1;
      end
    end
  end

  // --- Walk ---
  for (genvar d = 0; d < int'(Dims); d++) begin : gen_end
    if (Deep) begin : gen_zero
      assign at_end[d] = at_end_q[d];
    end else begin : gen_last
      logic unused;
      always_comb begin
        at_end[d] = 1'b0;
        if (busy_q) at_end[d] = index_q[d] == walk_q.n[d] - 20'd1;
      end
      assign unused = at_end_q[d];
    end
  end

  assign last        = &at_end;
  assign run_valid_o = busy_q;
  assign step        = busy_q && run_ready_i;

  always_comb begin
    run_o           = '0;
    run_o.kind      = walk_q.kind;
    run_o.src_space = walk_q.src_space;
    run_o.dst_space = walk_q.dst_space;
    run_o.src       = src_q[0];
    run_o.dst       = dst_q[0];
    run_o.len       = (walk_q.kind == KindTranspose && at_end[1]) ? walk_q.tail : walk_q.len;
    run_o.last      = last;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q <= StEmpty;
      busy_q  <= 1'b0;
    end else begin
      state_q <= state_d;
      busy_q  <= start_o || (busy_q && !(step && last));
    end
  end

  // The lowest dimension that is not at its end advances; those below it start again from there.
  always_ff @(posedge clk_i) begin
    if (start_o) begin
      walk_q  <= prep_q;
      index_q <= '0;
      if (Deep) begin
        for (int unsigned d = 0; d < Dims; d++) begin
          walk_q.n[d] <= prep_q.n[d] - 20'd1;
          index_q[d]  <= prep_q.n[d] - 20'd1;
          at_end_q[d] <= prep_q.n[d] == 20'd1;
        end
      end
      src_q   <= {Dims{prep_q.src}};
      dst_q   <= {Dims{prep_q.dst}};
    end else if (step && !last) begin
      logic          done;
      logic [Aw-1:0] src, dst;
      done = 1'b0;
      src  = src_q[0];
      dst  = dst_q[0];
      for (int unsigned d = 0; d < Dims; d++) begin
        if (!done && !at_end[d]) begin
          done = 1'b1;
          src  = src_q[d] + walk_q.s[d];
          dst  = dst_q[d] + walk_q.t[d];
          index_q[d] <= Deep ? index_q[d] - 20'd1 : index_q[d] + 20'd1;
          if (Deep) at_end_q[d] <= index_q[d] == 20'd1;
          for (int unsigned e = 0; e <= d; e++) begin
            src_q[e] <= src;
            dst_q[e] <= dst;
            if (e != d) begin
              index_q[e] <= Deep ? walk_q.n[e] : '0;
              if (Deep) at_end_q[e] <= walk_q.n[e] == '0;
            end
          end
        end
      end
    end
  end

  `ASSERT_HOLD(RunHold_A, run_valid_o, run_ready_i, run_o)
  `ASSERT(CountNonZero_A, start_o -> prep_q.n[0] != '0 && prep_q.len != '0)

endmodule

// wren_vsum: sums of blocks of 32 by the fixed tree (i with i+16, +8, +4, +2, +1), and their running sum over a row.
//
// A block takes 31 additions and one for the row: Lanes adders busy for 32/Lanes cycles. So one vector adder does it all: while a
// block's halves are added, and in between the levels below Lanes values, each on another block ("tail": like a pipeline that moves
// one level per step).
// In         beats of a block come in order, in consecutive cycles; sum_i: this block is to be added (else only its token passes).
// Out        step_o: the oldest block leaves the tail in the next cycle. chain_i (with step_o): add it to the running sum; else the running
//            sum becomes this block's. acc_o: Cycles (1, Deep 6) behind step_o, and no step before that.
// Deep       The adders take four cycles; two lanes only. See gen_deep.
`include "wren_assert.svh"

module wren_vsum #(
  parameter  int unsigned Lanes = 32,
  parameter  bit          Deep  = 1'b0,
  localparam int unsigned Beats = 32 / Lanes,
  localparam int unsigned Bw    = (Beats > 1) ? $clog2(Beats) : 1
) (
  input  logic                   clk_i,
  input  logic                   rst_ni,
  input  logic                   run_i,               // Deep: the adders may move
  input  logic                   v_i,
  input  logic                   sum_i,
  input  logic                   alt_i,               // take the second row
  input  logic [Lanes-1:0][31:0] x_i,
  input  logic [Lanes-1:0][31:0] f_i,
  output logic                   step_o,
  input  logic                   chain_i,
  output logic [31:0]            acc_o
);
  import wren_fp_pkg::*;
  import wren_fp_whole_pkg::*;

  localparam int unsigned L = $clog2(Lanes);
  typedef logic [Lanes-1:0][31:0] row_t;

  // One step of the tail: w enters, every level moves on. Level h adds values of the level above; x + -0 = x.
  function automatic row_t tail_step(input row_t w, input row_t s, input logic step, input logic chain);
    row_t a, b, r;
    for (int unsigned i = 0; i < Lanes/2; i++) begin
      a[i] = w[i];
      b[i] = w[i + Lanes/2];
    end
    for (int unsigned h = Lanes/4; h > 0; h = h/2)
      for (int unsigned i = 0; i < h; i++) begin
        a[Lanes - 2*h + i] = s[Lanes - 4*h + i];
        b[Lanes - 2*h + i] = s[Lanes - 3*h + i];
      end
    a[Lanes-1] = step ? s[Lanes-2] : NegZero;
    b[Lanes-1] = (step && !chain) ? NegZero : s[Lanes-1];
    for (int unsigned i = 0; i < Lanes; i++) r[i] = fp32_add(a[i], b[i]);
    return r;
  endfunction

  if (Deep) begin : gen_deep
    // Two adders of four cycles, 16 beats per block: beat b holds elements 2b and 2b + 1. Cycles behind a block's first beat:
    //    8 .. 15  p[i] = beat i + beat 8+i           as the beats come
    //   16 .. 19  r[i] = p[i] + p[4+i], i < 4        the second operand is what the adders give in that cycle
    //   22, 23    u[i] = r[i] + r[2+i], i < 2        likewise
    //   then      s = u[0] + u[1];  then in adder 0  sum = s[0] + s[1];  then in adder 1  acc = acc + sum
    // The next block begins 16 cycles later or more, so the first three rows never meet. The last three go when the adders are free,
    // which they are in two cycles of 16 at least (20, 21): the younger blocks' u meanwhile, the older ones' s and sum together before.
    // The cycle in which all this is decided is the one before the adders': the operands are in registers then, but for what the adders give.
    logic [3:0]  beat_q;
    logic [2:0]  after_q;                              // cycle behind the last beat
    logic        after_v_q;
    logic        halves, quarters, eighths, free;
    logic        may_sum, may_acc, go_s, go_sum, go_acc;
    logic [31:0] h0_q [8];
    logic [31:0] h1_q [8];
    row_t        p_q [4];
    row_t        r_q [2];
    row_t        u_q [2];
    row_t        sv_q;
    logic [31:0] sum_q, acc_q;
    row_t        entry, a, b, a_q, b_q, y;
    logic        again_q;                              // the second operand is the adders' result
    logic        u_valid_q, sv_valid_q, sum_valid_q;

    // What is in the adders: bit i, decided i+1 cycles ago
    logic [4:0] in_p_q, in_r_q, in_u_q, in_s_q, in_sum_q, in_acc_q;
    logic [1:0] place_q [5];

    assign halves   = v_i && beat_q[3];
    assign quarters = after_v_q && !after_q[2];
    assign eighths  = after_v_q && after_q[2:1] == 2'b11;
    assign free     = !halves && !quarters && !eighths;
    assign may_acc  = sum_valid_q && in_acc_q == '0;
    assign may_sum  = sv_valid_q && in_sum_q == '0 && (!sum_valid_q || may_acc);
    assign go_acc   = free && may_acc;
    assign go_sum   = free && may_sum;
    assign go_s     = free && !go_sum && !go_acc && u_valid_q && !sv_valid_q && in_s_q == '0;
    assign step_o   = go_acc;
    assign acc_o    = acc_q;

    always_comb begin
      entry = x_i;
      if (alt_i) entry = f_i;
      a = {h1_q[beat_q[2:0]], h0_q[beat_q[2:0]]};
      b = entry;
      if (quarters) begin
        a = p_q[after_q[1:0]];
      end else if (eighths) begin
        a = r_q[after_q[0]];
      end else if (!halves) begin
        a = u_q[0];
        b = u_q[1];
        if (may_sum || may_acc) begin                  // that they are free is decided elsewhere
          a = {sum_q, sv_q[0]};
          b = {chain_i ? acc_q : NegZero, sv_q[1]};    // x + -0 = x
        end
      end
    end

    wren_vadd #(.Lanes(Lanes), .Deep(1'b1)) u_add (
      .clk_i(clk_i), .en_i(run_i), .none_i(1'b0), .vec_i(1'b1), .s_i('0), .a_i(a_q), .b_i(again_q ? y : b_q), .y_o(y)
    );

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        beat_q      <= '0;
        after_q     <= '0;
        after_v_q   <= 1'b0;
        in_p_q      <= '0;
        in_r_q      <= '0;
        in_u_q      <= '0;
        in_s_q      <= '0;
        in_sum_q    <= '0;
        in_acc_q    <= '0;
        u_valid_q   <= 1'b0;
        sv_valid_q  <= 1'b0;
        sum_valid_q <= 1'b0;
      end else begin
        if (v_i) beat_q <= beat_q + 4'd1;
        if (v_i && beat_q == 4'd15) after_v_q <= 1'b1;
        else if (after_q == 3'd7) after_v_q <= 1'b0;
        if (after_v_q) after_q <= after_q + 3'd1;
        in_p_q    <= {in_p_q[3:0], halves && !beat_q[2]};
        in_r_q    <= {in_r_q[3:0], quarters && !after_q[1]};
        in_u_q    <= {in_u_q[3:0], eighths};
        in_s_q    <= {in_s_q[3:0], go_s};
        in_sum_q  <= {in_sum_q[3:0], go_sum};
        in_acc_q  <= {in_acc_q[3:0], go_acc};
        if (in_u_q[4] && place_q[4][0]) u_valid_q <= 1'b1;
        else if (go_s) u_valid_q <= 1'b0;
        if (in_s_q[4]) sv_valid_q <= 1'b1;
        else if (go_sum) sv_valid_q <= 1'b0;
        if (in_sum_q[4]) sum_valid_q <= 1'b1;
        else if (go_acc) sum_valid_q <= 1'b0;
      end
    end
    always_ff @(posedge clk_i) begin
      if (v_i && !beat_q[3]) begin
        h0_q[beat_q[2:0]] <= entry[0];
        h1_q[beat_q[2:0]] <= entry[1];
      end
      if (run_i) begin
        a_q     <= a;
        b_q     <= b;
        again_q <= quarters || eighths;
      end
      place_q[0] <= halves ? beat_q[1:0] : after_q[1:0];
      for (int unsigned i = 1; i < 5; i++) place_q[i] <= place_q[i-1];
      if (in_p_q[4]) p_q[place_q[4]] <= y;
      if (in_r_q[4]) r_q[place_q[4][0]] <= y;
      if (in_u_q[4]) u_q[place_q[4][0]] <= y;
      if (in_s_q[4]) sv_q <= y;
      if (in_sum_q[4]) sum_q <= y[0];
      if (in_acc_q[4]) acc_q <= y[1];
    end

    logic unused;
    assign unused = sum_i;

    `ASSERT_INIT(TwoLanes_A, Lanes == 2)
    `ASSERT(AdderFree_A, !(halves && (quarters || eighths)))
    `ASSERT(RowsTaken_A, in_u_q[4] -> !u_valid_q)
  end else if (Beats == 1) begin : gen_whole
    logic unused;
    assign unused = run_i;
    logic [L-1:0] tail_v_q, tail_sum_q;                  // bit i: a block has passed i+1 levels of the tail; is it added
    row_t         s_q;                                   // the adders' results of the last step: {acc, sum, 2, 4, ..}
    logic         busy;
    assign busy   = (v_i && sum_i) || tail_sum_q != '0;
    assign step_o = tail_v_q[L-1];
    assign acc_o  = s_q[Lanes-1];

    function automatic row_t entry();
      row_t r;
      r = x_i;
      if (alt_i) r = f_i;
      return r;
    endfunction

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        tail_v_q   <= '0;
        tail_sum_q <= '0;
      end else begin
        tail_v_q   <= {tail_v_q[L-2:0], v_i};
        tail_sum_q <= {tail_sum_q[L-2:0], v_i && sum_i};
      end
    end
    always_ff @(posedge clk_i) begin
      if (busy) s_q <= tail_step(entry(), s_q, step_o, chain_i);
    end
  end else begin : gen_beats
    logic unused;
    assign unused = run_i;
    logic [L-1:0] tail_v_q, tail_sum_q;                  // bit i: a block has passed i+1 levels of the tail; is it added
    row_t         s_q;                                   // the adders' results of the last step: {acc, sum, 2, 4, ..}

    // Rows of a block: first halves wait in h_q, sums of halves in p_q.
    localparam int unsigned H  = Beats / 2;
    localparam int unsigned Hw = (H > 1) ? $clog2(H) : 1;
    localparam int unsigned Rw = $clog2(H + 1);
    logic [Bw-1:0] beat_q;
    row_t          h_q [H];
    row_t          y_q;                                // the adders' last result, when it is a row
    row_t          p_q [H];
    logic          add_halves, add_rows, tail;
    logic          y_valid_q;
    logic [Hw-1:0] place, y_place_q;                   // which row of a half
    logic [Rw-1:0] row_step_q;                         // additions of rows left before the tail
    logic          rows_q, rows_sum_q;                 // a block waits for the tail
    logic          enter;

    assign place      = (H > 1) ? beat_q[Hw-1:0] : '0;
    assign add_halves = v_i && beat_q >= Bw'(H);
    assign add_rows   = !add_halves && row_step_q != '0;
    assign tail       = !add_halves && !add_rows && (rows_q || tail_v_q != '0);
    assign enter      = tail && rows_q;
    assign step_o     = tail && tail_v_q[L-1];

    function automatic row_t add_row(input row_t a, input row_t b);
      for (int unsigned i = 0; i < Lanes; i++) add_row[i] = fp32_add(a[i], b[i]);
    endfunction

    // One vector adder: its operands by what this cycle does
    function automatic row_t entry();
      row_t r;
      r = x_i;
      if (alt_i) r = f_i;
      return r;
    endfunction
    // Additions of rows, by how many are left: of four, p0 + p2, p1 + p3, p0 + p1; the last one's second operand is still in y_q.
    function automatic logic [Hw-1:0] row_of(input logic [Rw-1:0] left);
      logic [Hw-1:0] r;
      r = '0;
      for (int unsigned h = 2; h < H; h = 2*h) if (32'(left) >= h) r = Hw'(2*h - 1 - 32'(left));
      return r;
    endfunction
    function automatic logic [Hw-1:0] partner_of(input logic [Rw-1:0] left);
      logic [Hw-1:0] r;
      r = '0;
      for (int unsigned h = 2; h < H; h = 2*h) if (32'(left) >= h) r = Hw'(3*h - 1 - 32'(left));
      return r;
    endfunction
    function automatic row_t operand_a(input logic halves, input logic rows, input logic [Rw-1:0] left, input row_t s, input logic step);
      row_t r;
      for (int unsigned i = 0; i < Lanes/2; i++) r[i] = y_q[i];
      for (int unsigned h = Lanes/4; h > 0; h = h/2)
        for (int unsigned i = 0; i < h; i++) r[Lanes - 2*h + i] = s[Lanes - 4*h + i];
      r[Lanes-1] = step ? s[Lanes-2] : NegZero;
      if (rows) r = p_q[row_of(left)];
      if (halves) r = h_q[place];
      return r;
    endfunction
    function automatic row_t operand_b(input logic halves, input logic rows, input logic [Rw-1:0] left, input row_t s, input logic step,
                                       input logic chain);
      row_t r;
      for (int unsigned i = 0; i < Lanes/2; i++) r[i] = y_q[i + Lanes/2];
      for (int unsigned h = Lanes/4; h > 0; h = h/2)
        for (int unsigned i = 0; i < h; i++) r[Lanes - 2*h + i] = s[Lanes - 3*h + i];
      r[Lanes-1] = (step && !chain) ? NegZero : s[Lanes-1];
      if (rows) begin
        r = y_q;
        if (left != Rw'(1)) r = p_q[partner_of(left)];
      end
      if (halves) r = entry();
      return r;
    endfunction

    logic tail_q;
    row_t s;
    assign s     = tail_q ? y_q : s_q;
    assign acc_o = s[Lanes-1];

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        beat_q     <= '0;
        row_step_q <= '0;
        rows_q     <= 1'b0;
        y_valid_q  <= 1'b0;
        tail_q     <= 1'b0;
        tail_v_q   <= '0;
        tail_sum_q <= '0;
      end else begin
        if (v_i) beat_q <= beat_q + Bw'(1);
        if (add_halves && beat_q == Bw'(Beats - 1)) begin
          row_step_q <= Rw'(H - 1);
          rows_q     <= 1'b1;
        end else begin
          if (add_rows) row_step_q <= row_step_q - Rw'(1);
          if (enter) rows_q <= 1'b0;
        end
        y_valid_q <= add_halves || add_rows;
        tail_q    <= tail;
        if (tail) begin
          tail_v_q   <= L'({tail_v_q, enter});
          tail_sum_q <= L'({tail_sum_q, enter && rows_sum_q});
        end
      end
    end
    always_ff @(posedge clk_i) begin
      if (v_i && beat_q < Bw'(H)) h_q[place] <= entry();
      if (add_halves || add_rows || tail) begin
        y_q <= add_row(operand_a(add_halves, add_rows, row_step_q, s, step_o), operand_b(add_halves, add_rows, row_step_q, s, step_o, chain_i));
      end
      if (add_halves) begin
        y_place_q  <= place;
        rows_sum_q <= sum_i;
      end
      if (add_rows) y_place_q <= row_of(row_step_q);
      if (y_valid_q) p_q[y_place_q] <= y_q;
      if (tail_q) s_q <= y_q;
    end

    // A block enters the tail right behind its last addition of rows, while that is in y_q.
    `ASSERT(EnterAtOnce_A, enter -> y_valid_q)
  end

endmodule

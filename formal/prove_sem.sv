// What wren_sem promises about semaphore Sem (they are all alike): it counts posts and takes, a wait is said to hold only when it does, it never falls
// below 0, and a post beyond its largest value is dropped and reported. Requesters keep their waits until they are taken.
module prove_sem
  import wren_pkg::*;
  import wren_cmd_pkg::*;
#(
  parameter bit          Serial = 1'b0,
  parameter int unsigned Sem    = 0
) (
  input logic                       clk_i,
  input logic                       rst_ni,
  input logic      [NumEngines-1:0] valid_i,
  input sem_pair_t [NumEngines-1:0] waits_i,
  input logic                       take_i,
  input logic      [2:0]            who_i,    // is taken
  input logic                       post_i,
  input sem_pair_t                  posts_i
);

  typedef logic [SemWidth:0] sum_t;

  sem_pair_t             waits [NumEngines];
  sem_pair_t             taken;
  logic [NumEngines-1:0] hold, lacks;
  logic [4:0]            short_of [NumEngines];
  logic                  post_ready, overflow;
  logic [4:0]            overflow_sem;

  for (genvar e = 0; e < NumEngines; e++) begin : gen_waits
    assign waits[e] = waits_i[e];
  end
  assign taken = waits_i[who_i];

  wren_sem #(.Serial(Serial)) dut (
    .clk_i(clk_i), .rst_ni(rst_ni), .valid_i(valid_i), .waits_i(waits), .hold_o(hold), .lacks_o(lacks), .short_o(short_of),
    .take_i(take_i), .take_waits_i(taken), .post_ready_o(post_ready), .post_i(post_i), .posts_i(posts_i), .overflow_o(overflow),
    .overflow_sem_o(overflow_sem)
  );

  localparam logic [4:0] S = 5'(Sem);

  // The value of the semaphore as the interface tells it.
  logic [SemWidth-1:0]        value_q;
  logic                       started_q;
  logic [1:0]                 dropped_q;    // posts that were dropped and not yet reported
  logic [NumEngines-1:0]      waiting_q;
  sem_pair_t [NumEngines-1:0] waits_q;

  // What a pair asks of the semaphore, and what a pair of posts makes of it.
  typedef struct packed {
    logic [1:0]          drops;
    logic [SemWidth-1:0] value;
  } post_t;
  function automatic sum_t need(input sem_pair_t w, input logic [4:0] s);
    return ((w.sem0 == s) ? sum_t'(w.cnt0) : '0) + ((w.sem1 == s) ? sum_t'(w.cnt1) : '0);
  endfunction
  function automatic post_t add(input post_t at, input logic [SemWidth-1:0] count);
    sum_t sum;
    sum = sum_t'(at.value) + sum_t'(count);
    return sum[SemWidth] ? '{drops: at.drops + 2'd1, value: at.value} : '{drops: at.drops, value: sum[SemWidth-1:0]};
  endfunction
  function automatic post_t posted(input logic [SemWidth-1:0] value, input logic first, input logic second, input sem_pair_t p,
                                   input logic [4:0] s);
    post_t r;
    r = '{drops: 2'd0, value: value};
    if (first && p.sem0 == s) r = add(r, p.cnt0);
    if (second && p.sem1 == s) r = add(r, p.cnt1);
    return r;
  endfunction

  logic [SemWidth-1:0] left;
  post_t               after;
  logic                reported;
  assign left  = take_i ? value_q - SemWidth'(need(taken, S)) : value_q;
  assign after = posted(left, post_i, post_i, posts_i, S);
  assign reported = overflow && (!Serial || overflow_sem == S);   // the large form reports both drops of a command at once

  initial started_q = 1'b0;
  always_ff @(posedge clk_i) begin
    started_q <= 1'b1;
    waits_q   <= waits_i;
    if (!rst_ni) begin
      value_q   <= '0;
      dropped_q <= '0;
      waiting_q <= '0;
    end else begin
      value_q   <= after.value;
      dropped_q <= (post_i ? after.drops : '0) + (reported ? (Serial ? dropped_q - 2'd1 : '0) : dropped_q);
      for (int unsigned e = 0; e < NumEngines; e++) waiting_q[e] <= valid_i[e] && !(take_i && 32'(who_i) == e);
    end
  end

  always_comb if (!started_q) assume (!rst_ni);
  always_comb begin
    assume (!take_i || (32'(who_i) < NumEngines && valid_i[who_i] && hold[who_i]));
    assume (!post_i || post_ready);
    for (int unsigned e = 0; e < NumEngines; e++) assume (!waiting_q[e] || (valid_i[e] && waits_i[e] == waits_q[e]));
  end

  always_comb begin
    if (started_q && rst_ni) begin
      for (int unsigned e = 0; e < NumEngines; e++) begin
        // Said to hold: it does. In the large form also the other way round, for waits that ask of this semaphore alone.
        assert (!(valid_i[e] && hold[e]) || sum_t'(value_q) >= need(waits_i[e], S));
        assert (Serial || !valid_i[e] || waits_i[e].sem0 != S || waits_i[e].cnt1 != '0 ||
                hold[e] == (value_q >= waits_i[e].cnt0));
        assert (Serial || lacks[e] == !hold[e]);
      end
      Reported_A: assert (!(dropped_q != '0 && post_ready) || overflow);
      Real_A:     assert (!(overflow && overflow_sem == S) || dropped_q != '0);
    end
  end

  // What makes these inductive: the value inside.
  if (!Serial) begin : gen_parallel
    always_comb if (started_q && rst_ni) assert (dut.gen_parallel.sems_q[S] == value_q);
  end else begin : gen_serial
    logic [SemWidth-1:0] stored, rest;
    post_t               will;
    assign stored = dut.gen_serial.u_sems0.mem[S];
    assign rest   = (dut.gen_serial.second_q && dut.gen_serial.waits_q.sem1 == S) ? stored - dut.gen_serial.waits_q.cnt1 : stored;
    assign will   = posted(rest, dut.gen_serial.post_q[0], dut.gen_serial.post_q[1], dut.gen_serial.posts_q, S);
    always_comb begin
      if (started_q && rst_ni) begin
        if (dut.gen_serial.clear_q) begin
          assert (value_q == '0 && !dut.gen_serial.second_q && dut.gen_serial.post_q == '0 && dropped_q == '0 && !overflow);
          assert (S >= dut.gen_serial.clear_sem_q || (stored == '0 && dut.gen_serial.u_sems1.mem[S] == '0));
        end else begin
          assert (stored == dut.gen_serial.u_sems1.mem[S]);
          assert (will.value == value_q);
          assert (dropped_q == will.drops + 2'(overflow && overflow_sem == S));
        end
        assert ((dut.gen_serial.pick_q & (dut.gen_serial.pick_q - NumEngines'(1))) == '0);
        for (int unsigned e = 0; e < NumEngines; e++)
          assert (!dut.gen_serial.pick_q[e] || (waiting_q[e] && dut.gen_serial.waits_q == waits_q[e]));
        assert (!dut.gen_serial.second_q || dut.gen_serial.pick_q == '0);
        assert (!dut.gen_serial.second_q || dut.gen_serial.waits_q.sem1 != S || stored >= dut.gen_serial.waits_q.cnt1);
      end
    end
  end

endmodule

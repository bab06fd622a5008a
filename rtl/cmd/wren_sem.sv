// wren_sem: the counting semaphores of one core.
//
// Waits      each requester shows the waits of its next command and sees in the same cycle whether they hold; two waits on one
//            semaphore need the sum. take_i subtracts one requester's waits (the arbiter's choice), both or none.
// Posts      added one command per cycle; two posts to one semaphore add up. A post beyond the largest value is dropped
//            and reported with its semaphore in the next cycle.
// Timing     a post is seen by waits in the next cycle.
`include "wren_assert.svh"

module wren_sem
  import wren_pkg::*;
  import wren_cmd_pkg::*;
(
  input  logic                  clk_i,
  input  logic                  rst_ni,

  // Waits
  input  sem_pair_t             waits_i [NumEngines],
  output logic [NumEngines-1:0] hold_o,
  output logic [4:0]            short_o [NumEngines],   // a semaphore that does not hold yet
  input  logic                  take_i,
  input  sem_pair_t             take_waits_i,

  // Posts
  input  logic                  post_i,
  input  sem_pair_t             posts_i,
  output logic                  overflow_o,
  output logic [4:0]            overflow_sem_o
);

  typedef logic [NumSems-1:0][SemWidth-1:0] sems_t;
  typedef struct packed {
    logic       hold;
    logic [4:0] short_of;
  } test_t;
  typedef struct packed {
    logic       overflow;
    logic [4:0] sem;
    sems_t      sems;
  } post_t;

  sems_t      sems_q;
  logic       overflow_q;
  logic [4:0] overflow_sem_q;

  function automatic test_t test(input sems_t sems, input sem_pair_t w);
    logic [SemWidth:0] need0, need1;
    test_t             r;
    need0 = (SemWidth+1)'(w.cnt0);
    need1 = (SemWidth+1)'(w.cnt1);
    if ((w.sem0 == w.sem1) && (w.cnt0 != '0) && (w.cnt1 != '0)) begin
      need0 = need0 + need1;
      need1 = need0;
    end
    r.short_of = w.sem1;
    r.hold     = (SemWidth+1)'(sems[w.sem1]) >= need1;
    if (w.cnt1 == '0) r.hold = 1'b1;
    if ((w.cnt0 != '0) && ((SemWidth+1)'(sems[w.sem0]) < need0)) begin
      r.hold     = 1'b0;
      r.short_of = w.sem0;
    end
    return r;
  endfunction

  // Takes, then posts.
  function automatic post_t update(input sems_t sems, input logic take, input sem_pair_t w,
                                   input logic post, input sem_pair_t p);
    post_t             r;
    logic [SemWidth:0] sum;
    r = '{overflow: 1'b0, sem: '0, sems: sems};
    if (take) begin
      r.sems[w.sem0] = r.sems[w.sem0] - w.cnt0;
      r.sems[w.sem1] = r.sems[w.sem1] - w.cnt1;
    end
    if (post) begin
      sum = (SemWidth+1)'(r.sems[p.sem0]) + (SemWidth+1)'(p.cnt0);
      if (sum[SemWidth]) begin
        r.overflow = 1'b1;
        r.sem      = p.sem0;
      end else begin
        r.sems[p.sem0] = sum[SemWidth-1:0];
      end
      sum = (SemWidth+1)'(r.sems[p.sem1]) + (SemWidth+1)'(p.cnt1);
      if (sum[SemWidth]) begin
        if (!r.overflow) r.sem = p.sem1;
        r.overflow = 1'b1;
      end else begin
        r.sems[p.sem1] = sum[SemWidth-1:0];
      end
    end
    return r;
  endfunction

  for (genvar e = 0; e < NumEngines; e++) begin : gen_test
    test_t t;
    assign t          = test(sems_q, waits_i[e]);
    assign hold_o[e]  = t.hold;
    assign short_o[e] = t.short_of;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) {overflow_q, overflow_sem_q, sems_q} <= '0;
    else if (take_i || post_i) {overflow_q, overflow_sem_q, sems_q} <= update(sems_q, take_i, take_waits_i, post_i, posts_i);
    else overflow_q <= 1'b0;
  end

  assign overflow_o     = overflow_q;
  assign overflow_sem_o = overflow_sem_q;

  `ASSERT(Take0Holds_A, take_i |-> sems_q[take_waits_i.sem0] >= take_waits_i.cnt0)
  `ASSERT(Take1Holds_A, take_i |-> sems_q[take_waits_i.sem1] >= take_waits_i.cnt1)

endmodule

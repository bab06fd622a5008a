// wren_sem: the counting semaphores of one core.
//
// Waits      each requester shows the waits of its next command (valid_i) and sees whether they hold; two waits on one
//            semaphore need the sum. take_i subtracts one requester's waits (the arbiter's choice), both or none.
// Posts      one command at a time (post_i while post_ready_o); two posts to one semaphore add up. A post beyond the largest value is
//            dropped and reported with its semaphore, before the next command's posts are taken.
// Timing     all requesters' waits are judged in every cycle, and a post is seen by waits in the next cycle.
// Serial     the small form: semaphores in a LUT RAM, one requester judged per cycle in turn, one semaphore written per cycle. hold_o is then a
//            pulse for the requester that was judged, lacks_o the last judgement of each. After reset it takes 32 cycles to clear the RAM.
// Deep       of the small form: hold_o comes a cycle after the judgement, and nothing is judged in that cycle (semaphores cannot fall meanwhile); what is
//            left after a take is worked out with the judgement, and a post takes two cycles. The requester that was chosen meanwhile keeps its turn.
`include "wren_assert.svh"

module wren_sem
  import wren_pkg::*;
  import wren_cmd_pkg::*;
#(
  parameter bit Serial = 1'b0,
  parameter bit Deep   = 1'b0
) (
  input  logic                  clk_i,
  input  logic                  rst_ni,

  // Waits
  input  logic [NumEngines-1:0] valid_i,
  input  sem_pair_t             waits_i [NumEngines],
  output logic [NumEngines-1:0] hold_o,
  output logic [NumEngines-1:0] lacks_o,                // known not to hold
  output logic [4:0]            short_o [NumEngines],   // a semaphore that does not hold yet
  input  logic                  take_i,
  input  sem_pair_t             take_waits_i,

  // Posts
  output logic                  post_ready_o,           // no post is under way
  output logic                  posting_o,              // Deep: one is
  input  logic                  post_i,
  input  sem_pair_t             posts_i,
  output logic                  overflow_o,
  output logic [4:0]            overflow_sem_o
);

  logic       overflow_q;
  logic [4:0] overflow_sem_q;

  if (!Serial) begin : gen_parallel
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
      always_comb begin
        t = '{hold: 1'b1, short_of: '0};                    // who asks nothing lacks nothing
        if (valid_i[e]) t = test(sems_q, waits_i[e]);
      end
      assign hold_o[e]  = t.hold;
      assign lacks_o[e] = !t.hold;
      assign short_o[e] = t.short_of;
    end

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) {overflow_q, overflow_sem_q, sems_q} <= '0;
      else if (take_i || post_i) {overflow_q, overflow_sem_q, sems_q} <= update(sems_q, take_i, take_waits_i, post_i, posts_i);
      else overflow_q <= 1'b0;
    end

    assign post_ready_o = 1'b1;
    assign posting_o    = 1'b0;

    `ASSERT(Take0Holds_A, take_i -> sems_q[take_waits_i.sem0] >= take_waits_i.cnt0)
    `ASSERT(Take1Holds_A, take_i -> sems_q[take_waits_i.sem1] >= take_waits_i.cnt1)
  end else begin : gen_serial
    // A requester is chosen in one cycle and judged in the next; takes and posts go before.
    logic [NumEngines-1:0] pick, pick_q;
    logic [2:0]            pick_index;
    sem_pair_t             waits_q;
    logic [4:0]            judged0_q, judged1_q;         // Deep: semaphores of the judgement before, and whether there is a second one
    logic                  judged_second_q;
    logic [4:0]            take_sem0, take_sem1;         // of the requester that may be taken
    logic                  second_q;                     // the second wait of a take is still to be subtracted
    logic [1:0]            post_q;                       // posts still to be added
    sem_pair_t             posts_q;
    logic [NumEngines-1:0] held_q;                       // Deep: judged in the cycle before, and its waits hold
    logic                  offer;                        // Deep: in this cycle it may be taken
    logic [SemWidth-1:0]   left0_q, left1_q;             // Deep: what a take leaves
    logic [SemWidth:0]     sum_q;                        // Deep: what a post makes
    logic                  summed_q, post_add;           // Deep: sum_q is valid; the post is written in this cycle
    logic                  clear_q;                      // the RAM is being cleared
    logic [4:0]            clear_sem_q;

    logic                  judge;
    logic [4:0]            at0, at1, at_post, we_at;
    logic [SemWidth-1:0]   value0, value1, value_post, we_value, add;
    logic [NumEngines-1:0] req;
    logic [SemWidth:0]     total, sum;
    logic [SemWidth-1:0]   left1;                        // behind a take of both waits
    logic                  same;                         // both waits are for one semaphore
    logic                  we, enough0, enough1, hold, post_of;

    assign offer        = Deep && held_q != '0;
    assign judge        = !clear_q && !second_q && post_q == '0 && !offer;
    assign posting_o    = Deep && post_q != '0;
    assign post_ready_o = Deep ? (!clear_q && post_q == '0) : judge;

    wren_rr_arb #(
      .N(NumEngines)
    ) u_pick (
      .clk_i      (clk_i),
      .rst_ni     (rst_ni),
      .req_i      (req & ~pick_q),
      .take_i     (judge),
      .gnt_o      (pick),
      .gnt_valid_o(),
      .gnt_idx_o  (pick_index)
    );

    if (Deep) begin : gen_req_q
      // Nobody ceases to ask but by a take.
      logic [NumEngines-1:0] req_q;
      always_ff @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) req_q <= '0;
        else req_q <= valid_i & ~(take_i ? held_q : '0);
      end
      assign req = req_q;
    end else begin : gen_req
      assign req = valid_i;
    end

    // Two equal memories, one read per wait; Deep: a third for the posts
    assign post_of = !post_q[0];
    assign at_post = post_of ? posts_q.sem1 : posts_q.sem0;
    assign at0     = (!Deep && post_q != '0) ? at_post : waits_q.sem0;
    assign at1     = waits_q.sem1;
    if (Deep) begin : gen_post_read
      wren_rf_1r1w #(.Width(SemWidth), .Depth(NumSems)) u_sems2 (
        .clk_i(clk_i), .we_i(we), .waddr_i(we_at), .wdata_i(we_value), .raddr_i(at_post), .rdata_o(value_post)
      );
    end else begin : gen_post_at0
      assign value_post = value0;
    end
    assign take_sem0 = Deep ? judged0_q : at0;
    assign take_sem1 = Deep ? judged1_q : at1;

    wren_rf_1r1w #(.Width(SemWidth), .Depth(NumSems)) u_sems0 (
      .clk_i(clk_i), .we_i(we), .waddr_i(we_at), .wdata_i(we_value), .raddr_i(at0), .rdata_o(value0)
    );
    wren_rf_1r1w #(.Width(SemWidth), .Depth(NumSems)) u_sems1 (
      .clk_i(clk_i), .we_i(we), .waddr_i(we_at), .wdata_i(we_value), .raddr_i(at1), .rdata_o(value1)
    );

    // A count of 0 is no wait: any value is enough.
    assign total   = (SemWidth+1)'(waits_q.cnt0) + (SemWidth+1)'(waits_q.cnt1);
    assign same    = waits_q.sem0 == waits_q.sem1;
    assign left1   = value1 - (same ? total[SemWidth-1:0] : waits_q.cnt1);
    assign enough0 = value0 >= waits_q.cnt0;
    assign enough1 = waits_q.cnt1 == '0 || (same ? (SemWidth+1)'(value1) >= total : value1 >= waits_q.cnt1);
    assign hold    = judge && enough0 && enough1;
    if (Deep) begin : gen_held
      assign hold_o = held_q;
    end else begin : gen_hold
      assign hold_o = hold ? pick_q : '0;
    end
    assign add     = post_of ? posts_q.cnt1 : posts_q.cnt0;
    if (Deep) begin : gen_sum_q
      assign sum      = sum_q;
      assign post_add = summed_q;
      always_ff @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) summed_q <= 1'b0;
        else summed_q <= post_q != '0 && !offer && !second_q && !clear_q && !summed_q;
      end
      always_ff @(posedge clk_i) begin
        sum_q <= (SemWidth+1)'(value_post) + (SemWidth+1)'(add);
        if (judge) begin
          {left0_q, left1_q} <= {value0 - waits_q.cnt0, left1};
          {judged0_q, judged1_q, judged_second_q} <= {waits_q.sem0, waits_q.sem1, waits_q.cnt1 != '0};
        end
      end
    end else begin : gen_sum
      assign sum      = (SemWidth+1)'(value_post) + (SemWidth+1)'(add);
      assign post_add = 1'b1;
      assign summed_q = 1'b0;
      assign sum_q    = '0;
      assign {left0_q, left1_q} = '0;
      assign {judged0_q, judged1_q, judged_second_q} = '0;
    end

    // Where and what do not wait for whether.
    always_comb begin
      we       = take_i;
      we_at    = take_sem0;
      we_value = Deep ? left0_q : value0 - waits_q.cnt0;
      if (clear_q) begin
        we       = 1'b1;
        we_at    = clear_sem_q;
        we_value = '0;
      end else if (second_q) begin
        we       = 1'b1;
        we_at    = take_sem1;
        we_value = Deep ? left1_q : value1 - waits_q.cnt1;
      end else if (post_q != '0 && !offer) begin
        we       = post_add && !sum[SemWidth];
        we_at    = at_post;
        we_value = sum[SemWidth-1:0];
      end
    end

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) begin
        pick_q      <= '0;
        held_q      <= '0;
        second_q    <= 1'b0;
        post_q      <= '0;
        clear_q     <= 1'b1;
        clear_sem_q <= '0;
        lacks_o     <= '0;
        overflow_q  <= 1'b0;
      end else begin
        overflow_q <= 1'b0;
        held_q     <= (Deep && hold) ? pick_q : '0;
        if (clear_q) begin
          clear_sem_q <= clear_sem_q + 5'd1;
          clear_q     <= clear_sem_q != '1;
        end else if (second_q) begin
          second_q <= 1'b0;
        end else if (offer) begin
          second_q <= take_i && judged_second_q;
        end else if (post_q != '0) begin
          if (post_add) post_q <= post_of ? '0 : {post_q[1], 1'b0};
          overflow_q <= post_add && sum[SemWidth];
        end else begin
          pick_q   <= (take_i && !Deep) ? '0 : pick;         // what follows a take is judged anew
          second_q <= take_i && waits_q.cnt1 != '0;
          lacks_o  <= (lacks_o & ~pick_q) | ((enough0 && enough1) ? '0 : pick_q);
        end
        if (post_i) post_q <= {posts_i.cnt1 != '0, posts_i.cnt0 != '0};
      end
    end

    always_ff @(posedge clk_i) begin
      if (judge && (Deep || !take_i)) waits_q <= waits_i[pick_index];
      if (post_i) posts_q <= posts_i;
      overflow_sem_q <= at_post;
    end

    for (genvar e = 0; e < NumEngines; e++) begin : gen_short
      always_ff @(posedge clk_i) begin
        if (judge && pick_q[e]) short_o[e] <= enough0 ? waits_q.sem1 : waits_q.sem0;
      end
    end
  end

  assign overflow_o     = overflow_q;
  assign overflow_sem_o = overflow_sem_q;

endmodule

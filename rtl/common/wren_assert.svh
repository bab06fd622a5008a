// Assertion macros. They use the surrounding module's clk_i and rst_ni.
//
//   `ASSERT(Name_A, prop)                         prop holds at every clock edge outside reset
//   `ASSERT_NEXT(Name_A, cause, prop)             prop holds at the edge after one with cause
//   `ASSERT_HOLD(Name_A, valid, ready, payload)   valid and payload hold until ready takes them
//   `ASSERT_INIT(Name_A, cond)                    cond over parameters holds, judged at elaboration
//   `COVER(Name_C, prop)                          counts how often prop holds
//
// prop is an expression; a -> b is implication, and $onehot0 and $countones may be used. A failing assertion
// calls $error, which a test bench turns into a test failure. Synthesis (SYNTHESIS defined) sees
// only ASSERT_INIT.
`ifndef WREN_ASSERT_SVH
`define WREN_ASSERT_SVH

`define ASSERT_INIT(__name, __cond) \
  if (!(__cond)) begin : gen_fail_``__name \
    $error("Parameter check %s does not hold: %s.", `"__name`", `"__cond`"); \
  end

`ifdef SYNTHESIS

`define ASSERT(__name, __prop)
`define ASSERT_NEXT(__name, __cause, __prop)
`define ASSERT_HOLD(__name, __valid, __ready, __payload)
`define COVER(__name, __prop)

`else

// Immediate assertions at the clock edge read what the flip-flops read. Concurrent ones would have a simulator copy every signal
// they name, in every evaluation.
`define ASSERT(__name, __prop) \
  always_ff @(posedge clk_i) begin \
    if (rst_ni) begin \
      __name: assert (__prop) \
        else $error("Assertion %s does not hold: %s.", `"__name`", `"__prop`"); \
    end \
  end

`define ASSERT_NEXT(__name, __cause, __prop) \
  if (1) begin : gen_``__name \
    logic cause_q; \
    always_ff @(posedge clk_i or negedge rst_ni) begin \
      if (!rst_ni) cause_q <= 1'b0; \
      else         cause_q <= (__cause); \
    end \
    `ASSERT(__name, cause_q -> (__prop)) \
  end

// What waits is kept only while it waits: properties with $stable would sample and copy the payload in every cycle, which in wide
// datapaths costs a simulator more than the logic. Two assertions, so that the message says which half broke.
`define ASSERT_HOLD(__name, __valid, __ready, __payload) \
  if (1) begin : gen_``__name \
    logic                         waits_q; \
    logic [$bits(__payload)-1:0]  held_q; \
    always_ff @(posedge clk_i or negedge rst_ni) begin \
      if (!rst_ni) waits_q <= 1'b0; \
      else         waits_q <= (__valid) && !(__ready); \
    end \
    always_ff @(posedge clk_i) begin \
      if ((__valid) && !(__ready)) held_q <= __payload; \
    end \
    always_ff @(posedge clk_i) begin \
      if (rst_ni && waits_q) begin \
        __name``_valid: assert (__valid) \
          else $error("Assertion %s does not hold: %s fell before %s took it.", \
                      `"__name`", `"__valid`", `"__ready`"); \
        __name``_payload: assert (held_q == __payload) \
          else $error("Assertion %s does not hold: %s changed while %s waited for %s.", \
                      `"__name`", `"__payload`", `"__valid`", `"__ready`"); \
      end \
    end \
  end

`define COVER(__name, __prop) \
  __name: cover property (@(posedge clk_i) disable iff (!rst_ni) (__prop));

`endif  // SYNTHESIS
`endif  // WREN_ASSERT_SVH

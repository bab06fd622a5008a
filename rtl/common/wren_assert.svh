// Assertion macros. They use the surrounding module's clk_i and rst_ni.
//
//   `ASSERT(Name_A, prop)                         prop holds at every clock edge outside reset
//   `ASSERT_HOLD(Name_A, valid, ready, payload)   valid and payload hold until ready takes them
//   `ASSERT_INIT(Name_A, cond)                    cond over parameters holds, judged at elaboration
//   `COVER(Name_C, prop)                          counts how often prop holds
//
// The simulated subset is |->, |=>, $past, $stable, $rose, $fell and $onehot0. A failing assertion
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
`define ASSERT_HOLD(__name, __valid, __ready, __payload)
`define COVER(__name, __prop)

`else

`define ASSERT(__name, __prop) \
  __name: assert property (@(posedge clk_i) disable iff (!rst_ni) (__prop)) \
    else $error("Assertion %s does not hold: %s.", `"__name`", `"__prop`");

// Two properties, so that the message says which half broke.
`define ASSERT_HOLD(__name, __valid, __ready, __payload) \
  __name``_valid: assert property (@(posedge clk_i) disable iff (!rst_ni) \
      ((__valid) && !(__ready) |=> (__valid))) \
    else $error("Assertion %s does not hold: %s fell before %s took it.", \
                `"__name`", `"__valid`", `"__ready`"); \
  __name``_payload: assert property (@(posedge clk_i) disable iff (!rst_ni) \
      ((__valid) && !(__ready) |=> $stable(__payload))) \
    else $error("Assertion %s does not hold: %s changed while %s waited for %s.", \
                `"__name`", `"__payload`", `"__valid`", `"__ready`");

`define COVER(__name, __prop) \
  __name: cover property (@(posedge clk_i) disable iff (!rst_ni) (__prop));

`endif  // SYNTHESIS
`endif  // WREN_ASSERT_SVH

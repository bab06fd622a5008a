// wren_rr_arb: grants one of N requests, round robin.
//
// Handshake  gnt_o is one-hot or zero and combinational from req_i; take_i says that the granted transfer happens in this
//            cycle and makes the granted requester the last in line. Without take_i the grant stays where it is as long as
//            no requester in front of it appears: a caller that needs a stable grant must hold its requests.
// Timing     no latency. Every requester that waits is granted after at most N - 1 transfers of others.
`include "wren_assert.svh"

module wren_rr_arb #(
  parameter  int unsigned N  = 4,
  localparam int unsigned Iw = (N > 1) ? $clog2(N) : 1
) (
  input  logic          clk_i,
  input  logic          rst_ni,

  input  logic [N-1:0]  req_i,
  input  logic          take_i,
  output logic [N-1:0]  gnt_o,
  output logic          gnt_valid_o,
  output logic [Iw-1:0] gnt_idx_o
);

  logic [N-1:0] mask_q;  // requesters behind the last one served
  logic [N-1:0] high, pool;

  assign high        = req_i & mask_q;
  assign pool        = (high != '0) ? high : req_i;
  assign gnt_o       = pool & (~pool + N'(1));  // lowest set bit
  assign gnt_valid_o = req_i != '0;

  always_comb begin
    gnt_idx_o = '0;
    for (int unsigned i = 0; i < N; i++) begin
      if (gnt_o[i]) gnt_idx_o = gnt_idx_o | Iw'(i);
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) mask_q <= '0;
    else if (take_i && gnt_valid_o) mask_q <= ~(gnt_o | (gnt_o - N'(1)));
  end

  `ASSERT(GrantOneHot_A, $onehot0(gnt_o))
  `ASSERT(GrantRequested_A, (gnt_o & ~req_i) == '0)

endmodule

// What wren_rr_arb promises: one grant, to somebody who asks, and nobody waits longer than one transfer of everybody else.
module prove_arb #(
  parameter int unsigned N = 5
) (
  input logic         clk_i,
  input logic         rst_ni,
  input logic [N-1:0] req_i,
  input logic         take_i
);

  localparam int unsigned Iw = $clog2(N);
  logic [N-1:0]  gnt;
  logic          gnt_valid;
  logic [Iw-1:0] gnt_idx;

  wren_rr_arb #(.N(N)) dut (
    .clk_i(clk_i), .rst_ni(rst_ni), .req_i(req_i), .take_i(take_i), .gnt_o(gnt), .gnt_valid_o(gnt_valid), .gnt_idx_o(gnt_idx)
  );

  logic                started_q;
  logic [Iw-1:0]       last_q;               // who was served last
  logic [N-1:0][Iw:0]  waited_q;             // transfers of others since this one has asked without a break
  logic [N-1:0][Iw:0]  front;                // how many come before it

  initial started_q = 1'b0;
  always_ff @(posedge clk_i) begin
    started_q <= 1'b1;
    if (!rst_ni) begin
      last_q   <= Iw'(N - 1);
      waited_q <= '0;
    end else begin
      if (take_i && gnt_valid) last_q <= gnt_idx;
      for (int unsigned i = 0; i < N; i++) begin
        if (!req_i[i] || (take_i && gnt[i])) waited_q[i] <= '0;
        else if (take_i) waited_q[i] <= waited_q[i] + (Iw+1)'(1);
      end
    end
  end

  always_comb begin
    for (int unsigned i = 0; i < N; i++) begin
      front[i] = (i > 32'(last_q)) ? (Iw+1)'(i - 32'(last_q) - 1) : (Iw+1)'(i + N - 32'(last_q) - 1);
    end
  end

  always_comb if (!started_q) assume (!rst_ni);
  always_comb begin
    if (started_q && rst_ni) begin
      One_A:    assert ((gnt & (gnt - N'(1))) == '0);
      Asked_A:  assert ((gnt & ~req_i) == '0);
      Some_A:   assert ((gnt != '0) == (req_i != '0) && gnt_valid == (req_i != '0));
      Index_A:  assert (!gnt_valid || gnt == N'(1) << gnt_idx);
      Last_A:   assert (32'(last_q) < N);
      Mask_A:   assert (dut.mask_q == N'(~((2 << last_q) - 1)));
      for (int unsigned i = 0; i < N; i++) begin
        assert (waited_q[i] + front[i] <= (Iw+1)'(N - 1));          // with this, every request is served in time:
        assert (!req_i[i] || waited_q[i] <= (Iw+1)'(N - 1));
      end
    end
  end

endmodule

// wren_axi_checker: watches an AXI4 port and asserts the protocol and Wren's own rules. Simulation only: bind it beside a port.
//
// Rules      payloads hold while valid waits for ready; bursts are INCR, full width, at most 64 beats, inside 4 KiB; no W beat goes
//            ahead of its AW, W bursts have the AW's length; every R beat and B belongs to a transaction under way, and R's last
//            comes with the last beat; every W beat has a strobe.
// Limits     256 transactions under way per ID (reads) and in all (writes).
`include "wren_assert.svh"

module wren_axi_checker #(
  parameter int unsigned Bus = 64
) (
  input logic             clk_i,
  input logic             rst_ni,

  input logic             aw_valid_i,
  input logic             aw_ready_i,
  input logic [3:0]       aw_id_i,
  input logic [39:0]      aw_addr_i,
  input logic [7:0]       aw_len_i,
  input logic [2:0]       aw_size_i,
  input logic [1:0]       aw_burst_i,
  input logic             w_valid_i,
  input logic             w_ready_i,
  input logic [Bus*8-1:0] w_data_i,
  input logic [Bus-1:0]   w_strb_i,
  input logic             w_last_i,
  input logic             b_valid_i,
  input logic             b_ready_i,
  input logic [3:0]       b_id_i,
  input logic [1:0]       b_resp_i,
  input logic             ar_valid_i,
  input logic             ar_ready_i,
  input logic [3:0]       ar_id_i,
  input logic [39:0]      ar_addr_i,
  input logic [7:0]       ar_len_i,
  input logic [2:0]       ar_size_i,
  input logic [1:0]       ar_burst_i,
  input logic             r_valid_i,
  input logic             r_ready_i,
  input logic [3:0]       r_id_i,
  input logic [Bus*8-1:0] r_data_i,
  input logic [1:0]       r_resp_i,
  input logic             r_last_i
);

  localparam int unsigned Lg = $clog2(Bus);

  function automatic logic inside_4k(input logic [39:0] addr, input logic [7:0] len);
    logic [12:0] end_beat;
    end_beat = 13'(addr[11:Lg]) + 13'(len);
    return end_beat <= 13'(4096 / Bus - 1);
  endfunction

  // --- Reads: lengths under way per ID ---
  logic [7:0] r_len [16*256];
  logic [15:0][7:0] r_head_q, r_tail_q, r_beat_q;
  logic             r_known, r_end;

  assign r_known = r_head_q[r_id_i] != r_tail_q[r_id_i];
  assign r_end   = r_beat_q[r_id_i] == r_len[{r_id_i, r_head_q[r_id_i]}];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      r_head_q <= '0;
      r_tail_q <= '0;
      r_beat_q <= '0;
    end else begin
      if (ar_valid_i && ar_ready_i) r_tail_q[ar_id_i] <= r_tail_q[ar_id_i] + 8'd1;
      if (r_valid_i && r_ready_i) begin
        r_beat_q[r_id_i] <= r_last_i ? 8'd0 : r_beat_q[r_id_i] + 8'd1;
        if (r_last_i) r_head_q[r_id_i] <= r_head_q[r_id_i] + 8'd1;
      end
    end
  end

  always_ff @(posedge clk_i) begin
    if (ar_valid_i && ar_ready_i) r_len[{ar_id_i, r_tail_q[ar_id_i]}] <= ar_len_i;
  end

  // --- Writes: lengths in order, W bursts and responses behind them ---
  logic [7:0]  w_len [256];
  logic [7:0]  w_head_q, w_tail_q, w_beat_q;
  logic [8:0]  b_due_q;      // W bursts complete without response
  logic        w_end;

  assign w_end = w_beat_q == w_len[w_head_q];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      w_head_q <= '0;
      w_tail_q <= '0;
      w_beat_q <= '0;
      b_due_q  <= '0;
    end else begin
      if (aw_valid_i && aw_ready_i) begin
        w_len[w_tail_q] <= aw_len_i;
        w_tail_q        <= w_tail_q + 8'd1;
      end
      if (w_valid_i && w_ready_i) begin
        w_beat_q <= w_last_i ? 8'd0 : w_beat_q + 8'd1;
        if (w_last_i) w_head_q <= w_head_q + 8'd1;
      end
      b_due_q <= b_due_q + 9'(w_valid_i && w_ready_i && w_last_i) - 9'(b_valid_i && b_ready_i);
    end
  end

  `ASSERT_HOLD(AwHold_A, aw_valid_i, aw_ready_i, {aw_id_i, aw_addr_i, aw_len_i, aw_size_i, aw_burst_i})
  `ASSERT_HOLD(WHold_A, w_valid_i, w_ready_i, {w_data_i, w_strb_i, w_last_i})
  `ASSERT_HOLD(BHold_A, b_valid_i, b_ready_i, {b_id_i, b_resp_i})
  `ASSERT_HOLD(ArHold_A, ar_valid_i, ar_ready_i, {ar_id_i, ar_addr_i, ar_len_i, ar_size_i, ar_burst_i})
  `ASSERT_HOLD(RHold_A, r_valid_i, r_ready_i, {r_id_i, r_data_i, r_resp_i, r_last_i})
  `ASSERT(AwShape_A, aw_valid_i -> aw_burst_i == 2'b01 && aw_size_i == 3'(Lg) && aw_len_i < 8'd64)
  `ASSERT(ArShape_A, ar_valid_i -> ar_burst_i == 2'b01 && ar_size_i == 3'(Lg) && ar_len_i < 8'd64)
  `ASSERT(AwInside4KiB_A, aw_valid_i -> inside_4k(aw_addr_i, aw_len_i))
  `ASSERT(ArInside4KiB_A, ar_valid_i -> inside_4k(ar_addr_i, ar_len_i))
  `ASSERT(WAfterAw_A, w_valid_i -> w_head_q != w_tail_q)
  `ASSERT(WLast_A, w_valid_i && w_head_q != w_tail_q -> w_last_i == w_end)
  `ASSERT(WStrobed_A, w_valid_i -> w_strb_i != '0)
  `ASSERT(BExpected_A, b_valid_i -> b_due_q != '0)
  `ASSERT(RExpected_A, r_valid_i -> r_known)
  `ASSERT(RLast_A, r_valid_i && r_known -> r_last_i == r_end)

endmodule

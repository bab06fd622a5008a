// What wren_fetch promises about the ring: it asks for every command once, in order, only for commands that have been written, in
// bursts inside the ring that cross no 256 bytes (so no 4 KiB); it never has more under way than its queue holds; and an error
// names the address it came from. The host moves the tail by up to the room in the ring; memory answers what was asked, at any time.
module prove_ring
  import wren_pkg::*;
#(
  parameter int unsigned Bus   = 16,
  parameter int unsigned Depth = 4
) (
  input logic        clk_i,
  input logic        rst_ni,
  input logic        enable_i,
  input logic [7:0]  more_i,      // commands that the host adds
  input logic        ar_ready_i,
  input logic        r_valid_i,
  input logic        r_err_i,
  input logic [1:0]  r_resp_i,
  input logic        cmd_ready_i
);

  localparam int unsigned Beats = 64 / Bus;
  localparam int unsigned RingLog = 6;      // the largest ring here: 64 commands
  localparam int unsigned Pw      = $clog2(Depth);   // Depth is a power of two here

  logic                    ar_valid, cmd_valid, cmd_err;
  logic [ExtAddrWidth-1:0] ar_addr, err_addr;
  logic [7:0]              ar_len;
  logic [CmdBits-1:0]      cmd;
  logic [1:0]              cmd_resp;

  // Drawn before the first cycle and kept
  logic [ExtAddrWidth-7:0] base_q;
  logic [RingLog-1:0]      mask_q;

  logic [31:0] tail_q;
  wren_fetch #(.Bus(Bus), .Depth(Depth)) dut (
    .clk_i(clk_i), .rst_ni(rst_ni), .enable_i(enable_i), .ring_base_i({base_q, 6'd0}), .ring_mask_i(16'(mask_q)), .tail_i(tail_q),
    .fetch_ar_valid_o(ar_valid), .fetch_ar_ready_i(ar_ready_i), .fetch_ar_addr_o(ar_addr), .fetch_ar_len_o(ar_len),
    .fetch_r_valid_i(r_valid_i), .fetch_r_data_i('0), .fetch_r_err_i(r_err_i), .fetch_r_resp_i(r_resp_i),
    .cmd_valid_o(cmd_valid), .cmd_ready_i(cmd_ready_i), .cmd_o(cmd), .cmd_err_o(cmd_err), .cmd_resp_o(cmd_resp), .cmd_err_addr_o(err_addr)
  );

  logic        started_q;
  logic [31:0] asked_q, out_q;   // commands whose burst was accepted; commands that have left
  logic [7:0]  owed_q;           // beats that memory still has to send
  logic [7:0]  beats, commands;
  logic [39:0] last;

  assign beats    = ar_len + 8'd1;
  assign commands = beats / 8'(Beats);
  assign last     = ar_addr + 40'(beats) * 40'(Bus) - 40'd1;

  initial started_q = 1'b0;
  always_ff @(posedge clk_i) begin
    started_q <= 1'b1;
    base_q    <= base_q;
    mask_q    <= mask_q;
    if (!rst_ni) begin
      {tail_q, asked_q, out_q, owed_q} <= '0;
    end else begin
      tail_q <= tail_q + 32'(more_i);
      if (ar_valid && ar_ready_i) asked_q <= asked_q + 32'(commands);
      owed_q <= owed_q + ((ar_valid && ar_ready_i) ? beats : 8'd0) - 8'(r_valid_i);
      if (cmd_valid && cmd_ready_i) out_q <= out_q + 32'd1;
    end
  end

  always_comb if (!started_q) assume (!rst_ni);
  always_comb begin
    assume ((mask_q & (mask_q + RingLog'(1))) == '0);                         // a power of two
    assume ((ExtAddrWidth-5)'(base_q) + (ExtAddrWidth-5)'(mask_q) < (ExtAddrWidth-5)'({(ExtAddrWidth-6){1'b1}}));   // the ring ends in memory
    assume (tail_q + 32'(more_i) - out_q <= 32'(mask_q) + 32'd1);             // the host overwrites nothing that has not left
    assume (!r_valid_i || owed_q != '0);
  end

  function automatic logic [Pw-1:0] behind(input logic [Pw-1:0] place, input logic [Pw-1:0] first);
    return place - first;
  endfunction

  logic [31:0] pending;
  assign pending = ar_valid ? 32'(commands) : 32'd0;
  always_comb begin
    if (started_q && rst_ni) begin
      if (ar_valid) begin
        Order_A:   assert (ar_addr == {base_q, 6'd0} + 40'({asked_q[RingLog-1:0] & mask_q, 6'd0}));
        Legal_A:   assert (32'(beats) % Beats == 0 && commands >= 8'd1 && commands <= 8'd4);
        Line_A:    assert (ar_addr[39:8] == last[39:8]);
        InRing_A:  assert (32'(asked_q[RingLog-1:0] & mask_q) + 32'(commands) <= 32'(mask_q) + 32'd1);
        Written_A: assert (tail_q - asked_q >= 32'(commands));
      end
      Room_A:    assert (asked_q + pending - out_q <= 32'(Depth));
      Queue_A:   assert (!(dut.push) || dut.wr_ready);
      Address_A: assert (!cmd_valid || err_addr[39:6] == base_q + 34'(out_q[RingLog-1:0] & mask_q));
      Ahead_A:   assert (tail_q - out_q <= 32'(mask_q) + 32'd1 && asked_q + pending - out_q <= tail_q - out_q);
      // What makes these inductive: the counters inside, and where every command under way is.
      Next_A:    assert (dut.next_q == asked_q + pending);
      Out_A:     assert (dut.out_q == out_q);
      Under_A:   assert ((asked_q - out_q) * 32'(Beats) == 32'(dut.count) * 32'(Beats) + 32'(dut.beat_q) + 32'(owed_q));
      Beat_A:    assert (32'(dut.beat_q) < Beats);
      Fifo_A:    assert (32'(dut.count) <= Depth && dut.u_queue.wr_ptr_q == dut.u_queue.rd_ptr_q + Pw'(dut.count));
      for (int unsigned i = 0; i < Depth; i++)       // notes of commands in the queue: a beat of theirs
        assert (32'(behind(Pw'(i), dut.u_queue.rd_ptr_q)) >= 32'(dut.count) || 32'(dut.u_queue.u_mem.mem[i][CmdBits +: 2]) < Beats);
    end
  end

endmodule

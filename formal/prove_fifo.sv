// What wren_fifo promises, against a count of what went in and came out, and one word (any) followed on its way.
module prove_fifo #(
  parameter int unsigned Width = 4,
  parameter int unsigned Depth = 5
) (
  input logic             clk_i,
  input logic             rst_ni,
  input logic             flush_i,
  input logic             wr_valid_i,
  input logic [Width-1:0] wr_data_i,
  input logic             rd_ready_i,
  input logic             follow_i      // the word written now is the one to follow
);

  localparam int unsigned Cw = $clog2(Depth + 1), Pw = (Depth > 1) ? $clog2(Depth) : 1;
  logic             wr_ready, rd_valid;
  logic [Width-1:0] rd_data;
  logic [Cw-1:0]    count;

  wren_fifo #(.Width(Width), .Depth(Depth)) dut (
    .clk_i(clk_i), .rst_ni(rst_ni), .flush_i(flush_i), .wr_valid_i(wr_valid_i), .wr_ready_o(wr_ready), .wr_data_i(wr_data_i),
    .rd_valid_o(rd_valid), .rd_ready_i(rd_ready_i), .rd_data_o(rd_data), .count_o(count)
  );

  logic             push, pop, started_q, follows_q;
  logic [Cw-1:0]    held_q, ahead_q;    // words inside; words in front of the followed one
  logic [Width-1:0] word_q;
  logic [Cw:0]      place, next;        // of the followed word in the memory; of the next to be written
  assign push  = wr_valid_i && wr_ready;
  assign pop   = rd_valid && rd_ready_i;
  function automatic logic [Cw:0] wrap(input logic [Cw:0] at);
    return (32'(at) >= Depth) ? at - (Cw+1)'(Depth) : at;
  endfunction
  assign place = wrap((Cw+1)'(dut.rd_ptr_q) + (Cw+1)'(ahead_q));
  assign next  = wrap((Cw+1)'(dut.rd_ptr_q) + (Cw+1)'(held_q));

  initial started_q = 1'b0;
  always_ff @(posedge clk_i) begin
    started_q <= 1'b1;
    if (!rst_ni || flush_i) begin
      held_q    <= '0;
      follows_q <= 1'b0;
    end else begin
      held_q <= held_q + Cw'(push) - Cw'(pop);
      if (!follows_q && push && follow_i) begin
        follows_q <= 1'b1;
        word_q    <= wr_data_i;
        ahead_q   <= held_q - Cw'(pop);
      end else if (follows_q && pop) begin
        if (ahead_q == '0) follows_q <= 1'b0;
        else ahead_q <= ahead_q - Cw'(1);
      end
    end
  end

  always_comb if (!started_q) assume (!rst_ni);
  always_comb begin
    if (started_q && rst_ni) begin
      Count_A:   assert (count == held_q && held_q <= Cw'(Depth));
      Ready_A:   assert (wr_ready == (held_q != Cw'(Depth)));
      Valid_A:   assert (rd_valid == (held_q != '0));
      Inside_A:  assert (!follows_q || ahead_q < held_q);
      InOrder_A: assert (!(follows_q && ahead_q == '0) || rd_data == word_q);
      // What makes these inductive: where the pointers are, and the followed word in the memory.
      Read_A:    assert (32'(dut.rd_ptr_q) < Depth && 32'(dut.wr_ptr_q) < Depth);
      Write_A:   assert (next == (Cw+1)'(dut.wr_ptr_q));
      Place_A:   assert (!follows_q || dut.u_mem.mem[place[Pw-1:0]] == word_q);
    end
  end

endmodule

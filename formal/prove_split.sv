// What wren_dma_split promises: bursts that touch exactly the beats of the range, in order, and none across 4 KiB.
module prove_split
  import wren_dma_pkg::*;
#(
  parameter int unsigned Bus = 64
) (
  input logic          clk_i,
  input logic          rst_ni,
  input logic          range_valid_i,
  input logic [Aw-1:0] range_addr_i,
  input logic [31:0]   range_len_i,
  input logic          range_single_i,
  input logic [3:0]    range_user_i,
  input logic          burst_ready_i
);

  localparam int unsigned Lg = $clog2(Bus);
  logic          range_ready, burst_valid, burst_last;
  logic [Aw-1:0] burst_addr;
  logic [7:0]    burst_len;
  logic [3:0]    burst_user;

  wren_dma_split #(.Bus(Bus), .UserW(4)) dut (
    .clk_i(clk_i), .rst_ni(rst_ni), .range_valid_i(range_valid_i), .range_ready_o(range_ready), .range_addr_i(range_addr_i),
    .range_len_i(range_len_i), .range_single_i(range_single_i), .range_user_i(range_user_i), .burst_valid_o(burst_valid),
    .burst_ready_i(burst_ready_i), .burst_addr_o(burst_addr), .burst_len_o(burst_len), .burst_last_o(burst_last), .burst_user_o(burst_user)
  );

  logic             started_q, open_q, single_q;
  logic [Aw-Lg-1:0] next_q, end_q;              // first beat that has not been sent; first beat behind the range
  logic [3:0]       user_q;
  logic [Aw-1:0]    last_byte;
  logic [Aw-Lg-1:0] beats;

  assign last_byte = range_addr_i + Aw'(range_len_i) - Aw'(1);
  assign beats     = (Aw-Lg)'(burst_len) + (Aw-Lg)'(1);

  initial started_q = 1'b0;
  always_ff @(posedge clk_i) begin
    started_q <= 1'b1;
    if (!rst_ni) open_q <= 1'b0;
    else begin
      if (burst_valid && burst_ready_i) begin
        next_q <= next_q + beats;
        if (burst_last) open_q <= 1'b0;
      end
      if (range_valid_i && range_ready) begin
        open_q   <= 1'b1;
        next_q   <= range_addr_i[Aw-1:Lg];
        end_q    <= last_byte[Aw-1:Lg] + (Aw-Lg)'(1);
        single_q <= range_single_i;
        user_q   <= range_user_i;
      end
    end
  end

  always_comb if (!started_q) assume (!rst_ni);
  // A range has bytes, fewer than 2^32 by two beats (what the on-chip memories hold is far less), and ends below 2^40 with a beat to spare.
  always_comb assume (!range_valid_i || range_len_i <= 32'hFFFF_FFFF - 32'(2 * Bus));
  always_comb assume (!range_valid_i || (range_len_i != '0 && {1'b0, range_addr_i} + (Aw+1)'(range_len_i) <= (Aw+1)'({1'b0, {Aw{1'b1}}}) - (Aw+1)'(Bus)));
  always_comb begin
    if (started_q && rst_ni) begin
      Valid_A:    assert (burst_valid == open_q);
      Ready_A:    assert (range_ready == (!open_q || (burst_ready_i && burst_last)));
      if (open_q) begin
        Left_A:     assert (next_q < end_q && dut.left_q == 32'(end_q - next_q) && 40'(end_q - next_q) <= 40'h1_0000_0000);
        Next_A:     assert (dut.beat_q == next_q && dut.single_q == single_q);
        Address_A:  assert (burst_addr == {next_q, Lg'(0)} && burst_user == user_q);
        Length_A:   assert (burst_len < 8'd64 && (!single_q || burst_len == 8'd0));
        Inside_A:   assert (beats <= end_q - next_q);
        End_A:      assert (burst_last == (beats == end_q - next_q));
        Page_A:     assert (burst_addr[Aw-1:12] == Aw'(burst_addr + Aw'(beats) * Aw'(Bus) - Aw'(1)) >> 12);
      end
    end
  end

endmodule

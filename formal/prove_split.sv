// What wren_dma_split promises: bursts that touch exactly the beats of the range, in order, and none across 4 KiB.
module prove_split
  import wren_dma_pkg::*;
#(
  parameter int unsigned Bus  = 64,
  parameter bit          Deep = 1'b0
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

  wren_dma_split #(.Bus(Bus), .UserW(4), .Deep(Deep)) dut (
    .clk_i(clk_i), .rst_ni(rst_ni), .range_valid_i(range_valid_i), .range_ready_o(range_ready), .range_addr_i(range_addr_i),
    .range_len_i(range_len_i), .range_single_i(range_single_i), .range_user_i(range_user_i), .burst_valid_o(burst_valid),
    .burst_ready_i(burst_ready_i), .burst_addr_o(burst_addr), .burst_len_o(burst_len), .burst_last_o(burst_last), .burst_user_o(burst_user)
  );

  logic             started_q, open_q, single_q;
  logic [Aw-Lg-1:0] next_q, end_q;              // first beat that has not been sent; first beat behind the range
  logic [3:0]       user_q;
  logic             taken, ends;
  logic             wait_q, wait_single_q;      // Deep: a range that has been taken and has no burst yet
  logic [Aw-Lg-1:0] wait_next_q, wait_end_q;
  logic [3:0]       wait_user_q;
  logic [Aw-1:0]    last_byte;
  logic [Aw-Lg-1:0] beats;

  assign last_byte = range_addr_i + Aw'(range_len_i) - Aw'(1);
  assign beats     = (Aw-Lg)'(burst_len) + (Aw-Lg)'(1);
  assign taken     = range_valid_i && range_ready;
  assign ends      = burst_valid && burst_ready_i && burst_last;

  initial started_q = 1'b0;
  always_ff @(posedge clk_i) begin
    started_q <= 1'b1;
    if (!rst_ni) {open_q, wait_q} <= '0;
    else begin
      if (burst_valid && burst_ready_i) next_q <= next_q + beats;
      if (Deep) begin
        if (!open_q || ends) begin
          {open_q, single_q, next_q, end_q, user_q} <= {wait_q, wait_single_q, wait_next_q, wait_end_q, wait_user_q};
          wait_q                                    <= 1'b0;
        end
        if (taken) begin
          wait_q                                    <= 1'b1;
          {wait_single_q, wait_next_q, wait_user_q} <= {range_single_i, range_addr_i[Aw-1:Lg], range_user_i};
          wait_end_q                                <= last_byte[Aw-1:Lg] + (Aw-Lg)'(1);
        end
      end else begin
        if (ends) open_q <= 1'b0;
        if (taken) begin
          open_q                       <= 1'b1;
          {single_q, next_q, user_q}   <= {range_single_i, range_addr_i[Aw-1:Lg], range_user_i};
          end_q                        <= last_byte[Aw-1:Lg] + (Aw-Lg)'(1);
        end
      end
    end
  end

  always_comb if (!started_q) assume (!rst_ni);
  // A range has bytes, fewer than 2^32 by two beats (what the on-chip memories hold is far less), and ends below 2^40 with a beat to spare.
  always_comb assume (!range_valid_i || range_len_i <= 32'hFFFF_FFFF - 32'(2 * Bus));
  always_comb assume (!range_valid_i || (range_len_i != '0 && {1'b0, range_addr_i} + (Aw+1)'(range_len_i) <= (Aw+1)'({1'b0, {Aw{1'b1}}}) - (Aw+1)'(Bus)));
  always_comb begin
    if (started_q && rst_ni) begin
      Valid_A: assert (burst_valid == open_q);
      if (open_q) begin
        Range_A:    assert (next_q < end_q && 40'(end_q - next_q) < 40'h1_0000_0000);
        Next_A:     assert (dut.beat_q == next_q && dut.single_q == single_q);
        Address_A:  assert (burst_addr == {next_q, Lg'(0)} && burst_user == user_q);
        Length_A:   assert (burst_len < 8'd64 && (!single_q || burst_len == 8'd0));
        Inside_A:   assert (beats <= end_q - next_q);
        End_A:      assert (burst_last == (beats == end_q - next_q));
        Page_A:     assert (burst_addr[Aw-1:12] == Aw'(burst_addr + Aw'(beats) * Aw'(Bus) - Aw'(1)) >> 12);
      end
    end
  end

  // What holds inside, without which the step from one cycle to the next could not be made
  if (Deep) begin : gen_deep
    always_comb begin
      if (started_q && rst_ni) begin
        Ready_A: assert (range_ready == (!wait_q || !open_q || ends));
        Wait_A:  assert (dut.gen_deep.wait_q == wait_q);
        if (wait_q) begin
          Waiting_A: assert (wait_next_q < wait_end_q && 40'(wait_end_q - wait_next_q) < 40'h1_0000_0000 && dut.gen_deep.wait_beat_q == wait_next_q
                             && dut.gen_deep.wait_single_q == wait_single_q && dut.gen_deep.wait_user_q == wait_user_q
                             && dut.gen_deep.wait_beats_q == 32'(wait_end_q - wait_next_q));
        end
        // Behind a burst that is not the last there is the rest, from a multiple of 64 beats on.
        if (open_q && !burst_last) Rest_A: assert (dut.left_q == 32'(end_q - next_q - beats) && (single_q || 6'(next_q + beats) == '0));
      end
    end
  end else begin : gen_flat
    logic unused;
    assign unused = ^{wait_q, wait_single_q, wait_next_q, wait_end_q, wait_user_q};
    always_comb begin
      if (started_q && rst_ni) begin
        Ready_A: assert (range_ready == (!open_q || ends));
        if (open_q) Left_A: assert (dut.left_q == 32'(end_q - next_q));
      end
    end
  end

endmodule

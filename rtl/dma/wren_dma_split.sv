// wren_dma_split: cuts a byte range into bursts of whole beats, or into single beats.
//
// Handshake  range and burst are valid/ready; a payload is stable while valid waits for ready.
// Timing     first burst one cycle after the range is taken, then one per cycle, without a gap between ranges.
// Deep       the range waits a cycle in a register, and what each burst is like is worked out in the cycle before it.
// Bursts     None crosses a multiple of 64 beats, which is 4 KiB at 64 bytes per beat and 1 KiB at 16: so none crosses 4 KiB.
`include "wren_assert.svh"

module wren_dma_split
  import wren_dma_pkg::*;
#(
  parameter  int unsigned Bus   = 64,
  parameter  int unsigned UserW = 1,
  parameter  bit          Deep  = 1'b0,
  localparam int unsigned Lg    = $clog2(Bus)
) (
  input  logic             clk_i,
  input  logic             rst_ni,

  // Range in
  input  logic             range_valid_i,
  output logic             range_ready_o,
  input  logic [Aw-1:0]    range_addr_i,
  input  logic [31:0]      range_len_i,     // bytes, not 0
  input  logic             range_single_i,  // single beats
  input  logic [UserW-1:0] range_user_i,

  // Bursts out
  output logic             burst_valid_o,
  input  logic             burst_ready_i,
  output logic [Aw-1:0]    burst_addr_o,    // Bus-aligned
  output logic [7:0]       burst_len_o,     // beats - 1
  output logic             burst_last_o,    // last of its range
  output logic [UserW-1:0] burst_user_o
);

  logic             busy_q, single_q;
  logic [Aw-Lg-1:0] beat_q;
  logic [31:0]      left_q;   // beats still to send; Deep: behind this burst
  logic [UserW-1:0] user_q;
  logic             take;
  logic [31:0]      range_beats;

  assign range_beats   = (range_len_i + 32'(range_addr_i[Lg-1:0]) + 32'(Bus - 1)) >> Lg;
  assign burst_valid_o = busy_q;
  assign burst_addr_o  = {beat_q, Lg'(0)};
  assign burst_user_o  = user_q;
  assign take          = busy_q && burst_ready_i;

  if (!Deep) begin : gen_flat
    logic [6:0] room, count;

    // Beats up to the next boundary, limited to what is left.
    assign room  = single_q ? 7'd1 : 7'(BurstLen) - {1'b0, beat_q[5:0]};
    assign count = (left_q < 32'(room)) ? left_q[6:0] : room;

    assign burst_len_o   = {1'b0, count} - 8'd1;
    assign burst_last_o  = left_q == 32'(count);
    always_comb begin
      range_ready_o = 1'b1;
      if (busy_q) range_ready_o = burst_ready_i && burst_last_o;
    end

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) busy_q <= 1'b0;
      else if (range_ready_o) busy_q <= range_valid_i;
    end

    always_ff @(posedge clk_i) begin
      if (range_valid_i && range_ready_o) begin
        beat_q   <= range_addr_i[Aw-1:Lg];
        left_q   <= range_beats;
        single_q <= range_single_i;
        user_q   <= range_user_i;
      end else if (take) begin
        beat_q <= beat_q + (Aw-Lg)'(count);
        left_q <= left_q - 32'(count);
      end
    end
  end else begin : gen_deep
    // The range that waits
    logic             wait_q, wait_single_q;
    logic [Aw-Lg-1:0] wait_beat_q;
    logic [31:0]      wait_beats_q;
    logic [UserW-1:0] wait_user_q;

    logic [6:0]       count_q;
    logic             last_q, start, of_wait, single;
    logic [31:0]      left;     // from which the next burst is taken
    logic [6:0]       room;

    assign of_wait = !busy_q || last_q;
    assign start   = wait_q && (!busy_q || (take && last_q));
    assign single  = of_wait ? wait_single_q : single_q;
    assign left    = of_wait ? wait_beats_q : left_q;
    assign room    = single ? 7'd1 : of_wait ? 7'(BurstLen) - {1'b0, wait_beat_q[5:0]} : 7'(BurstLen);

    assign burst_len_o   = {1'b0, count_q} - 8'd1;
    assign burst_last_o  = last_q;
    assign range_ready_o = !wait_q || start;

    always_ff @(posedge clk_i or negedge rst_ni) begin
      if (!rst_ni) {busy_q, wait_q} <= '0;
      else begin
        if (range_ready_o) wait_q <= range_valid_i;
        if (!busy_q || (take && last_q)) busy_q <= wait_q;
      end
    end

    always_ff @(posedge clk_i) begin
      if (range_valid_i && range_ready_o) begin
        wait_beat_q   <= range_addr_i[Aw-1:Lg];
        wait_beats_q  <= range_beats;
        wait_single_q <= range_single_i;
        wait_user_q   <= range_user_i;
      end
      if (start || take) begin
        last_q  <= left <= 32'(room);
        count_q <= (left <= 32'(room)) ? left[6:0] : room;
        left_q  <= left - 32'(room);
      end
      if (start) begin
        beat_q   <= wait_beat_q;
        single_q <= wait_single_q;
        user_q   <= wait_user_q;
      end else if (take) begin
        beat_q <= beat_q + (Aw-Lg)'(count_q);
      end
    end
  end

  `ASSERT(LengthNonZero_A, range_valid_i -> range_len_i != '0)
  `ASSERT_HOLD(BurstHold_A, burst_valid_o, burst_ready_i, {burst_addr_o, burst_len_o, burst_user_o})

endmodule

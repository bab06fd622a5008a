// wren_softrst: the reset of one core's command unit and engines: the chip's reset, and CTRL.SOFT_RESET.
//
// Sequence   request -> halt_o until the DMA has been idle for Quiet cycles -> core_rst_no low for Hold cycles -> done.
//            busy_o from the request to the end; clear_o is a pulse when the reset begins.
// Timing     core_rst_no comes from a register and falls and rises at clock edges (with rst_ni it falls at once). Hold covers every
//            answer that L2 still owes.
`include "wren_assert.svh"

module wren_softrst #(
  parameter  int unsigned Quiet = 8,
  parameter  int unsigned Hold  = 16,
  localparam int unsigned Cw    = $clog2(Hold + Quiet)
) (
  input  logic clk_i,
  input  logic rst_ni,

  input  logic request_i,
  input  logic dma_idle_i,
  output logic busy_o,
  output logic halt_o,
  output logic clear_o,
  output logic core_rst_no
);

  typedef enum logic [1:0] {StIdle, StQuiet, StHold} state_e;

  state_e        state_q;
  logic [Cw-1:0] count_q;
  logic          core_rst_nq, clear_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      state_q     <= StHold;
      count_q     <= Cw'(Hold - 1);
      core_rst_nq <= 1'b0;
      clear_q     <= 1'b0;
    end else begin
      clear_q <= 1'b0;
      unique case (state_q)
        StIdle: begin
          count_q <= Cw'(Quiet - 1);
          if (request_i) state_q <= StQuiet;
        end

        // The DMA must be idle for Quiet cycles in a row.
        StQuiet: begin
          count_q <= dma_idle_i ? count_q - Cw'(1) : Cw'(Quiet - 1);
          if (dma_idle_i && (count_q == '0)) begin
            state_q     <= StHold;
            count_q     <= Cw'(Hold - 1);
            core_rst_nq <= 1'b0;
            clear_q     <= 1'b1;
          end
        end

        // Reset; also after the chip's reset.
        StHold: begin
          count_q <= count_q - Cw'(1);
          if (count_q == '0) begin
            state_q     <= StIdle;
            core_rst_nq <= 1'b1;
          end
        end

        default: state_q <= StIdle;
      endcase
    end
  end

  assign busy_o      = state_q != StIdle;
  assign halt_o      = state_q != StIdle;
  assign clear_o     = clear_q;
  assign core_rst_no = core_rst_nq;

endmodule

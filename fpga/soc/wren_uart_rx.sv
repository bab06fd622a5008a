// wren_uart_rx: bytes from a serial line: one start bit, eight data bits with the lowest first, one stop bit.
//
// Timing     valid_o pulses in the middle of the stop bit, Divider clocks per bit; bits are sampled in their middle.
// Errors     error_o pulses instead of valid_o when the stop bit is 0.
// Limits     Divider >= 4 (2 where both ends have the same clock, as in a simulation). The line is asynchronous and passes two
//            registers first.
module wren_uart_rx #(
  parameter  int unsigned Divider = 20,
  localparam int unsigned Dw      = $clog2(Divider)
) (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       rx_i,
  output logic       valid_o,
  output logic       error_o,
  output logic [7:0] data_o
);

  logic [2:0]    line_q;
  logic          busy_q;
  logic [Dw-1:0] wait_q;
  logic [3:0]    bit_q;                                         // 0: start, 1..8: data, 9: stop
  logic [7:0]    data_q;
  logic          sample;

  assign sample = busy_q && wait_q == '0;
  assign data_o = data_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      line_q  <= '1;
      busy_q  <= 1'b0;
      wait_q  <= '0;
      bit_q   <= '0;
      data_q  <= '0;
      valid_o <= 1'b0;
      error_o <= 1'b0;
    end else begin
      line_q  <= {line_q[1:0], rx_i};
      valid_o <= 1'b0;
      error_o <= 1'b0;
      if (!busy_q) begin
        if (line_q[2] && !line_q[1]) begin                      // falling edge
          busy_q <= 1'b1;
          bit_q  <= '0;
          wait_q <= Dw'(Divider / 2 - 1);
        end
      end else if (!sample) begin
        wait_q <= wait_q - Dw'(1);
      end else begin
        wait_q <= Dw'(Divider - 1);
        bit_q  <= bit_q + 4'd1;
        case (bit_q)
          4'd0: busy_q <= !line_q[1];                           // a glitch is no start bit
          4'd9: begin
            busy_q  <= 1'b0;
            valid_o <= line_q[1];
            error_o <= !line_q[1];
          end
          default: data_q <= {line_q[1], data_q[7:1]};
        endcase
      end
    end
  end

endmodule

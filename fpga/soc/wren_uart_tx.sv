// wren_uart_tx: bytes onto a serial line: one start bit, eight data bits with the lowest first, one stop bit.
//
// Handshake  valid/ready; a byte is taken at its start and the line is busy for ten bits of Divider clocks.
module wren_uart_tx #(
  parameter  int unsigned Divider = 20,
  localparam int unsigned Dw      = $clog2(Divider)
) (
  input  logic       clk_i,
  input  logic       rst_ni,
  input  logic       valid_i,
  output logic       ready_o,
  input  logic [7:0] data_i,
  output logic       tx_o
);

  logic [9:0]    bits_q;                                        // still to be sent, the lowest is on the line
  logic [3:0]    left_q;
  logic [Dw-1:0] wait_q;

  assign ready_o = left_q == '0;
  assign tx_o    = bits_q[0];

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      bits_q <= '1;
      left_q <= '0;
      wait_q <= '0;
    end else if (ready_o) begin
      if (valid_i) begin
        bits_q <= {1'b1, data_i, 1'b0};
        left_q <= 4'd10;
        wait_q <= Dw'(Divider - 1);
      end
    end else if (wait_q != '0) begin
      wait_q <= wait_q - Dw'(1);
    end else begin
      bits_q <= {1'b1, bits_q[9:1]};
      left_q <= left_q - 4'd1;
      wait_q <= Dw'(Divider - 1);
    end
  end

endmodule

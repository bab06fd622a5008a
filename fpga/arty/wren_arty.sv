// wren_arty: Wren on a Digilent Arty A7-100T: wren_soc on the board's pins, its clock from an MMCM.
//
// Clock      1000 MHz / ClockDivider from the board's 100 MHz: 25 MHz as given.
// Serial     1 Mbit/s, 8N1, on the USB connector. Names of the pins are the USB bridge's: we drive uart_rxd_out.
// Reset      the button RESET, and until the MMCM has locked.
// LEDs       LD4 to LD7: wren_soc 0 to 3; LD0, red: a frame was dropped.
module wren_arty #(
  parameter int unsigned Config       = 0,
  parameter int unsigned ClockDivider = 40
) (
  input  logic       CLK100MHZ,
  input  logic       ck_rst,                                   // low: pressed
  input  logic       uart_txd_in,
  output logic       uart_rxd_out,
  output logic [3:0] led,
  output logic       led0_r
);

  logic       clk_mmcm, clk, feedback, locked, rst_n;
  logic [2:0] rst_q;
  logic [4:0] soc_led;

  MMCME2_BASE #(
    .CLKIN1_PERIOD   (10.0),
    .CLKFBOUT_MULT_F (10.0),
    .DIVCLK_DIVIDE   (1),
    .CLKOUT1_DIVIDE  (ClockDivider)
  ) u_mmcm (
    .CLKIN1  (CLK100MHZ),
    .CLKFBIN (feedback),
    .CLKFBOUT(feedback),
    .CLKOUT1 (clk_mmcm),
    .LOCKED  (locked),
    .PWRDWN  (1'b0),
    .RST     (1'b0)
  );
  BUFG u_bufg (
    .I(clk_mmcm),
    .O(clk)
  );

  // Into reset at once, out of it with the clock
  always_ff @(posedge clk or negedge locked) begin
    if (!locked) rst_q <= '0;
    else rst_q <= {rst_q[1:0], ck_rst};
  end
  assign rst_n = rst_q[2];

  wren_soc #(
    .Config (Config),
    .ClockHz(1_000_000_000 / ClockDivider)
  ) u_soc (
    .clk_i     (clk),
    .rst_ni    (rst_n),
    .rx_i      (uart_txd_in),
    .tx_o      (uart_rxd_out),
    .led_o     (soc_led),
    .sd_cke_o  (),                                             // memory is block RAM
    .sd_cs_no  (),
    .sd_ras_no (),
    .sd_cas_no (),
    .sd_we_no  (),
    .sd_ba_o   (),
    .sd_a_o    (),
    .sd_dqm_o  (),
    .sd_dq_o   (),
    .sd_dq_oe_o(),
    .sd_dq_i   (16'd0)
  );
  assign led    = soc_led[3:0];
  assign led0_r = soc_led[4];

endmodule

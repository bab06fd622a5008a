// wren_ulx3s: Wren on a ULX3S board with an LFE5U-85F: wren_soc on the board's pins, its clock from a PLL.
//
// Clock      5 MHz * PllFeedback from the board's 25 MHz; PllDivider times that, the VCO's, is within 400 to 800 MHz.
// Serial     1 Mbit/s, 8N1, on the USB connector US1 (FT231X). Names of the pins are the FT231X's: we drive ftdi_rxd.
// Reset      button FIRE1, and until the PLL has locked.
// LEDs       0 to 4: wren_soc; 6: in reset; 7: PLL locked.
module wren_ulx3s #(
  parameter  int unsigned Config      = 0,
  parameter  int unsigned PllFeedback = 3,
  parameter  int unsigned PllDivider  = 40,
  localparam int unsigned Divider     = 5 * PllFeedback         // clocks per bit at 1 Mbit/s
) (
  input  logic       clk_25mhz,
  input  logic       btn_fire1,
  input  logic       ftdi_txd,
  output logic       ftdi_rxd,
  output logic [7:0] led,
  output logic       wifi_gpio0                                 // 1: the ESP32 leaves the board alone
);

  logic       clk, locked, rst_n;
  logic [2:0] rst_q;
  logic [4:0] soc_led;

  // The loop filter is what ecppll gives for these dividers.
  (* ICP_CURRENT = "12", LPF_RESISTOR = "8", MFG_ENABLE_FILTEROPAMP = "1", MFG_GMCREF_SEL = "2" *)
  EHXPLLL #(
    .CLKI_DIV       (5),
    .CLKFB_DIV      (PllFeedback),
    .FEEDBK_PATH    ("CLKOP"),
    .CLKOP_ENABLE   ("ENABLED"),
    .CLKOP_DIV      (PllDivider),
    .CLKOP_CPHASE   (PllDivider - 1),
    .CLKOP_FPHASE   (0),
    .OUTDIVIDER_MUXA("DIVA"),
    .PLLRST_ENA     ("DISABLED"),
    .INTFB_WAKE     ("DISABLED"),
    .STDBY_ENABLE   ("DISABLED"),
    .DPHASE_SOURCE  ("DISABLED")
  ) u_pll (
    .CLKI        (clk_25mhz),
    .CLKFB       (clk),
    .CLKOP       (clk),
    .LOCK        (locked),
    .RST         (1'b0),
    .STDBY       (1'b0),
    .PHASESEL0   (1'b0),
    .PHASESEL1   (1'b0),
    .PHASEDIR    (1'b1),
    .PHASESTEP   (1'b1),
    .PHASELOADREG(1'b1),
    .PLLWAKESYNC (1'b0),
    .ENCLKOP     (1'b0)
  );

  // Into reset at once, out of it with the clock
  always_ff @(posedge clk or negedge locked) begin
    if (!locked) rst_q <= '0;
    else rst_q <= {rst_q[1:0], !btn_fire1};
  end
  assign rst_n = rst_q[2];

  wren_soc #(
    .Config (Config),
    .Divider(Divider)
  ) u_soc (
    .clk_i (clk),
    .rst_ni(rst_n),
    .rx_i  (ftdi_txd),
    .tx_o  (ftdi_rxd),
    .led_o (soc_led)
  );
  assign led        = {locked, !rst_n, 1'b0, soc_led};
  assign wifi_gpio0 = 1'b1;

endmodule

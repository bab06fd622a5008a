// wren_gta_pkg: what the stages of the vector engine share: a command as the lanes see it, a table's header, the depth of its
// operations, and the arithmetic of table addressing.
package wren_gta_pkg;
  import wren_fp_pkg::*;
  import wren_fp_whole_pkg::*;
  import wren_isa_pkg::*;

  // Cycles of an addition and of a multiplication (wren_vadd, wren_vmul)
  function automatic int unsigned add_cycles(input bit deep);
    return deep ? 4 : 1;
  endfunction
  function automatic int unsigned mul_cycles(input bit deep);
    return deep ? 3 : 1;
  endfunction

  // Cycles of the table function (wren_vfn): four additions, three multiplications, the address, its whole part, the result
  function automatic int unsigned address_cycles(input bit deep);
    return deep ? 5 : 1;
  endfunction
  function automatic int unsigned whole_cycles(input bit deep);
    return deep ? 3 : 1;
  endfunction
  function automatic int unsigned result_cycles(input bit deep);
    return deep ? 2 : 1;
  endfunction
  function automatic int unsigned fn_cycles(input bit deep);
    return 4 * add_cycles(deep) + 3 * mul_cycles(deep) + address_cycles(deep) + whole_cycles(deep) + result_cycles(deep);
  endfunction

  // Header of a table: word 3 of its entries 0 to 4.
  typedef struct packed {
    lut_kind_e   kind;
    lut_edge_e   above_edge;
    lut_edge_e   below_edge;
    lut_mode_e   mode;
    logic [31:0] lo;
    logic [31:0] inv;
    logic [31:0] below;
    logic [31:0] above;
  } table_t;

  // Where an operand comes from: a constant, a scalar in memory, or one value per lane.
  typedef struct packed {
    logic        none;   // the operation is left out
    logic        vec;    // one value per lane
    logic        mem;    // read from VM
    logic [31:0] value;  // the constant
  } source_t;

  // What the stages need of a command; constant while any of its blocks is in the pipe.
  typedef struct packed {
    source_t     a;
    source_t     b;
    source_t     m;
    source_t     c;
    logic        m_self;
    logic        bmax;
    logic        fn;
    logic [2:0]  tbl;
    table_t      head;
    reduce_op_e  red_op;
    logic        red_blk;
    out_space_e  out_space;
    out_format_e out_format;
  } stage_cfg_t;

  // The same without constants and tables, for the many stages that need no more: a simulator then picks a word for each.
  typedef struct packed {
    logic none;
    logic vec;
    logic mem;
  } operand_t;
  typedef struct packed {
    operand_t    a;
    operand_t    b;
    operand_t    m;
    operand_t    c;
    logic        m_self;
    logic        bmax;
    reduce_op_e  red_op;
    logic        red_blk;
    out_space_e  out_space;
    out_format_e out_format;
  } stage_flags_t;

  function automatic operand_t operand_of_source(input source_t s);
    return '{none: s.none, vec: s.vec, mem: s.mem};
  endfunction
  function automatic stage_flags_t stage_flags_of(input stage_cfg_t cfg);
    return '{a: operand_of_source(cfg.a), b: operand_of_source(cfg.b), m: operand_of_source(cfg.m), c: operand_of_source(cfg.c),
             m_self: cfg.m_self, bmax: cfg.bmax, red_op: cfg.red_op, red_blk: cfg.red_blk,
             out_space: cfg.out_space, out_format: cfg.out_format};
  endfunction

  // Blocks of 8-bit values with a scale
  function automatic logic is_q8(input out_format_e format);
    return format == OutFormatQ80 || format == OutFormatQ8Bf16;
  endfunction

  function automatic logic is_sum(input reduce_op_e op);
    return op == ReduceOpSum || op == ReduceOpSumFn;
  endfunction

  // Table addressing, first half: t (x itself for mantissa tables) limited to where the polynomial is evaluated, and
  // the address word {6'd0, n[25:16], 5'd0, negate, code[9:8], index[7:0]}: the result is poly(index) * 2^n, negated, or a special
  // value (code 1: below, 2: above, 3: NaN).
  localparam f32_t CodeBelow = 32'd1 << 8, CodeAbove = 32'd2 << 8, CodeNan = 32'd3 << 8, Negate = 32'd1 << 10;
  localparam f32_t F256 = 32'h4380_0000, MinExp2 = 32'hc780_0000, MaxExp2 = 32'h477f_ff00;

  function automatic f32_t exp2_limit(input f32_t t);
    f32_t r;
    r = ((t >> 31) == 32'd0 && t > MaxExp2) ? MaxExp2 : t;
    return (t > MinExp2) ? MinExp2 : r;
  endfunction
  // n, signed
  function automatic f32_t table_power(input f32_t address);
    return ((address >> 16) & 32'h3ff) | ((((address >> 25) & 32'd1) != 32'd0) ? 32'hffff_fc00 : 32'd0);
  endfunction

  // k: floor of the limited t, the same for uniform and exp2
  function automatic f32_t uniform_code(input f32_t k, input f32_t t, input logic below_const, input logic above_const);
    f32_t r, lo, hi;
    lo = ((t >> 31) != 32'd0 && t != NegZero) ? 32'd1 : 32'd0;
    hi = ((t >> 31) == 32'd0 && t >= F256) ? 32'd1 : 32'd0;
    r  = k & 32'd255;
    r  = (lo != 32'd0) ? (below_const ? CodeBelow : 32'd0) : r;
    r  = (hi != 32'd0) ? ((above_const ? CodeAbove : 32'd0) | 32'd255) : r;
    return ((t & Mag) > Inf) ? CodeNan : r;
  endfunction
  function automatic f32_t uniform_address(input f32_t t, input logic below_const, input logic above_const);
    return uniform_code(fp32_floor(exp2_limit(t)), t, below_const, above_const);
  endfunction
  function automatic f32_t uniform_limit(input f32_t t, input logic below_clamp, input logic above_clamp);
    f32_t r;
    r = (below_clamp && (t >> 31) != 32'd0 && t != NegZero) ? 32'd0 : t;
    return (above_clamp && (t >> 31) == 32'd0 && t >= F256) ? F256 : r;
  endfunction

  function automatic f32_t exp2_code(input f32_t k, input f32_t t);
    f32_t r;
    r = ((k << 8) & 32'h03ff_0000) | (k & 32'd255);
    return ((t & Mag) > Inf) ? CodeNan : r;
  endfunction
  function automatic f32_t exp2_address(input f32_t t);
    return exp2_code(fp32_floor(exp2_limit(t)), t);
  endfunction

  // kind: 0 recip, 1 rsqrt, 2 sqrt, 3 log2
  function automatic f32_t mantissa_address(input f32_t x, input f32_t kind);
    f32_t e, n, r, h;
    e = ((x >> 23) & 32'd255) - 32'd127;
    h = (e >> 1) | (e & Sign);                                      // arithmetic shift
    n = (kind == 32'd0) ? -e : e;
    n = (kind == 32'd1) ? -h : n;
    n = (kind == 32'd2) ? h : n;
    r = (x >> 15) & 32'd255;
    r = (kind == 32'd1 || kind == 32'd2) ? (((e & 32'd1) << 7) | ((x >> 16) & 32'd127)) : r;
    r = r | ((n & 32'h3ff) << 16) | (((x >> 31) != 32'd0) ? Negate : 32'd0);
    r = ((x >> 31) != 32'd0 && kind != 32'd0) ? CodeNan : r;
    r = ((x & Mag) > Inf) ? CodeNan : r;
    r = ((x & Mag) == Inf) ? CodeAbove : r;
    return ((x & Inf) == 32'd0) ? CodeBelow : r;
  endfunction
  // Its fraction: these bits of x, as so many bits behind the point
  function automatic f32_t mantissa_rest(input f32_t x, input f32_t kind);
    return (kind == 32'd1 || kind == 32'd2) ? (x & 32'hffff) : (x & 32'h7fff);
  endfunction
  function automatic f32_t mantissa_places(input f32_t kind);
    return (kind == 32'd1 || kind == 32'd2) ? 32'd16 : 32'd15;
  endfunction
  function automatic f32_t mantissa_fraction(input f32_t x, input f32_t kind);
    return fp32_fraction(mantissa_rest(x, kind), mantissa_places(kind));
  endfunction

  // The whole part as a float: -k of uniform and exp2 tables, e of log2 (n holds it).
  function automatic f32_t table_integer(input f32_t address, input logic log2);
    f32_t n;
    n = table_power(address);
    return log2 ? n : ((n << 8) | (address & 32'd255));
  endfunction
  function automatic f32_t table_signed(input f32_t i, input logic log2);
    return log2 ? i : (i ^ Sign);
  endfunction
  function automatic f32_t table_whole(input f32_t address, input logic log2);
    return table_signed(fp32_from_i32(table_integer(address, log2)), log2);
  endfunction

  // The last step: poly * 2^n, or the special value.
  function automatic f32_t table_result(input f32_t poly, input f32_t address, input logic scaled, input f32_t below, input f32_t above);
    f32_t n, r, c;
    n = table_power(address);
    n = scaled ? n : 32'd0;
    r = fp32_scale(poly, n);
    r = ((address & Negate) != 32'd0 && (r & Mag) <= Inf) ? (r ^ Sign) : r;
    c = address & CodeNan;
    r = (c == CodeBelow) ? below : r;
    r = (c == CodeAbove) ? above : r;
    return (c == CodeNan) ? Nan : r;
  endfunction

endpackage

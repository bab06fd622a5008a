# Makes a Vivado project of Wren for a board, and with --run a bitstream.
#
#   vivado -mode batch -source fpga/vivado/project.tcl -tclargs --board zcu104 [--config small] [--part P] [--out build/vivado] [--run] [--jobs 4]
#
# Boards: boards.tcl. --part takes another part than the board's (and then no preset of the board). Run from anywhere. Not yet run
# with Vivado: lint.tcl executes it against a model of the commands it uses.
set root [file normalize [file join [file dirname [info script]] .. ..]]
source [file join $root fpga vivado boards.tcl]

array set opt {board kv260 config {} part {} out build/vivado run 0 jobs 4}
for {set i 0} {$i < [llength $argv]} {incr i} {
  set name [string range [lindex $argv $i] 2 end]
  if {![info exists opt($name)] || ![string match --* [lindex $argv $i]]} {
    error "unknown option [lindex $argv $i]: there are --board --config --part --out --run --jobs"
  }
  if {$name eq "run"} { set opt(run) 1 } else { set opt($name) [lindex $argv [incr i]] }
}
if {![dict exists $boards $opt(board)]} { error "unknown board $opt(board): there are [dict keys $boards]" }
set board [dict get $boards $opt(board)]
if {$opt(config) eq {}} { set opt(config) [dict get $board config] }
set number [lsearch {nano small full} $opt(config)]
if {$number < 0} { error "unknown configuration $opt(config): there are nano small full" }

# The entries of a file list, with the family's module or else fpga/prim's in the place of a general one of that name: {files include_directories}.
proc read_list {root list ram} {
  set files {}
  set includes {}
  set channel [open [file join $root $list]]
  foreach line [split [read $channel] \n] {
    set entry [string trim [regsub {//.*} $line {}]]
    if {$entry eq {}} continue
    if {[regexp {^\+incdir\+(.*)$} $entry -> dir]} {
      lappend includes [file join $root $dir]
    } else {
      set found [file join $root $entry]
      foreach dir [list $ram fpga/prim] {
        set own [file join $root $dir [file tail $entry]]
        if {[file exists $own]} { set found $own; break }
      }
      lappend files $found
    }
  }
  close $channel
  return [list $files $includes]
}

lassign [read_list $root rtl/wren.f [dict get $board ram]] files includes
set kind [dict get $board kind]
if {$kind eq "soc"} {
  lappend files {*}[lindex [read_list $root fpga/soc/soc.f [dict get $board ram]] 0]
  lappend files [file join $root [dict get $board dir] [dict get $board top].sv]
}

set part [expr {$opt(part) ne {} ? $opt(part) : [dict get $board part]}]
create_project -force -part $part wren_$opt(board) [file join $root $opt(out) $opt(board)]
if {$opt(part) eq {} && [dict get $board board_part] ne {}} { set_property board_part [dict get $board board_part] [current_project] }
add_files -norecurse $files
set_property file_type SystemVerilog [get_files *.sv]
set_property include_dirs $includes [current_fileset]
set_property verilog_define SYNTHESIS [current_fileset]

if {$kind eq "soc"} {
  add_files -fileset constrs_1 -norecurse [file join $root [dict get $board xdc]]
  set_property top [dict get $board top] [current_fileset]
  set_property generic Config=$number [current_fileset]
} else {
  add_files -norecurse [file join $root fpga vivado wren_axi.v]
  set mhz [dict get $board mhz]
  set preset [expr {$opt(part) eq {}}]
  source [file join $root fpga vivado zynq.tcl]
}
update_compile_order -fileset sources_1

if {$opt(run)} {
  launch_runs impl_1 -to_step write_bitstream -jobs $opt(jobs)
  wait_on_run impl_1
  open_run impl_1
  set reports [file join $root $opt(out) $opt(board)]
  report_utilization -hierarchical -file [file join $reports utilization.rpt]
  report_timing_summary -file [file join $reports timing.rpt]
  if {[get_property SLACK [get_timing_paths -max_paths 1]] < 0} { error "the design is slower than its clock: see [file join $reports timing.rpt]" }
}

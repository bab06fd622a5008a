#!/usr/bin/env python3
"""Elaborates the RTL with slang and fails on any diagnostic.

usage: slang_lint.py --top wren_top -GConfig=0 -f rtl/wren.f     (slang's own command line)
"""

import sys

import pyslang


def main():
    if len(sys.argv) < 2 or sys.argv[1] in ("-h", "--help"):
        print(__doc__)
        return 0
    driver = getattr(pyslang, "Driver", None) or pyslang.driver.Driver
    driver = driver()
    driver.addStandardArgs()
    line = " ".join(["slang_lint", "-Wextra"] + sys.argv[1:])
    if not driver.parseCommandLine(line) or not driver.processOptions() or not driver.parseAllSources():
        return 1
    compilation = driver.createCompilation()
    driver.reportParseDiags()
    driver.reportCompilation(compilation, True)
    count = driver.diagEngine.numErrors + driver.diagEngine.numWarnings
    print(driver.textDiagClient.getString() if hasattr(driver, "textDiagClient") else "", end="")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())

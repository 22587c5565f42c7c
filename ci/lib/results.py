# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns what meson, node and unittest say into one list of cases.

A suite's results are lines `pass|fail|skip <tab> case <tab> why` appended to the file named by $TUTTI_RESULTS.

  results.py junit FILE [PREFIX]     cases of a JUnit file (node --test)
  results.py meson BUILD_DIR         cases of the last `meson test` there
  results.py unittest FILE…          runs these unittest files and records their cases
"""

import importlib.util
import json
import os
import pathlib
import sys
import time
import traceback
import unittest
import xml.etree.ElementTree


def record(outcome, case, why=""):
    line = "\t".join((outcome, " ".join(case.split()), " ".join(why.split())[:300]))
    with open(os.environ["TUTTI_RESULTS"], "a", encoding="utf-8") as results:
        results.write(line + "\n")


def junit_cases(root, prefix=""):
    """(suite, outcome, name, why) of every leaf."""
    for suite in root.iter("testsuite"):
        for case in suite.findall("testcase"):
            bad = case.find("failure") if case.find("failure") is not None else case.find("error")
            why = ""
            if bad is not None:
                outcome, why = "fail", bad.get("message") or (bad.text or "").strip()
            elif case.find("skipped") is not None:
                outcome, why = "skip", case.find("skipped").get("message") or ""
            else:
                outcome = "pass"
            yield suite.get("name", ""), outcome, f"{prefix}{case.get('name')}", why
    if root.tag != "testsuites":
        return
    for case in root.findall("testcase"):  # node: tests outside any suite
        bad = case.find("failure")
        skipped = case.find("skipped")
        outcome = "fail" if bad is not None else "skip" if skipped is not None else "pass"
        yield "", outcome, f"{prefix}{case.get('name')}", bad.get("message") or "" if bad is not None else ""


def junit(path, prefix=""):
    failed = False
    for suite, outcome, name, why in junit_cases(xml.etree.ElementTree.parse(path).getroot()):
        record(outcome, " ".join(part for part in (prefix, suite, name) if part), why)
        failed = failed or outcome == "fail"
    return failed


def meson(build_dir):
    logs = pathlib.Path(build_dir) / "meson-logs"
    failed = False
    failing_programs = set()
    for suite, outcome, name, why in junit_cases(xml.etree.ElementTree.parse(logs / "testlog.junit.xml").getroot()):
        # "tutti.tutti:audio / audio-ring" and "3 /ring/wraps - what the assertion said"
        program = suite.split(" / ")[-1].split(":")[-1].split(".")[-1]
        name, _, said = name.partition(" - ")
        record(outcome, f"{program}: {name}", why or said)
        if outcome == "fail":
            failed = True
            failing_programs.add(program)
            failing_programs.add(name)
    # A program that crashed or hung may have reported nothing but successes before.
    for line in (logs / "testlog.json").read_text().splitlines():
        test = json.loads(line)
        name = test["name"].split(" / ")[-1].split(":")[-1]
        if test["result"] in ("OK", "EXPECTEDFAIL", "SKIP") or name in failing_programs:
            continue
        record("fail", name, f"{test['result'].lower()} after {test['duration']:.1f} s, exit code {test.get('returncode')}")
        failed = True
    return failed


class Recorder(unittest.TestResult):
    def __init__(self):
        super().__init__(verbosity=2)
        self.failed = False

    def name(self, test):
        return test.id().split(".", 1)[-1]

    def startTest(self, test):
        super().startTest(test)
        self.since = time.monotonic()
        self.broken_parts = 0
        print(f"… {self.name(test)}", flush=True)

    def put(self, outcome, test, why=""):
        print(f"{outcome} {self.name(test)} ({time.monotonic() - getattr(self, 'since', time.monotonic()):.1f} s) {why}".rstrip(), flush=True)
        record(outcome, self.name(test), why)
        self.failed = self.failed or outcome == "fail"

    def broken(self, test, error):
        traceback.print_exception(*error)
        sys.stderr.flush()
        last = traceback.format_exception_only(error[0], error[1])[-1].strip().splitlines()
        self.put("fail", test, last[0] if last else "")

    def addSuccess(self, test):
        self.put("pass", test)

    def addFailure(self, test, err):
        self.broken(test, err)

    def addError(self, test, err):
        self.broken(test, err)

    def addSubTest(self, test, subtest, err):
        # A test is one case, however many of its parts fail.
        if err is not None:
            traceback.print_exception(*err)
            self.broken_parts += 1
            if self.broken_parts == 1:
                self.put("fail", test, str(err[1]).splitlines()[0] if str(err[1]) else err[0].__name__)

    def addSkip(self, test, reason):
        self.put("skip", test, reason)

    def addExpectedFailure(self, test, err):
        self.put("pass", test, "fails as expected")

    def addUnexpectedSuccess(self, test):
        self.put("fail", test, "succeeded although it was expected to fail")


def run_unittest(paths):
    recorder = Recorder()
    for path in map(pathlib.Path, paths):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        sys.modules[path.stem] = module
        try:
            spec.loader.exec_module(module)
        except unittest.SkipTest as error:  # what it needs is not offered on this system
            record("skip", path.name, str(error))
            continue
        except Exception as error:  # a file that cannot even be read is a failed case
            traceback.print_exc()
            record("fail", path.name, repr(error))
            recorder.failed = True
            continue
        unittest.defaultTestLoader.loadTestsFromModule(module).run(recorder)
    return recorder.failed


def main():
    what, *rest = sys.argv[1:]
    failed = {"junit": lambda: junit(*rest), "meson": lambda: meson(*rest), "unittest": lambda: run_unittest(rest)}[what]()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

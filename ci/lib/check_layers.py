# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the include directions of docs/ARCHITECTURE.md's table. One case per rule and folder."""

import collections
import pathlib
import re
import sys

import results

SOURCE = pathlib.Path("src")

# Folder → the folders whose headers it may include.
MAY_INCLUDE = {
    "base": set(),
    "audio": {"base"},
    "net": {"base", "audio"},
    "video": {"base", "net"},
    "signalling": {"base"},
    "devices": {"base"},
    "takes": {"base", "audio"},
    "library": {"base"},
    "highloka": {"base", "library"},
    "model": {"base", "audio", "net", "video", "signalling", "devices", "takes", "library", "highloka"},
    "ui": {"base", "model", "devices", "takes", "library", "highloka"},
    "cli": {"base", "model"},
}

# Plain value types that the model's own headers hand on.
VALUE_TYPES = {"tutti-audio-types.h", "tutti-picture.h", "tutti-test-pattern.h", "tutti-video-shape.h", "tutti-video-source.h"}

# Library → the folders that may include its headers.
LIBRARIES = {
    r"gst/": {"net", "video"},
    r"(gtk/|gtk4|gdk/|adwaita|graphene|gsk/)": {"ui"},
    r"(pipewire/|spa/)": {"audio", "devices"},
    r"opus": {"audio"},
    r"libsoup/": {"signalling", "highloka"},
    r"libsecret/": {"highloka"},
    r"sqlite3": {"library"},
    r"sndfile": {"audio", "takes", "model", "cli"},
}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+(?:"([^"]+)"|<([^>]+)>)', re.MULTILINE)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
FOREIGN_TYPE = re.compile(r"\bGst[A-Z]\w*|\bGST_\w+")


def read():
    """{folder: {path: (local includes, system includes, text without comments)}}"""
    folders = collections.defaultdict(dict)
    for path in sorted(SOURCE.glob("*/**/*.[ch]")):
        if "node_modules" in path.parts or path.parts[1] == "room":
            continue
        text = COMMENT.sub("", path.read_text(encoding="utf-8"))
        found = INCLUDE.findall(text)
        folders[path.parts[1]][path] = ([a for a, _ in found if a], [b for _, b in found if b], text)
    return folders


def report(case, problems):
    results.record("fail" if problems else "pass", case, "; ".join(problems))
    print(("FAIL " if problems else "pass ") + case)
    for problem in problems:
        print(f"  {problem}")
    return bool(problems)


def main():
    folders = read()
    owner = {}
    failed = False
    doubles = []
    for folder, files in folders.items():
        for path in files:
            if path.suffix == ".h":
                if path.name in owner:
                    doubles.append(f"{path} has the name of {owner[path.name]}")
                owner[path.name] = path
    failed |= report("every header's name is its own", doubles)

    seen = set()  # headers that another folder includes
    for folder, files in sorted(folders.items()):
        if folder not in MAY_INCLUDE:
            failed |= report(f"src/{folder} is a folder we know", [f"add src/{folder} to the table"])
            continue
        upward, foreign, private = [], [], []
        for path, (local, system, _text) in files.items():
            for name in local:
                target = owner.get(pathlib.PurePath(name).name)
                if target is None or target.parts[1] == folder:
                    continue
                seen.add(target)
                if target.parts[1] not in MAY_INCLUDE[folder] and not (
                    folder in ("ui", "cli") and target.name in VALUE_TYPES
                ):
                    upward.append(f"{path} includes {target}")
                if target.stem.endswith("-private"):
                    private.append(f"{path} includes {target}")
                if "/" in name:
                    upward.append(f"{path} includes {name}: headers go by bare name")
            for pattern, allowed in LIBRARIES.items():
                for name in system:
                    if re.match(pattern, name) and folder not in allowed:
                        foreign.append(f"{path} includes <{name}>")
        failed |= report(f"src/{folder} includes only {', '.join(sorted(MAY_INCLUDE[folder])) or 'itself'}", upward)
        failed |= report(f"src/{folder} uses only its own libraries", foreign)
        failed |= report(f"src/{folder} includes nobody's private header", private)

    # What another folder sees includes what those headers include themselves.
    front = set(seen)
    while front:
        front = {owner[n] for p in front for n in folders[p.parts[1]][p][0] if n in owner} - seen
        seen |= front
    leaks = []
    for path in sorted(seen):
        _local, system, text = folders[path.parts[1]][path]
        leaks += [f"{path} includes <{name}>" for name in system if name.startswith("gst/")]
        leaks += [f"{path} names {word}" for word in sorted(set(FOREIGN_TYPE.findall(text)))]
    failed |= report("no GStreamer in a header that another folder sees", leaks)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

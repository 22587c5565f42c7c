# SPDX-FileCopyrightText: 2026 The Tutti authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listening to recordings: levels of tones, gaps, clicks."""

import numpy as np

RATE = 48000


def read(path):
    """A sound file as float array (frames, channels)."""
    import subprocess
    import tempfile
    import wave

    with open(path, "rb") as handle:
        magic = handle.read(4)
    if magic != b"RIFF":
        with tempfile.NamedTemporaryFile(suffix=".wav") as converted:
            subprocess.run(["flac", "-d", "-f", "-s", "-o", converted.name, path], check=True)
            return read(converted.name)
    with wave.open(str(path)) as handle:
        width, channels = handle.getsampwidth(), handle.getnchannels()
        assert handle.getframerate() == RATE, handle.getframerate()
        raw = handle.readframes(handle.getnframes())
    if width == 3:
        data = np.frombuffer(raw, np.uint8).reshape(-1, 3).astype(np.int32)
        values = (data[:, 0] << 8 | data[:, 1] << 16 | data[:, 2] << 24) / 2**31
    else:
        values = np.frombuffer(raw, {2: "<i2", 4: "<i4"}[width]) / float(2 ** (8 * width - 1))
    return values.reshape(-1, channels)


def envelope(samples, hz, window=480):
    """Amplitude of the tone @hz per window, by heterodyning. 10 ms by default: wide enough that the
    ±0.5 % by which the playout plays faster or slower is not taken for a change of level (a Hann
    window loses 1.4 dB half a bin off), so tones must be 300 Hz apart."""
    n = len(samples) // window * window
    t = np.arange(n)
    mixed = samples[:n] * np.exp(-2j * np.pi * hz / RATE * t) * np.tile(np.hanning(window) * 2, n // window)
    return 2 * np.abs(mixed.reshape(-1, window).mean(axis=1))


def tone_db(samples, hz, window=480):
    """Median level of the tone @hz in dBFS (peak of a sine), robust against single gaps."""
    level = np.median(envelope(samples, hz, window)) if len(samples) >= window else 0.0
    return 20 * np.log10(max(level, 1e-6))


def gaps(samples, hz, window=480, below=0.5):
    """Number of stretches in which the tone falls below half of its median level."""
    level = envelope(samples, hz, window)
    if not len(level):
        return 0
    low = level < below * np.median(level)
    return int(np.count_nonzero(low[1:] & ~low[:-1]) + (1 if low[0] else 0))


def longest_gap_ms(samples, hz, window=480, below=0.5):
    level = envelope(samples, hz, window)
    low = level < below * np.median(level)
    longest = run = 0
    for value in low:
        run = run + 1 if value else 0
        longest = max(longest, run)
    return longest * window * 1000 / RATE


def silences(samples, hz, at_least=150, window=480):
    """When the tone @hz was away, each time after it came first and before it went for good: (begin, end) in samples.
    Away: below a quarter of its median. What is shorter than @at_least ms is no silence but a dropout."""
    level = envelope(samples, hz, window)
    if not len(level) or not level.max() > 1e-4:
        return []
    there = level > 0.25 * np.median(level[level > 0.1 * level.max()])
    marks = np.flatnonzero(there)
    return [(int(a + 1) * window, int(b) * window) for a, b in zip(marks, marks[1:])
            if (b - a - 1) * window * 1000 >= at_least * RATE]


def silences_ms(samples, hz, **options):
    return [1000 * (end - begin) / RATE for begin, end in silences(samples, hz, **options)]

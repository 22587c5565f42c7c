// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The part of ankerl::unordered_dense that the mediasoup worker uses, on top
// of the standard containers.
//
// std::unordered_map keeps references stable and its erase(iterator) returns
// the next element, so it gives every guarantee that the worker relies on. What
// it does not give is iteration in insertion order.
#ifndef TUTTI_ANKERL_UNORDERED_DENSE_H
#define TUTTI_ANKERL_UNORDERED_DENSE_H

#include <concepts>
#include <cstdint>
#include <functional>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>

namespace ankerl::unordered_dense
{
  // std::hash of an integer is the integer itself in libstdc++; mix it (with
  // the finalizer of SplitMix64) because the worker combines these hashes.
  template<typename T>
  struct hash : std::hash<T>
  {
  };

  template<typename T>
    requires(std::integral<T> || std::is_enum_v<T>)
  struct hash<T>
  {
    std::size_t operator()(T value) const noexcept
    {
      auto x = static_cast<std::uint64_t>(value) + 0x9e3779b97f4a7c15ULL;

      x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
      x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;

      return static_cast<std::size_t>(x ^ (x >> 31));
    }
  };

  template<typename Key, typename T, typename Hash = hash<Key>>
  using map = std::unordered_map<Key, T, Hash>;

  template<typename Key, typename Hash = hash<Key>>
  using set = std::unordered_set<Key, Hash>;
} // namespace ankerl::unordered_dense

#endif

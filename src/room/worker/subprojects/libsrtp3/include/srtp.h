// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// The part of libsrtp 3's API that the mediasoup worker uses, on top of
// libsrtp 2. C++ only, header only.
//
// Both libraries share most types, names and the wire format. They differ in
// two ways, and this header bridges just these:
//
//  - the policy is an opaque object built by setters, not a public struct;
//  - protect and unprotect take separate input and output buffers with sizes,
//    where libsrtp 2 works in place with an int length.
//
// The functions whose names exist in both libraries (srtp_create,
// srtp_protect...) are C++ overloads of libsrtp 2's C functions, so neither
// symbols nor calls can be confused.
#ifndef TUTTI_LIBSRTP3_SRTP_H
#define TUTTI_LIBSRTP3_SRTP_H

#ifndef __cplusplus
#error "this libsrtp 3 adapter is for C++ only"
#endif

// libsrtp 2 uses this name for its policy struct; libsrtp 3 for a handle.
#define srtp_policy_t srtp2_policy_t
#include <srtp2/srtp.h>
#undef srtp_policy_t

#include <array>
#include <climits>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

// Error codes that only libsrtp 3 has.
inline constexpr auto srtp_err_status_buffer_small = static_cast<srtp_err_status_t>(28);
inline constexpr auto srtp_err_status_cryptex_err  = static_cast<srtp_err_status_t>(29);

struct srtp3_policy
{
  srtp2_policy_t v2{};
  srtp_profile_t profile{ srtp_profile_reserved };
  std::array<unsigned char, SRTP_MAX_KEY_LEN> key{}; // Master key, then salt.
};

using srtp_policy_t = srtp3_policy*;

inline srtp_err_status_t srtp_policy_create(srtp_policy_t* policy)
{
  *policy = new (std::nothrow) srtp3_policy;

  return *policy ? srtp_err_status_ok : srtp_err_status_alloc_fail;
}

inline void srtp_policy_destroy(srtp_policy_t policy)
{
  if (policy)
  {
    // Do not leave the key behind in freed memory.
    volatile unsigned char* key = policy->key.data();

    for (std::size_t i{ 0 }; i < policy->key.size(); ++i)
    {
      key[i] = 0;
    }
  }

  delete policy;
}

inline srtp_err_status_t srtp_policy_set_ssrc(srtp_policy_t policy, srtp_ssrc_t ssrc)
{
  policy->v2.ssrc = ssrc;

  return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_profile(srtp_policy_t policy, srtp_profile_t profile)
{
  auto err = srtp_crypto_policy_set_from_profile_for_rtp(&policy->v2.rtp, profile);

  if (err == srtp_err_status_ok)
  {
    err = srtp_crypto_policy_set_from_profile_for_rtcp(&policy->v2.rtcp, profile);
  }

  if (err == srtp_err_status_ok)
  {
    policy->profile = profile;
  }

  return err;
}

// Takes one key without MKI, which is all that the worker uses.
inline srtp_err_status_t srtp_policy_add_key(
  srtp_policy_t policy,
  const std::uint8_t* key,
  std::size_t keyLen,
  const std::uint8_t* salt,
  std::size_t saltLen,
  const std::uint8_t* mki,
  std::size_t mkiLen)
{
  if (
    mki || mkiLen != 0 || policy->v2.key ||
    keyLen != srtp_profile_get_master_key_length(policy->profile) ||
    saltLen != srtp_profile_get_master_salt_length(policy->profile) ||
    keyLen + saltLen > policy->key.size())
  {
    return srtp_err_status_bad_param;
  }

  std::memcpy(policy->key.data(), key, keyLen);
  std::memcpy(policy->key.data() + keyLen, salt, saltLen);
  policy->v2.key = policy->key.data();

  return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_allow_repeat_tx(srtp_policy_t policy, bool allow)
{
  policy->v2.allow_repeat_tx = allow ? 1 : 0;

  return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_window_size(srtp_policy_t policy, std::size_t size)
{
  if (size != 0 && (size < 64 || size >= 0x8000))
  {
    return srtp_err_status_bad_param;
  }

  policy->v2.window_size = size;

  return srtp_err_status_ok;
}

// libsrtp 2 derives the session keys here and keeps no pointer to the policy.
inline srtp_err_status_t srtp_create(srtp_t* session, srtp_policy_t policy)
{
  if (!policy->v2.key)
  {
    return srtp_err_status_bad_param;
  }

  return srtp_create(session, static_cast<const srtp2_policy_t*>(&policy->v2));
}

// The SSRC is in network byte order here and in libsrtp 2 alike.
inline srtp_err_status_t srtp_stream_remove(srtp_t session, std::uint32_t ssrc)
{
  return srtp_remove_stream(session, ssrc);
}

namespace srtp3_on_2
{
  // Runs one of libsrtp 2's in-place functions from `in` to `out`, which may
  // be the same buffer. `outLen` is the room in `out`, then the bytes written;
  // the function may write up to `growth` bytes beyond the input's length.
  inline srtp_err_status_t transform(
    srtp_err_status_t (*function)(srtp_t, void*, int*),
    srtp_t session,
    const std::uint8_t* in,
    std::size_t inLen,
    std::uint8_t* out,
    std::size_t* outLen,
    std::size_t growth)
  {
    if (inLen > INT_MAX - growth)
    {
      return srtp_err_status_bad_param;
    }

    if (*outLen < inLen + growth)
    {
      return srtp_err_status_buffer_small;
    }

    if (out != in)
    {
      std::memmove(out, in, inLen);
    }

    auto len       = static_cast<int>(inLen);
    const auto err = function(session, out, &len);

    if (err == srtp_err_status_ok)
    {
      *outLen = static_cast<std::size_t>(len);
    }

    return err;
  }
} // namespace srtp3_on_2

// The last argument chooses among several keys; there is only one (see
// srtp_policy_add_key()).
inline srtp_err_status_t srtp_protect(
  srtp_t session,
  const std::uint8_t* rtp,
  std::size_t rtpLen,
  std::uint8_t* srtp,
  std::size_t* srtpLen,
  std::size_t /*mkiIndex*/)
{
  return srtp3_on_2::transform(
    srtp_protect, session, rtp, rtpLen, srtp, srtpLen, SRTP_MAX_TRAILER_LEN);
}

inline srtp_err_status_t srtp_unprotect(
  srtp_t session, const std::uint8_t* srtp, std::size_t srtpLen, std::uint8_t* rtp, std::size_t* rtpLen)
{
  return srtp3_on_2::transform(srtp_unprotect, session, srtp, srtpLen, rtp, rtpLen, 0);
}

inline srtp_err_status_t srtp_protect_rtcp(
  srtp_t session,
  const std::uint8_t* rtcp,
  std::size_t rtcpLen,
  std::uint8_t* srtcp,
  std::size_t* srtcpLen,
  std::size_t /*mkiIndex*/)
{
  return srtp3_on_2::transform(
    srtp_protect_rtcp, session, rtcp, rtcpLen, srtcp, srtcpLen, SRTP_MAX_SRTCP_TRAILER_LEN);
}

inline srtp_err_status_t srtp_unprotect_rtcp(
  srtp_t session,
  const std::uint8_t* srtcp,
  std::size_t srtcpLen,
  std::uint8_t* rtcp,
  std::size_t* rtcpLen)
{
  return srtp3_on_2::transform(srtp_unprotect_rtcp, session, srtcp, srtcpLen, rtcp, rtcpLen, 0);
}

#endif

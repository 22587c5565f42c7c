// SPDX-FileCopyrightText: 2026 The Tutti authors
// SPDX-License-Identifier: GPL-3.0-or-later

// Checks ../subprojects/libsrtp3/include/srtp.h the way that the worker calls it, and
// measures it.
//   g++ -std=c++20 -O2 -I../subprojects/libsrtp3/include srtp-on-2.cpp -lsrtp2
#include <srtp.h>

#include <arpa/inet.h>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <vector>

#define CHECK(condition) \
  do { \
    if (!(condition)) { \
      std::fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition); \
      std::exit(1); \
    } \
  } while (false)

using Bytes = std::vector<uint8_t>;

static constexpr uint32_t Ssrc{ 0x11223344 };

static srtp_t makeSession(srtp_profile_t profile, bool inbound, uint8_t keyByte)
{
  const Bytes key(64, keyByte);
  const auto keyLen  = srtp_profile_get_master_key_length(profile);
  const auto saltLen = srtp_profile_get_master_salt_length(profile);
  srtp_policy_t policy{ nullptr };
  srtp_ssrc_t ssrc{};
  srtp_t session{ nullptr };

  ssrc.type = inbound ? ssrc_any_inbound : ssrc_any_outbound;

  CHECK(srtp_policy_create(&policy) == srtp_err_status_ok);
  CHECK(srtp_policy_set_ssrc(policy, ssrc) == srtp_err_status_ok);
  CHECK(srtp_create(&session, policy) == srtp_err_status_bad_param); // No key yet.
  CHECK(srtp_policy_set_profile(policy, profile) == srtp_err_status_ok);
  CHECK(srtp_policy_add_key(policy, key.data(), keyLen - 1, key.data(), saltLen, nullptr, 0) ==
        srtp_err_status_bad_param);
  CHECK(srtp_policy_add_key(policy, key.data(), keyLen, key.data() + keyLen, saltLen, nullptr, 0) ==
        srtp_err_status_ok);
  CHECK(srtp_policy_set_allow_repeat_tx(policy, true) == srtp_err_status_ok);
  CHECK(srtp_policy_set_window_size(policy, 8) == srtp_err_status_bad_param);
  CHECK(srtp_policy_set_window_size(policy, 1024) == srtp_err_status_ok);
  CHECK(srtp_create(&session, policy) == srtp_err_status_ok);
  srtp_policy_destroy(policy);

  return session;
}

static Bytes rtp(uint16_t seq, size_t payload = 160)
{
  Bytes packet(12 + payload, 0x55);
  const uint16_t netSeq  = htons(seq);
  const uint32_t netSsrc = htonl(Ssrc);

  packet[0] = 0x80;
  packet[1] = 97;
  std::memcpy(&packet[2], &netSeq, 2);
  std::memset(&packet[4], 0, 4);
  std::memcpy(&packet[8], &netSsrc, 4);

  return packet;
}

static Bytes protect(srtp_t session, const Bytes& clear)
{
  alignas(4) static uint8_t buffer[65536];
  size_t len{ sizeof(buffer) };

  CHECK(srtp_protect(session, clear.data(), clear.size(), buffer, &len, 0) == srtp_err_status_ok);

  return { buffer, buffer + len };
}

static srtp_err_status_t unprotect(srtp_t session, Bytes& packet)
{
  size_t len{ packet.size() };
  const auto err = srtp_unprotect(session, packet.data(), packet.size(), packet.data(), &len);

  if (err == srtp_err_status_ok)
  {
    packet.resize(len);
  }

  return err;
}

static void testProfile(srtp_profile_t profile, const char* name, size_t tag, size_t rtcpTrailer)
{
  auto* out   = makeSession(profile, false, 1);
  auto* in    = makeSession(profile, true, 1);
  auto* wrong = makeSession(profile, true, 2);

  // Round trip; the input is left alone; the tag's length.
  const auto clear = rtp(1);
  auto copy        = clear;
  auto sealed      = protect(out, clear);

  CHECK(copy == clear);
  CHECK(sealed.size() == clear.size() + tag);

  auto bad = sealed;

  CHECK(unprotect(wrong, bad) == srtp_err_status_auth_fail);

  auto tampered = sealed;

  tampered[20] ^= 1;
  CHECK(unprotect(in, tampered) == srtp_err_status_auth_fail);

  auto opened = sealed;

  CHECK(unprotect(in, opened) == srtp_err_status_ok);
  CHECK(opened == clear);
  opened = sealed;
  CHECK(unprotect(in, opened) == srtp_err_status_replay_fail);

  // allow_repeat_tx: the same packet once more gives the same bytes.
  CHECK(protect(out, clear) == sealed);

  // Too small an output buffer.
  uint8_t small[100];
  size_t smallLen{ sizeof(small) };

  CHECK(srtp_protect(out, clear.data(), clear.size(), small, &smallLen, 0) ==
        srtp_err_status_buffer_small);
  CHECK(srtp_unprotect(in, sealed.data(), sealed.size(), small, &smallLen) ==
        srtp_err_status_buffer_small);

  // SRTCP.
  Bytes report(8 + 20, 0x11);

  report[0] = 0x80;
  report[1] = 200;
  report[2] = 0;
  report[3] = 6;

  uint8_t buffer[512];
  size_t len{ sizeof(buffer) };

  CHECK(srtp_protect_rtcp(out, report.data(), report.size(), buffer, &len, 0) == srtp_err_status_ok);
  CHECK(len == report.size() + rtcpTrailer);

  size_t openLen{ len };

  CHECK(srtp_unprotect_rtcp(in, buffer, len, buffer, &openLen) == srtp_err_status_ok);
  CHECK(Bytes(buffer, buffer + openLen) == report);

  // srtp_stream_remove() takes the SSRC in network byte order and forgets the
  // rollover counter: after 65535 -> 0 the counter is 1, so seq 5 is sealed
  // differently, until the stream is removed.
  protect(out, rtp(0xfff0));
  protect(out, rtp(0xffff));
  protect(out, rtp(0));

  auto* fresh      = makeSession(profile, false, 1);
  const auto first = protect(fresh, rtp(5));

  CHECK(protect(out, rtp(5)) != first);
  CHECK(srtp_stream_remove(out, htonl(0x44332211)) != srtp_err_status_ok);
  CHECK(srtp_stream_remove(out, htonl(Ssrc)) == srtp_err_status_ok);
  CHECK(protect(out, rtp(5)) == first);

  // Cost.
  constexpr int Count{ 200000 };
  const auto start = std::chrono::steady_clock::now();

  for (int i{ 0 }; i < Count; ++i)
  {
    protect(out, rtp(static_cast<uint16_t>(i + 100)));
  }

  const std::chrono::duration<double, std::micro> spent = std::chrono::steady_clock::now() - start;

  std::printf("ok %-24s %.2f us to protect a packet of 160 bytes\n", name, spent.count() / Count);

  for (auto* session : { out, in, wrong, fresh })
  {
    CHECK(srtp_dealloc(session) == srtp_err_status_ok);
  }
}

int main()
{
  std::printf("%s\n", srtp_get_version_string());
  CHECK(srtp_init() == srtp_err_status_ok);
  testProfile(srtp_profile_aes128_cm_sha1_80, "AES_CM_128_HMAC_SHA1_80", 10, 14);
  testProfile(srtp_profile_aes128_cm_sha1_32, "AES_CM_128_HMAC_SHA1_32", 4, 14);
  testProfile(srtp_profile_aead_aes_128_gcm, "AEAD_AES_128_GCM", 16, 20);
  testProfile(srtp_profile_aead_aes_256_gcm, "AEAD_AES_256_GCM", 16, 20);
  CHECK(srtp_shutdown() == srtp_err_status_ok);
}

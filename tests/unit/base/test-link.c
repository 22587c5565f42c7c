/* SPDX-FileCopyrightText: 2026 The Tutti authors
 * SPDX-License-Identifier: GPL-3.0-or-later */

#include "tutti-error.h"
#include "tutti-link.h"

#define FP       "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define FP_UPPER "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"
#define ROOM_64  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
  const char *text;
  const char *host;
  guint port;
  const char *room;
  const char *invite;
  const char *fingerprint;
  const char *again; /* NULL: as text */
} good[] = {
  { "tutti://host/room", "host", 4443, "room", NULL, NULL, NULL },
  { "  \n tutti://host/room\r\n", "host", 4443, "room", NULL, NULL, "tutti://host/room" },
  { "tutti://host:4443/room", "host", 4443, "room", NULL, NULL, "tutti://host/room" },
  { "tutti://HOST.Example/room", "host.example", 4443, "room", NULL, NULL,
    "tutti://host.example/room" },
  { "TUTTI://host/room", "host", 4443, "room", NULL, NULL, "tutti://host/room" },
  { "tutti://host:1/a", "host", 1, "a", NULL, NULL, NULL },
  { "tutti://host:65535/a", "host", 65535, "a", NULL, NULL, NULL },
  { "https://host/room", "host", 443, "room", NULL, NULL, "tutti://host:443/room" },
  { "https://host:4443/room", "host", 4443, "room", NULL, NULL, "tutti://host/room" },
  { "tutti://192.0.2.7:5000/my-room_1.x", "192.0.2.7", 5000, "my-room_1.x", NULL, NULL, NULL },
  { "tutti://[2001:db8::1]:5000/room", "2001:db8::1", 5000, "room", NULL, NULL, NULL },
  { "tutti://[::1]/room", "::1", 4443, "room", NULL, NULL, NULL },
  { "tutti://[fe80::1%25eth0]/room", "fe80::1%eth0", 4443, "room", NULL, NULL, NULL },
  { "tutti://host/" ROOM_64, "host", 4443, ROOM_64, NULL, NULL, NULL },
  { "tutti://host/%6aam", "host", 4443, "jam", NULL, NULL, "tutti://host/jam" },
  { "tutti://host/room/", "host", 4443, "room", NULL, NULL, "tutti://host/room" },
  { "tutti://host/room#top", "host", 4443, "room", NULL, NULL, "tutti://host/room" },
  { "tutti://host/room?", "host", 4443, "room", NULL, NULL, "tutti://host/room" },
  { "tutti://host/room?fp=" FP, "host", 4443, "room", NULL, FP, NULL },
  { "tutti://host/room?fp=" FP_UPPER, "host", 4443, "room", NULL, FP, "tutti://host/room?fp=" FP },
  { "tutti://host/room?invite=abc.DEF-1_2~", "host", 4443, "room", "abc.DEF-1_2~", NULL, NULL },
  { "tutti://host/room?invite=a%26b%3Dc%2Bd", "host", 4443, "room", "a&b=c+d", NULL, NULL },
  { "tutti://host/room?invite=a+b", "host", 4443, "room", "a+b", NULL,
    "tutti://host/room?invite=a%2Bb" },
  { "tutti://host/room?fp=" FP "&invite=t", "host", 4443, "room", "t", FP,
    "tutti://host/room?invite=t&fp=" FP },
  { "tutti://host/room?future=1&invite=t&more&&=", "host", 4443, "room", "t", NULL,
    "tutti://host/room?invite=t" },
  { "tutti://host/room?future=1&invite=t&more=", "host", 4443, "room", "t", NULL,
    "tutti://host/room?invite=t" },
};

/* The text, and a word that the message must hold. */
static const struct {
  const char *text;
  const char *word;
} bad[] = {
  { "", "empty" },
  { " \n\t ", "empty" },
  { "host/room", "tutti://" },
  { "hello world", "spaces" },
  { "http://host/room", "tutti://" },
  { "file:///etc/passwd", "tutti://" },
  { "javascript:alert(1)", "tutti://" },
  { "tutti:host/room", "host" },
  { "tutti:///room", "host" },
  { "tutti://host", "no room" },
  { "tutti://host/", "no room" },
  { "tutti://host/?fp=" FP, "no room" },
  { "tutti://host//", "room" },
  { "tutti://host/.", "no room" },
  { "tutti://host/%2e", "no room" },
  { "tutti://host/.%2F", "no room" },
  { "tutti://host/%2e%2e", "no room" },
  { "tutti://host/a/b", "room" },
  { "tutti://host/Room", "letters a to z" },
  { "tutti://host/r%20m", "letters a to z" },
  { "tutti://host/r%C3%B6m", "letters a to z" },
  { "tutti://host/r%00m", "not allowed" },
  { "tutti://host/" ROOM_64 "a", "64" },
  { "tutti://host/room%zz", "" },
  { "tutti://host:0/room", "port" },
  { "tutti://host:65536/room", "port" },
  { "tutti://host:99999999999999/room", "port" },
  { "tutti://host:-1/room", "port" },
  { "tutti://host:12x/room", "port" },
  { "tutti://user@host/room", "user name" },
  { "tutti://user:pass@host/room", "user name" },
  { "tutti://ho st/room", "spaces" },
  { "tutti://ho\nst/room", "spaces" },
  { "tutti://[::1/room", "host" },
  { "tutti://ho$t/room", "host" },
  { "tutti://host/healthz", "name" },
  { "https://host/metrics/", "name" },
  { "tutti://[fe80::1%25a%2Fb]/room", "host name" },
  { "tutti://[fe80::1%25a%20b]/room", "host name" },
  { "tutti://host/room?fp=", "64" },
  { "tutti://host/room?fp=0123", "64" },
  { "tutti://host/room?fp=" FP "0", "64" },
  { "tutti://host/room?fp=g123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "64" },
  { "tutti://host/room?fp=" FP "&fp=" FP, "two fingerprints" },
  { "tutti://host/room?invite=", "invitation" },
  { "tutti://host/room?invite=a%0Ab", "invitation" },
  { "tutti://host/room?invite=%FF", "" },
  { "tutti://host/room?invite=a&invite=b", "two invitations" },
  { "\xff\xfe", "not text" },
};

static void
test_good (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (TuttiLink) link = tutti_link_parse (good[i].text, &error);
    g_autofree char *again = NULL;

    g_test_message ("%s", good[i].text);

    g_assert_no_error (error);
    g_assert_cmpstr (link->host, ==, good[i].host);
    g_assert_cmpuint (link->port, ==, good[i].port);
    g_assert_cmpstr (link->room, ==, good[i].room);
    g_assert_cmpstr (link->invite, ==, good[i].invite);
    g_assert_cmpstr (link->fingerprint, ==, good[i].fingerprint);

    again = tutti_link_to_string (link);
    g_assert_cmpstr (again, ==, good[i].again ? good[i].again : good[i].text);
  }
}

static void
test_bad (void)
{
  for (size_t i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (TuttiLink) link = tutti_link_parse (bad[i].text, &error);

    g_autofree char *shown = g_strescape (bad[i].text, NULL);

    g_test_message ("%s → %s", shown, error ? error->message : "read");
    g_assert_null (link);
    g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_BAD_LINK);
    g_assert_nonnull (strstr (error->message, bad[i].word));
    g_assert_true (g_str_has_suffix (error->message, "."));
  }
}

static void
test_long (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *token = g_strnfill (2000, 'a');
  g_autofree char *fits = g_strconcat ("tutti://host/room?invite=", token, NULL);
  g_autofree char *too_long = g_strconcat (fits, token, NULL);
  g_autofree char *stars = g_strnfill (700, '*');
  g_autofree char *grows = g_strconcat ("tutti://host/room?invite=", stars, NULL);
  g_autofree char *huge = g_strnfill (10 * 1000 * 1000, 'a');
  g_autoptr (TuttiLink) link = tutti_link_parse (fits, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (link->invite, ==, token);

  g_assert_null (tutti_link_parse (too_long, &error));
  g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_BAD_LINK);
  g_clear_error (&error);

  /* Handed on, each of these characters would be three. */
  g_assert_null (tutti_link_parse (grows, &error));
  g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_BAD_LINK);
  g_clear_error (&error);

  g_assert_null (tutti_link_parse (huge, &error));
  g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_BAD_LINK);
}

static void
test_copy (void)
{
  g_autoptr (TuttiLink) link = tutti_link_new ("::1", 0, "r", "a b", FP_UPPER);
  g_autoptr (TuttiLink) copy = g_boxed_copy (TUTTI_TYPE_LINK, link);
  g_autofree char *text = tutti_link_to_string (copy);
  g_autoptr (TuttiLink) minimal = tutti_link_new ("h", 7, "r", NULL, NULL);
  g_autoptr (TuttiLink) minimal_copy = tutti_link_copy (minimal);

  g_assert_true (copy->host != link->host);
  g_assert_cmpstr (text, ==, "tutti://[::1]/r?invite=a%20b&fp=" FP);
  g_assert_null (minimal_copy->invite);
  g_assert_null (minimal_copy->fingerprint);
  g_assert_cmpuint (minimal_copy->port, ==, 7);
  tutti_link_free (NULL);
}

/* What a browser gets means the same to the app, and no port is left to two defaults. */
static void
test_web (void)
{
  static const char *const pairs[][2] = {
    { "tutti://host/room", "https://host:4443/room" },
    { "tutti://host:443/room", "https://host/room" },
    { "tutti://host:80/room?invite=a%26b", "https://host:80/room?invite=a%26b" },
    { "tutti://[2001:db8::1]:5000/r?invite=x&fp=" FP,
      "https://[2001:db8::1]:5000/r?invite=x&fp=" FP },
  };
  g_autoptr (TuttiLink) near = tutti_link_parse ("tutti://[fe80::1%25eth0]/r", NULL);
  g_autofree char *near_web = tutti_link_to_web_string (near);

  g_assert_cmpstr (near_web, ==, "https://[fe80::1]:4443/r");

  for (size_t i = 0; i < G_N_ELEMENTS (pairs); i++) {
    g_autoptr (TuttiLink) link = tutti_link_parse (pairs[i][0], NULL);
    g_autofree char *web = tutti_link_to_web_string (link);
    g_autoptr (TuttiLink) again = tutti_link_parse (web, NULL);
    g_autofree char *text = tutti_link_to_string (again);

    g_assert_cmpstr (web, ==, pairs[i][1]);
    g_assert_cmpstr (text, ==, pairs[i][0]);
  }
}

/* Whatever a link says after any one byte was changed: no crash, and what is read survives a round
 * trip. */
static void
test_mutations (void)
{
  const char *seed = "tutti://[fe80::1%25eth0]:4444/my-room?invite=a%26b&fp=" FP "&x=%41";
  size_t length = strlen (seed);
  guint n_read = 0;

  for (size_t at = 0; at < length; at++) {
    for (int byte = 1; byte < 256; byte++) {
      g_autofree char *text = g_strdup (seed);
      g_autoptr (TuttiLink) link = NULL;
      g_autoptr (TuttiLink) again = NULL;
      g_autofree char *formatted = NULL;
      g_autoptr (GError) error = NULL;

      text[at] = (char) byte;
      if (!(link = tutti_link_parse (text, &error))) {
        g_assert_error (error, TUTTI_ERROR, TUTTI_ERROR_BAD_LINK);
        continue;
      }

      formatted = tutti_link_to_string (link);
      again = tutti_link_parse (formatted, &error);
      g_assert_no_error (error);
      g_assert_cmpstr (again->host, ==, link->host);
      g_assert_cmpuint (again->port, ==, link->port);
      g_assert_cmpstr (again->room, ==, link->room);
      g_assert_cmpstr (again->invite, ==, link->invite);
      g_assert_cmpstr (again->fingerprint, ==, link->fingerprint);
      n_read++;
    }
  }

  g_assert_cmpuint (n_read, >, 100);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/link/good", test_good);
  g_test_add_func ("/link/bad", test_bad);
  g_test_add_func ("/link/long", test_long);
  g_test_add_func ("/link/copy", test_copy);
  g_test_add_func ("/link/web", test_web);
  g_test_add_func ("/link/mutations", test_mutations);
  return g_test_run ();
}

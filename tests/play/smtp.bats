#!/usr/bin/env bats
# Servers that misbehave, and those that behave in the less usual ways: one
# dialogue each; its first line says what it is about.
# SPDX-License-Identifier: MIT
load ../lib/helper

plays() {
  local url=smtp tls=off
  case $BATS_TEST_DESCRIPTION in
  lmtp*) url= ;;
  esac
  play "$top_srcdir/tests/play/smtp/$BATS_TEST_DESCRIPTION.play" -- \
    env HOME="$BATS_TEST_TMPDIR" XDG_CONFIG_HOME= \
    msend ${url:+--server "$url://127.0.0.1:{PORT}"} --tls="$tls"
}

@test "8bitmime" { plays; }
@test "a-label" { plays; }
@test "auth-421" { plays; }
@test "auth-bad-challenge" { plays; }
@test "auth-challenge-421" { plays; }
@test "auth-impostor" { plays; }
@test "auth-later" { plays; }
@test "auth-login" { plays; }
@test "auth-named" { plays; }
@test "auth-no-tls" { plays; }
@test "auth-not-offered" { plays; }
@test "auth-plain" { plays; }
@test "auth-refused" { plays; }
@test "auth-token" { plays; }
@test "auth-unknown" { plays; }
@test "auth-xoauth2" { plays; }
@test "bdat" { plays; }
@test "bdat-421" { plays; }
@test "bdat-lost" { plays; }
@test "bdat-no-pipelining" { plays; }
@test "bdat-one-too-many" { plays; }
@test "bdat-refused" { plays; }
@test "binary" { plays; }
@test "binary-not" { plays; }
@test "codes-disagree" { plays; }
@test "content-421" { plays; }
@test "content-refused" { plays; }
@test "control-octets" { plays; }
@test "data-421" { plays; }
@test "data-refused" { plays; }
@test "deliver-by-not" { plays; }
@test "dots" { plays; }
@test "dsn" { plays; }
@test "dsn-must" { plays; }
@test "dsn-not" { plays; }
@test "early-421" { plays; }
@test "early-reply" { plays; }
@test "ehlo-421" { plays; }
@test "endless-line" { plays; }
@test "endless-reply" { plays; }
@test "fallback" { plays; }
@test "fallback-not" { plays; }
@test "garbage-after-dot" { plays; }
@test "greeting-busy" { plays; }
@test "greeting-garbage" { plays; }
@test "greeting-refused" { plays; }
@test "greeting-silent" { plays; }
@test "greeting-slow" { plays; }
@test "helo" { plays; }
@test "hold-too-long" { plays; }
@test "limits" { plays; }
@test "lmtp-accounting" { plays; }
@test "lmtp-lost" { plays; }
@test "lmtp-mixed" { plays; }
@test "lmtp-no-helo" { plays; }
@test "lost-after-dot" { plays; }
@test "lost-before-data" { plays; }
@test "mail-354" { plays; }
@test "mail-421" { plays; }
@test "mail-refused" { plays; }
@test "many-421" { plays; }
@test "many-desync" { plays; }
@test "many-dot-refused" { plays; }
@test "many-grouped" { plays; }
@test "many-lost" { plays; }
@test "many-one-by-one" { plays; }
@test "many-streamed" { plays; }
@test "many-streamed-421" { plays; }
@test "many-streamed-lost" { plays; }
@test "no-8bitmime" { plays; }
@test "no-chunking" { plays; }
@test "no-smtputf8" { plays; }
@test "no-smtputf8-header" { plays; }
@test "one-by-one" { plays; }
@test "one-reply-too-many" { plays; }
@test "pipelined" { plays; }
@test "proxy-v1" { plays; }
@test "proxy-v2" { plays; }
@test "rcpt-421" { plays; }
@test "rcpt-552" { plays; }
@test "rcpt-all-refused" { plays; }
@test "rcpt-mixed" { plays; }
@test "rcpt-one-of-three" { plays; }
@test "rcpt-surplus" { plays; }
@test "reply-4mib" { plays; }
@test "reply-4mib-lines" { plays; }
@test "require-tls" { plays; }
@test "require-tls-not" { plays; }
@test "require-tls-plain" { plays; }
@test "reset-after-dot" { plays; }
@test "size" { plays; }
@test "smtputf8" { plays; }
@test "starttls" { plays; }
@test "starttls-421" { plays; }
@test "starttls-injected" { plays; }
@test "starttls-may" { plays; }
@test "starttls-must" { plays; }
@test "starttls-refused" { plays; }
@test "starttls-stripped" { plays; }
@test "starttls-unknown" { plays; }
@test "to-7bit" { plays; }
@test "to-7bit-signed" { plays; }
@test "wishes" { plays; }
@test "xclient" { plays; }

#include "explanations/families.h"

namespace matrix_federation {
namespace {

// Whose keys they are, who signed them, and until when they count.
constexpr auto kReasons = std::to_array<Explained<Reason>>({
    {Reason::kKeysServerNameMismatch,
     {.meaning = R"(The keys belong to another server name than the one that was asked for.
Capital letters count.)",
      .why = R"(Other servers refuse keys under a wrong name. They cannot check anything that
this homeserver sends under the name that was asked for.)",
      .fix = R"(Watch the name that stands in user IDs, and lead requests for it to the right
homeserver.

    curl -sS https://matrix.example.org/_matrix/key/v2/server | jq -r .server_name

If that prints `example.org` and `matrix.example.org` is what you watch, watch `example.org`:
the host of a homeserver is no server name. If it prints the name of another homeserver, the
proxy sends this one's requests to the wrong backend.

If the homeserver was set up with the wrong `server_name`, it has to be set up anew: its users,
rooms and signatures carry that name.)"}},
    {Reason::kKeysNoSupportedKey,
     {.meaning = R"(The key response lists no ed25519 key among its current ones.)",
      .why = R"(ed25519 is the only kind of signing key that homeservers know. Without one they
cannot check anything, and refuse requests and messages.)",
      .fix = R"(See whether the homeserver has a signing key and may read it; its log says so
at the start.

Synapse makes one at its start if the file does not exist:

    signing_key_path: "/etc/matrix-synapse/homeserver.signing.key"

Dendrite needs one that was made before:

    generate-keys --private-key matrix_key.pem

If a key existed before, restore that one from a backup instead of making a new one.)"}},
    {Reason::kKeysInvalidKey,
     {.meaning = R"(An ed25519 key in the response is not 32 bytes in base64.)",
      .why = R"(Other servers cannot read the key; Synapse then drops the whole response. They
cannot check anything that is signed with it.)",
      .fix = R"(Restore the signing key from a backup and restart the homeserver.

    curl -sS http://127.0.0.1:8008/_matrix/key/v2/server | jq .verify_keys

A valid key has 43 characters, as in `XGX0JRS2Af3be3knz2fBiRbApjm2Dh61gXDJA8kcJNI`. If the
homeserver prints such a one and the outside another, something in between changes the answer.)"}},
    {Reason::kKeysNotSelfSigned,
     {.meaning = R"(None of the current keys has signed the key response.)",
      .why = R"(Whoever asks cannot tell whether the owner of the keys wrote the response.
Synapse and Dendrite refuse it; conduwuit, Tuwunel and continuwuity do not look.)",
      .fix = R"(Restart the homeserver, so that it builds and signs the response anew, and ask
it without the proxy.

    curl -sS http://127.0.0.1:8008/_matrix/key/v2/server | jq '.verify_keys, .signatures'

Both have to show the same key ID, and the signature has to stand under the server name. If
they do not, the key that is listed is not the one that signs: look for two signing keys in the
configuration.)"}},
    {Reason::kKeysInvalidSignature,
     {.meaning = R"(A signature of the key response does not fit its content and its key.)",
      .why = R"(Either somebody changed the response after it was signed, or another key signed
it. Synapse and Dendrite refuse it, and with it everything that your users send; conduwuit,
Tuwunel and continuwuity do not look.)",
      .fix = R"(Compare what the homeserver says with what arrives outside.

    lasting='del(.valid_until_ts, .signatures)'
    curl -sS http://127.0.0.1:8008/_matrix/key/v2/server | jq -S "$lasting"
    curl -sS https://matrix.example.org/_matrix/key/v2/server | jq -S "$lasting"

If they differ, a proxy or CDN rewrites the body, or leads to another homeserver: put an end to
that for `/_matrix`. If they are alike, the homeserver lists another key than it signs with:
restore its signing key from a backup and restart it with all its workers.)"}},
    {Reason::kKeysVerifyKeyNotSigned,
     {.meaning = R"(The response lists several ed25519 keys, and not all of them have signed
it.)",
      .why = R"(A key that has not signed may have been added by somebody who holds only one of
the others. Dendrite refuses the whole response, and so does the public federation tester;
Synapse is content with one signature that it can check.)",
      .fix = R"(Take every key out of the configuration that the homeserver no longer signs
with, and list it as a retired one.

Synapse, in homeserver.yaml:

    old_signing_keys:
      "ed25519:old":
        key: "XGX0JRS2Af3be3knz2fBiRbApjm2Dh61gXDJA8kcJNI"
        expired_ts: 1576767829750

`export_signing_key -x FILE` prints this entry for an old key file. Restart the homeserver, and
compare the key IDs of the two members:

    curl -sS http://127.0.0.1:8008/_matrix/key/v2/server | jq '.verify_keys, .signatures')"}},
    {Reason::kKeysExpired,
     {.meaning = R"(The key response is out of date: its `valid_until_ts` has passed.)",
      .why = R"(Other servers no longer accept these keys. They refuse requests and messages
that are signed with them; Synapse logs that it found no key to satisfy the request.)",
      .fix = R"(Set the clock of the homeserver right, and let nothing cache `/_matrix/key`.

    timedatectl
    for url in http://127.0.0.1:8008 https://matrix.example.org; do
        curl -sS $url/_matrix/key/v2/server | jq '.valid_until_ts / 1000 | todate'
    done

If only the second answer is old, a proxy or CDN caches it. nginx:

    location /_matrix {
        proxy_pass http://127.0.0.1:8008;
        proxy_set_header Host $http_host;
        proxy_cache off;
    }

If both are old and the clock is right, restart the homeserver: it renews the response while it
runs.)"}},
    {Reason::kKeysKeyBothCurrentAndOld,
     {.meaning = R"(A key is listed as current and as retired at the same time.)",
      .why = R"(Synapse believes the retirement: for it the key ended at that time, and it
refuses whatever is signed with it since.)",
      .fix = R"(Take the key out of the retired ones, if it is the one that signs, and restart
the homeserver. In Synapse that is `old_signing_keys`, in Dendrite `old_private_keys`.

    curl -sS http://127.0.0.1:8008/_matrix/key/v2/server \
        | jq '.verify_keys, .old_verify_keys'

If it was retired for a reason, let the homeserver sign with a new key instead. Synapse:

    cd /etc/matrix-synapse
    mv homeserver.signing.key old.signing.key
    generate_signing_key -o homeserver.signing.key)"}},
    {Reason::kKeysCompromised,
     {.meaning = R"(The private half of a current signing key is publicly known. Such keys come
from installations by the Helm chart of ESS Community that made their key with predictable
random numbers (CVE-2026-24044, ELEMENTSEC-2025-1670).)",
      .why = R"(Anybody can send in the name of this server. Synapse therefore refuses every
request and every message that is signed with the key: nothing that your users send arrives
there.)",
      .fix = R"(Give the homeserver a new signing key under a new ID, and declare the old ID
void.

With the chart, set the new key in `synapse.signingKey`; its documentation of CVE-2026-24044
says how. Synapse without the chart:

    cd /etc/matrix-synapse
    mv homeserver.signing.key compromised.signing.key
    generate_signing_key -o homeserver.signing.key

Do not list the compromised key itself as retired: whatever anybody signs with it would then
count as old and genuine. List its ID with a key that nobody has:

    generate_signing_key -o throwaway.signing.key
    export_signing_key -x throwaway.signing.key

Put what this prints into homeserver.yaml under `old_signing_keys:`, with the ID of the
compromised key in place of the printed one, delete the throw-away file and restart.)"}},
    {Reason::kCanonicalJsonUnrepresentable,
     {.meaning = R"(The key response holds a value that has no canonical JSON form, such as a
number with a fraction.)",
      .why = R"(Signatures are made over the canonical form, which knows whole numbers only.
Without it nobody can check the signature; how a server fails here depends on its software.)",
      .fix = R"(Look for a fraction or an exponent in the response, above all in
`valid_until_ts` and `expired_ts`. Both are whole milliseconds since 1970.

    curl -sS https://matrix.example.org/_matrix/key/v2/server

If it comes from the configuration of retired keys, write it as a whole number there. Otherwise
report it to the authors of the homeserver.)"}},
});

constexpr auto kWarnings = std::to_array<Explained<Warning>>({
    {Warning::kKeysExpiringSoon,
     {.meaning = R"(The keys are valid for less than another hour.)",
      .why = R"(Other servers soon have to ask again, and refuse what your users send if they
get no newer answer by then. Synapse publishes keys for a day and renews that after half the
time; Dendrite, Conduit and its descendants publish them for a week. So an hour means a cache,
a wrong clock or an unusual setting.)",
      .fix = R"(Let nothing cache `/_matrix/key`, and check the clock and the period that is
configured.

    for url in http://127.0.0.1:8008 https://matrix.example.org; do
        curl -sS $url/_matrix/key/v2/server | jq '.valid_until_ts / 1000 | todate'
    done

Synapse:

    key_refresh_interval: 1d

Dendrite, under `global`:

    key_validity_period: 168h0m0s)"}},
    {Warning::kKeysValidUntilCapped,
     {.meaning = R"(The keys say that they are valid for more than seven days.)",
      .why = R"(Other servers count seven days at most, so federation works. Dendrite, Conduit
and its descendants publish exactly seven: with them this means that the clock of the
homeserver is ahead of the exporter's by more than a minute.)",
      .fix = R"(Compare the clocks, and set the period to seven days or less.

    timedatectl

Synapse:

    key_refresh_interval: 1d

Dendrite, under `global`:

    key_validity_period: 168h0m0s)"}},
    {Warning::kKeysNonstandardKeyId,
     {.meaning = R"(The ID of a signing key has other characters than letters, digits and the
underscore.)",
      .why = R"(The specification allows no others. Dendrite and Conduit have been reported to
insist on it, and refuse what is signed with such a key; Synapse does not mind.)",
      .fix = R"(Make a new key under a regular ID and list the old one as retired.

Synapse:

    cd /etc/matrix-synapse
    mv homeserver.signing.key old.signing.key
    generate_signing_key -o homeserver.signing.key
    export_signing_key -x old.signing.key

Put what the last command prints into homeserver.yaml under `old_signing_keys:` and restart.)"}},
    {Warning::kKeysUrlsafeBase64,
     {.meaning = R"(Keys or signatures are written in URL-safe base64, with `-` and `_` instead
of `+` and `/`.)",
      .why = R"(Synapse and Dendrite read it. The specification knows the standard alphabet
only, so other software may refuse the keys.)",
      .fix = R"(Update the homeserver. If its keys were copied by hand from somewhere else,
write them with `+` and `/`, without `=` at the end.)"}},
    {Warning::kKeysKeyIdReused,
     {.meaning = R"(A key ID that is known from before now belongs to another key.)",
      .why = R"(Other servers remember the old key under this ID, and refuse whatever is signed
with the new one. Usually the homeserver was set up anew without its old key. If you did not do
that, somebody else may answer in your name.)",
      .fix = R"(Restore the old signing key from a backup, if there is one, and restart the
homeserver.

Without a backup, make a new key under an ID that was never used. Synapse picks one at random:

    cd /etc/matrix-synapse
    mv homeserver.signing.key reused.signing.key
    generate_signing_key -o homeserver.signing.key

If you know the old public key, list it as retired, so that old messages can still be checked:

    old_signing_keys:
      "ed25519:1":
        key: "XGX0JRS2Af3be3knz2fBiRbApjm2Dh61gXDJA8kcJNI"
        expired_ts: 1576767829750)"}},
    {Warning::kKeysKeyVanished,
     {.meaning = R"(A key that this server published before is gone, and `old_verify_keys` does
not list it.)",
      .why = R"(Servers that do not remember the key cannot check the older messages that it
signed. Whoever joins a room or fills a gap in its history there has to leave those out.)",
      .fix = R"(List the key as retired, with the time at which it was last used.

Synapse, if the old key file still exists:

    export_signing_key -x old.signing.key

Put what this prints into homeserver.yaml:

    old_signing_keys:
      "ed25519:old":
        key: "XGX0JRS2Af3be3knz2fBiRbApjm2Dh61gXDJA8kcJNI"
        expired_ts: 1576767829750

Dendrite, in dendrite.yaml:

    global:
      old_private_keys:
        - private_key: old_matrix_key.pem
          expired_at: 1601024554498

Without the file, the ID and the public key are enough for Synapse.)"}},
});

}  // namespace

ExplainedReasons SignatureReasons() { return kReasons; }
ExplainedWarnings KeyWarnings() { return kWarnings; }

}  // namespace matrix_federation

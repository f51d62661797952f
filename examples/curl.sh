#!/usr/bin/env bash
#
# Driving a node by curl, as any program in any language can.
#
# Shows: where a node says what its address and its token are, joining a scope, following events, proposing, voting, waiting for the
# result, what an error looks like. The scope is an open one with one voter, so that one node is enough.
#
# Run: have a node running (libp2p-voting start --local), then: examples/curl.sh [data directory]
# Without the argument it takes LIBP2P_VOTING_DATA_DIR, or ~/.libp2p-voting. Needs curl and jq.
#
# Prints, with an id of its own:
#
#   Ready: ok
#   Joined: curl-example
#   Proposed: 2871410316
#   Voted: yes as 0x42957feD21C60Ff873392506A30666317c4d1f91
#   Result: yes (1 yes, 0 no of 1)
#   Events: proposal vote decided
#   An error: 409 Voted already
#
set -euo pipefail

directory=${1:-${LIBP2P_VOTING_DATA_DIR:-${XDG_STATE_HOME:+$XDG_STATE_HOME/libp2p-voting}}}
directory=${directory:-$HOME/.libp2p-voting}

for program in curl jq; do
  command -v "$program" >/dev/null || { echo "error: this example needs $program" >&2; exit 2; }
done

[ -r "$directory/running.json" ] || { echo "error: no node runs in $directory. Start one: libp2p-voting start --local --data-dir $directory" >&2; exit 2; }

# Both change at each start. The token is a file that only its owner can read; curl reads it from standard input, since the command
# line of a process is there for everybody on the machine to see.
url=$(jq -r .url "$directory/running.json")
scope=curl-example

# call METHOD PATH [JSON] : prints the answer, JSON in every case; problems too
call () {
  printf 'header = "authorization: Bearer %s"\n' "$(cat "$directory/api.token")" |
    curl --silent --show-error --config - --request "$1" "$url$2" ${3:+--header 'content-type: application/json' --data "$3"}
}

# /health needs no token
echo "Ready: $(curl --silent --show-error "$url/health/ready" | jq -r .status)"

echo "Joined: $(call POST /scopes "{\"name\": \"$scope\"}" | jq -r .name)"

# Server-sent events from now on, in the background. Who comes back with `Last-Event-ID: ID` misses nothing.
events=$(mktemp)
printf 'header = "authorization: Bearer %s"\n' "$(cat "$directory/api.token")" |
  curl --silent --no-buffer --config - "$url/events" >"$events" &
follower=$!
trap 'kill "$follower" 2>/dev/null || true; rm -f "$events"' EXIT

# The stream begins with a comment, which says that it is there
until grep -q '^: connected' "$events"; do sleep 0.1; done

# Payloads are bytes, as hex digits
id=$(call POST "/scopes/$scope/proposals" '{"name": "Upgrade to version 2?", "payload": "0x7632", "expectedVotersCount": 1, "timeoutSeconds": 600}' | jq -r .proposalId)
echo "Proposed: $id"

vote=$(call POST "/scopes/$scope/proposals/$id/votes" '{"choice": "yes"}')
echo "Voted: $(jq -r '"\(.choice) as \(.voter)"' <<<"$vote")"

# Waits up to 50 seconds for the end of the proposal; ask again where it says that it goes on
call GET "/scopes/$scope/proposals/$id/decision?waitSeconds=50" >/dev/null
call GET "/scopes/$scope/proposals/$id" | jq -r '"Result: \(.result // .state) (\(.tally.yes) yes, \(.tally.no) no of \(.expectedVotersCount))"'

until grep -q '^event: decided' "$events"; do sleep 0.1; done
echo "Events: $(sed -n 's/^event: //p' "$events" | paste -sd ' ' -)"

# Errors are problem details (RFC 9457): what was wrong, the value, what to do
call POST "/scopes/$scope/proposals/$id/votes" '{"choice": "no"}' | jq -r '"An error: \(.status) \(.title)"'

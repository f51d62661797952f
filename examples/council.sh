#!/usr/bin/env bash
#
# A council of five: a node for each member, and a policy file that all of them have.
#
# Shows: what operators type. Each member starts a node and tells the others the address it votes by; the five addresses become
# a policy file; everybody joins by the file, and sees by its digest that it is the same. Then one proposes, four vote, and all five
# nodes come to the same result. Here all nodes are on one machine; elsewhere they are started without --local, with ports that
# the others can reach.
#
# Run: examples/council.sh. It takes half a minute, and cleans up behind it. LIBP2P_VOTING is the command, if it is not
# libp2p-voting.
#
# Prints:
#
#   Five nodes run
#   All five have the policy 1f0c…
#   Member 1 proposes: Elect a treasurer? (4 of 5 decide)
#   Members 1 to 4 vote: yes yes no yes
#   Member 5 has not voted, and its node waits: voting
#   Member 5 votes yes
#   Member 1 sees: yes
#   …
#   Member 5 sees: yes
#
set -euo pipefail

read -ra voting <<<"${LIBP2P_VOTING:-libp2p-voting}"
folder=$(mktemp -d)
nodes=()

# what this script has started, and nothing else
cleanup () {
  for node in "${nodes[@]}"; do kill "$node" 2>/dev/null || true; done
  wait
  rm -rf "$folder"
}
trap cleanup EXIT

export LIBP2P_VOTING_LOCK_DIR=$folder/locks

# member N COMMAND... : the command line of member N
member () {
  "${voting[@]}" "${@:2}" --data-dir "$folder/member-$1"
}

# start N OPTIONS... : the node of member N, in place of the shell that this runs in, so that $! is the node
start () {
  exec "${voting[@]}" start --local --json "${@:2}" --data-dir "$folder/member-$1"
}

# field NAME : reads JSON in a line, and prints the field
field () {
  sed -nE "s/.*\"$1\":\"?([^\",}]*).*/\1/p"
}

for n in 1 2 3 4 5; do
  if [ "$n" = 1 ]; then
    start 1 >"$folder/1.json" 2>"$folder/1.err" &
  else
    # the first one is who the others join by
    address=$(sed -nE '1s/.*"addresses":\["([^"]*)".*/\1/p' "$folder/1.json")
    start "$n" --bootstrap "$address" >"$folder/$n.json" 2>"$folder/$n.err" &
  fi

  node=$!
  nodes+=("$node")

  # its first line says that it runs
  until [ -s "$folder/$n.json" ]; do
    kill -0 "$node" 2>/dev/null || { cat "$folder/$n.err" >&2; exit 1; }
    sleep 0.1
  done
done
echo 'Five nodes run'

# 1. Everybody tells the address that "libp2p-voting id" prints, and somebody writes the policy file
voters=$(for n in 1 2 3 4 5; do member "$n" id --json | field voter | sed "s/.*/    { \"address\": \"&\", \"name\": \"Member $n\" },/"; done | sed '$s/,$//')
cat >"$folder/treasury.json" <<POLICY
{
  "name": "treasury",
  "threshold": 0.8,
  "defaultTimeoutSeconds": 3600,
  "voters": [
$voters
  ]
}
POLICY

# 2. Everybody joins by it, and compares the digest
digests=$(for n in 1 2 3 4 5; do member "$n" scope add "$folder/treasury.json" --json | field digest; done | sort -u)
[ "$(wc -l <<<"$digests")" = 1 ] || { echo "error: the members have different policies: $digests" >&2; exit 1; }
echo "All five have the policy ${digests:0:4}…"

# 3. One proposes
id=$(member 1 propose treasury 'Elect a treasurer?' --json | field proposalId)
echo 'Member 1 proposes: Elect a treasurer? (4 of 5 decide)'

# until the proposal has come to a member
arrives () {
  until member "$1" show treasury "$id" >/dev/null 2>&1; do sleep 0.2; done
}

# 4. Members vote, each at the own node
choices=(yes yes no yes)
for n in 1 2 3 4; do
  arrives "$n"
  member "$n" vote treasury "$id" "${choices[n - 1]}" >/dev/null
done
echo "Members 1 to 4 vote: ${choices[*]}"

arrives 5
state=$(member 5 show treasury "$id" --json | field state)
[ "$state" = active ] || { echo "error: three of five have decided it: $state" >&2; exit 1; }
echo 'Member 5 has not voted, and its node waits: voting'

# 5. The fourth yes is the one that decides. --wait gives the result at a node, as soon as it has it
member 5 vote treasury "$id" yes >/dev/null
echo 'Member 5 votes yes'

for n in 1 2 3 4 5; do
  until result=$(member "$n" show treasury "$id" --json | field result) && [ -n "$result" ]; do sleep 0.2; done
  echo "Member $n sees: $result"
done

#!/usr/bin/env node
/**
 * Voting inside your own libp2p nodes.
 *
 * Shows: the voting service next to the services that a node has anyway, a scope whose policy names the voters, a store on disk
 * and a vote lock that keep what was decided and what the key has voted, and how to act on a result. Three members in one
 * process vote; two are enough.
 *
 * Run: node examples/embed.js
 *
 * Prints, with an id of its own:
 *
 *   Carol is asked: Upgrade to version 2? (proposal 2871410316)
 *   Alice has seen: yes, 2 yes and 1 no of 3
 *   Bob has seen: yes, 2 yes and 1 no of 3
 *   Carol has seen: yes, 2 yes and 1 no of 3
 *   Alice has it on disk: yes
 */

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gossipsub } from '@chainsafe/libp2p-gossipsub'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { createLibp2p } from 'libp2p'
import { voting } from 'libp2p-voting'
import { ethereumSigner, identityToAddress } from 'libp2p-voting/signers/ethereum'
import { FileVoteLock } from 'libp2p-voting/storage/file-vote-lock'
import { LevelStorage } from 'libp2p-voting/storage/level'
import { generatePrivateKey } from 'viem/accounts'

const folder = await mkdtemp(join(tmpdir(), 'voting-embed-'))

async function createMember (name) {
  const signer = ethereumSigner(generatePrivateKey())
  const storage = await LevelStorage.open(join(folder, name))
  // all nodes of a machine share the folder of the lock: a key that two of them use votes once
  const voteLock = new FileVoteLock(join(folder, 'locks'))

  // the key was made just now, so it has voted on nothing elsewhere
  await voteLock.raise(signer.identity)

  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    services: {
      identify: identify(),
      pubsub: gossipsub(),
      voting: voting({ signer, storage, voteLock })
    }
  })

  return { name, signer, storage, node, voting: node.services.voting }
}

/** Waits until all votes are here: a result needs a quorum only, and the others come a moment later */
async function allVotes ({ voting }, proposalId) {
  return new Promise((resolve, reject) => {
    const look = () => {
      voting.get('council', proposalId).then(proposal => {
        if (proposal.votes.length === proposal.expectedVotersCount) {
          voting.removeEventListener('voting:vote', look)
          resolve(proposal)
        }
      }, reject)
    }

    voting.addEventListener('voting:vote', look)
    look()
  })
}

const members = await Promise.all(['Alice', 'Bob', 'Carol'].map(createMember))
const [alice, bob, carol] = members

// the same at all members: the digest of the policy is part of the topic that they meet on
const policy = {
  name: 'council',
  voters: members.map(({ signer }) => identityToAddress(signer.identity)),
  threshold: '2/3'
}

for (const { voting } of members) {
  await voting.join(policy)
}

await alice.node.dial(bob.node.getMultiaddrs())
await carol.node.dial(bob.node.getMultiaddrs())

// Bob and Carol vote on what they are asked
for (const { name, voting } of [bob, carol]) {
  voting.addEventListener('voting:proposal', ({ detail }) => {
    if (name === 'Carol') {
      console.info(`Carol is asked: ${detail.name} (proposal ${detail.proposalId})`)
    }

    voting.vote(detail.scope, detail.proposalId, name === 'Bob').catch(err => { console.error(`${name} could not vote: ${err.message}`) })
  })
}

const { proposalId } = await alice.voting.propose('council', { name: 'Upgrade to version 2?', timeoutSeconds: 60 })

await alice.voting.vote('council', proposalId, true)

for (const member of members) {
  // resolves when there is a result; it is on disk then
  const { state, result } = await member.voting.decision('council', proposalId)
  const { tally, expectedVotersCount } = await allVotes(member, proposalId)

  const outcome = result ? 'yes' : 'no'

  console.info(`${member.name} has seen: ${state === 'reached' ? outcome : state}, ${tally.yes} yes and ${tally.no} no of ${expectedVotersCount}`)
}

await Promise.all(members.map(async ({ node, storage }) => {
  await node.stop()
  await storage.close()
}))

const storage = await LevelStorage.open(join(folder, 'Alice'))

for (const scope of await storage.listScopes()) {
  const session = await storage.getSession(scope, proposalId)

  console.info(`Alice has it on disk: ${session.result ? 'yes' : 'no'}`)
}

await storage.close()
await rm(folder, { recursive: true })

#!/usr/bin/env node
/**
 * Voting in the libp2p node of Helia, on content.
 *
 * Shows: the voting service in a Helia node, a proposal whose payload is a CID, and a member who fetches what is voted on
 * from the proposer, by its hash, before voting on it. What has been decided on is exactly what was read.
 *
 * Run: npm install helia, then node examples/helia.js. It stays on this machine: Helia is given a libp2p configuration of its
 * own, without the bootstrap peers, routers and gateways that it has by default.
 *
 * Prints:
 *
 *   Alice proposes bafkreid6emsktopm2cfheewbghwinroue4jsc3znaexr3fhar6npligb6m
 *   Bob has read: # Charter: what is decided is decided by two thirds.
 *   Alice: yes
 *   Bob: yes
 *   Bob pins what was decided: true
 */

import { gossipsub } from '@chainsafe/libp2p-gossipsub'
import { noise } from '@chainsafe/libp2p-noise'
import { yamux } from '@chainsafe/libp2p-yamux'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { createHelia } from 'helia'
import { voting } from 'libp2p-voting'
import { ethereumSigner, identityToAddress } from 'libp2p-voting/signers/ethereum'
import { CID } from 'multiformats/cid'
import * as raw from 'multiformats/codecs/raw'
import { sha256 } from 'multiformats/hashes/sha2'
import { generatePrivateKey } from 'viem/accounts'

/** Milliseconds in which what is voted on has to be had */
const FETCH_TIMEOUT = 20_000

async function createMember () {
  const signer = ethereumSigner(generatePrivateKey())
  const helia = await createHelia({
    http: { delegatedRouters: [], recursiveGateways: [] },
    libp2p: {
      // in place of the defaults, not besides them
      config: 'replace',
      addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
      transports: [tcp()],
      connectionEncrypters: [noise()],
      streamMuxers: [yamux()],
      peerDiscovery: [],
      contentRouters: [],
      peerRouters: [],
      services: {
        identify: identify(),
        pubsub: gossipsub(),
        voting: voting({ signer })
      }
    }
  }).start()

  return { helia, signer, voting: helia.libp2p.services.voting }
}

async function read (blockstore, cid, options) {
  const chunks = await Array.fromAsync(blockstore.get(cid, options))

  return Buffer.concat(chunks).toString()
}

const [alice, bob] = await Promise.all([createMember(), createMember()])
const policy = {
  name: 'content',
  voters: [alice, bob].map(({ signer }) => identityToAddress(signer.identity))
}

await alice.voting.join(policy)
await bob.voting.join(policy)
await bob.helia.libp2p.dial(alice.helia.libp2p.getMultiaddrs())

// Bob reads what he is asked about, and then votes
const bobsVote = new Promise((resolve, reject) => {
  bob.voting.addEventListener('voting:proposal', ({ detail: { scope, proposalId, payload } }) => {
    const cid = CID.decode(payload)

    read(bob.helia.blockstore, cid, { signal: AbortSignal.timeout(FETCH_TIMEOUT) })
      .then(async text => {
        console.info(`Bob has read: ${text}`)
        await bob.voting.vote(scope, proposalId, text.includes('two thirds'))
        resolve(cid)
      })
      .catch(reject)
  })
})

const block = new TextEncoder().encode('# Charter: what is decided is decided by two thirds.')
const cid = CID.createV1(raw.code, await sha256.digest(block))

await alice.helia.blockstore.put(cid, block)
console.info(`Alice proposes ${cid}`)

const { proposalId } = await alice.voting.propose('content', { name: 'Adopt the charter?', payload: cid.bytes })

await alice.voting.vote('content', proposalId, true)
await bobsVote

for (const [name, { voting }] of Object.entries({ Alice: alice, Bob: bob })) {
  const { result } = await voting.decision('content', proposalId)

  console.info(`${name}: ${result ? 'yes' : 'no'}`)
}

await Array.fromAsync(bob.helia.pins.add(await bobsVote))
console.info(`Bob pins what was decided: ${await bob.helia.pins.isPinned(await bobsVote)}`)

await Promise.all([alice.helia.stop(), bob.helia.stop()])

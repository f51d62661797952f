/**
 * votes.json: from a private key to the vote's hash, the payload that is signed, the signature and the canonical bytes.
 */

import { hexToBytes } from '@noble/hashes/utils.js'
import { privateKeyToAccount } from 'viem/accounts'
import { computeVoteHash, decodeVote, encodeVote, signedPayload, validateVote } from '../../src/consensus/index.ts'
import { ethereumScheme, ethereumSigner } from '../../src/signers/ethereum.ts'
import { noble } from '../../src/signers/secp256k1.browser.ts'
import { native } from '../../src/signers/secp256k1.ts'
import { casesOf, outcomeOf, runCases } from './case.ts'
import { toVote } from './messages.ts'
import type { Case } from './case.ts'
import type { VoteData } from './messages.ts'

interface VoteCase {
  privateKey: string
  vote: VoteData
  signedPayload: string
  encoded: string
}

/** All implementations of the curve that there are here; the native one has no binding on some platforms */
const curves = native == null ? [noble] : [native, noble]

export async function checkVotes (content: unknown): Promise<Case[]> {
  return runCases<VoteCase>(casesOf(content), data => `private key ${data.privateKey}`, async (test, data) => {
    const vote = toVote(data.vote)
    const payload = signedPayload({ ...vote, signature: new Uint8Array(0) })

    test.equal('vote hash', data.vote.voteHash, computeVoteHash(vote))
    test.equal('signed payload', data.signedPayload, payload)
    test.equal('signed payload of the signed vote', data.signedPayload, signedPayload(vote))
    test.equal('encoded', data.encoded, encodeVote(vote))
    test.equal('decoded', data.vote, decodeVote(hexToBytes(data.encoded)))

    for (const curve of curves) {
      const signer = ethereumSigner(`0x${data.privateKey}`, curve)

      test.equal(`identity, ${curve.name}`, data.vote.voteOwner, signer.identity)
      test.equal(`signature, ${curve.name}`, data.vote.signature, await signer.sign(payload))
      test.equal(`validity, ${curve.name}`, 'ok', await outcomeOf(async () => {
        const at = { timestamp: vote.timestamp, expirationTimestamp: vote.timestamp }

        await validateVote(vote, at, vote.timestamp, ethereumScheme(curve))
      }))
    }

    const account = ethereumSigner(privateKeyToAccount(`0x${data.privateKey}`))

    test.equal('identity, viem account', data.vote.voteOwner, account.identity)
    test.equal('signature, viem account', data.vote.signature, await account.sign(payload))
  })
}

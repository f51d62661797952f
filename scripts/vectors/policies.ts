/**
 * policies.json: canonical forms, digests and topics of policies, and quorums by thresholds.
 */

import { keccak_256 as keccak256 } from '@noble/hashes/sha3.js'
import { hexToBytes } from '@noble/hashes/utils.js'
import { concat } from 'uint8arrays/concat'
import { toString } from 'uint8arrays/to-string'
import { sha256 } from '../../src/consensus/encoding/sha256.ts'
import { canonicalPolicy, parsePolicy, policyDigest, quorumOf, toleranceOf } from '../../src/consensus/index.ts'
import { topicOf } from '../../src/network/gossip/topic.ts'
import { runCases } from './case.ts'
import type { Case } from './case.ts'
import type { ScopePolicyInput } from '../../src/consensus/index.ts'

interface PolicyCase {
  input: ScopePolicyInput
  canonical: string
  sha256: string
  keccak256: string
  n: number
  q: number
  digest: string
  topic: string
}

interface ThresholdCase {
  threshold: number | string
  fraction: string
  /** n, q, f */
  rows: Array<[number, number, number]>
}

export async function checkPolicies (content: unknown): Promise<Case[]> {
  const { policies, thresholds } = content as { policies: unknown, thresholds: unknown }

  return [...await checkDigests(policies), ...await checkThresholds(thresholds)]
}

async function checkDigests (list: unknown): Promise<Case[]> {
  return runCases<PolicyCase>(list, ({ input }) => input.name, (test, data) => {
    const policy = parsePolicy(data.input)
    const digest = policyDigest(policy)
    const voters = policy.voters ?? []

    test.equal('canonical', data.canonical, toString(canonicalPolicy(policy)))
    test.equal('sha256', data.sha256, sha256(canonicalPolicy(policy)))
    test.equal('keccak256', data.keccak256, keccak256(concat(voters.map(({ address }) => hexToBytes(address.slice(2))))))
    test.equal('n', data.n, voters.length)
    test.equal('q', data.q, voters.length === 0 ? 0 : quorumOf(voters.length, policy.threshold))
    test.equal('digest', data.digest, digest)
    test.equal('topic', data.topic, topicOf(policy.name, digest))
  })
}

async function checkThresholds (list: unknown): Promise<Case[]> {
  return runCases<ThresholdCase>(list, ({ threshold }) => `${threshold}`, (test, { threshold, fraction, rows }) => {
    test.equal('fraction', fraction, parsePolicy({ name: 'council', threshold }).threshold)

    for (const [n, q, f] of rows) {
      test.equal(`n ${n}`, [q, f], [quorumOf(n, fraction), toleranceOf(n, fraction)])
    }
  })
}

/**
 * Disks that change what they hold. A store that was closed either opens and answers as before, or says that it is damaged:
 * there is no third.
 */

import { cpSync } from 'node:fs'
import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { Random } from '../../../scripts/fuzz/random.ts'
import { parsePolicy } from '../../../src/consensus/policy/policy.ts'
import { ConsensusService } from '../../../src/consensus/service.ts'
import { scopeConfig, scopeKey } from '../../../src/network/scope/scope.ts'
import { ethereumScheme, ethereumSigner } from '../../../src/signers/ethereum.ts'
import { exportStore } from '../../../src/storage/export/export.ts'
import { repairStore } from '../../../src/storage/integrity/repair-store.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { makeProposal, makeVote } from '../../utils/messages.ts'
import { boundVote, digestOf, quorumProposal } from '../../utils/quorum.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { Proposal } from '../../../src/consensus/proposal/proposal.ts'

const ROUNDS = 500

/** So many rounds at a time, of which there is a whole number */
const SIDE_BY_SIDE = 5

/** Of so many rounds one is checked and repaired, too */
const CLOSE_LOOK = 25
const NOW = 1_700_000_000n
const scheme = ethereumScheme()
const signers = [1, 2, 3, 4, 5].map(byte => ethereumSigner(new Uint8Array(32).fill(byte)))
const [own] = signers
const POLICIES = ([['council', 'quorum'], ['lobby', 'reference'], ['treasury', 'quorum']] as const).map(([name, decisionRule]) => parsePolicy({ name, decisionRule, minLifetimeSeconds: 1 }))
/** Files that nothing depends on: LevelDB's own diary and the file it locks */
const IDLE = /^LO(G|G\.old|CK)$/
/** What a store may refuse with, each with a message that says what to do */
const REFUSALS = ['StorageDamagedError', 'StorageFormatError', 'StorageOpenError']

describe('LevelDB storage on a disk that changes what it holds', () => {
  const folder = useTempFolder()
  const proposals: Array<{ scope: string, proposal: Proposal & { digest?: Uint8Array } }> = []

  /** Active and ended proposals of several scopes, with locks; some in tables, some in the log */
  async function fill (location: string): Promise<void> {
    for (const batch of [0, 1, 2, 3]) {
      const storage = await LevelStorage.open(location)
      const service = new ConsensusService({ scheme, storage, signer: own, clock: () => NOW, maxSessionsPerScope: Infinity })

      for (const policy of POLICIES) {
        const scope = scopeKey(policy)

        await storage.setScopeConfig(scope, scopeConfig(policy))
        await storage.savePolicy(policy)
        await storage.saveSettings(policy.name, { retainVotesSeconds: 60 })

        for (let number = 0; number < 8; number++) {
          const isBound = policy.decisionRule === 'quorum'
          const content = { name: `Go ${batch}-${number}?`, timestamp: NOW, expectedVotersCount: 5, payload: new Uint8Array(number * 50) }
          const proposal = isBound ? quorumProposal(own, policy, content) : makeProposal(own, policy, { ...content, proposalId: batch * 100 + number })

          await service.processIncomingProposal(scope, proposal)
          proposals.push({ scope, proposal: isBound ? { ...proposal, digest: digestOf(policy, proposal) } : proposal })

          for (const signer of signers.slice(1, number % 5)) {
            await service.processIncomingVote(scope, await (isBound ? boundVote(signer, policy, proposal, number % 2 === 0) : makeVote(signer, proposal, number % 2 === 0)))
          }

          if (number % 3 === 0) {
            await service.castVote(scope, proposal.proposalId, number % 2 === 0)
          } else if (number % 3 === 1) {
            await service.handleConsensusTimeout(scope, proposal.proposalId).catch(() => {})
          }
        }
      }

      if (batch === 1) {
        await (storage as any).db.db.compactRange('', '\xff')
      }

      await storage.close()
    }
  }

  /** All that a store answers: whatever is asked of it */
  async function answers (location: string): Promise<string> {
    const storage = await LevelStorage.open(location)
    const all: unknown[] = []

    try {
      for await (const line of exportStore(storage)) {
        all.push(line)
      }

      for (const { scope, proposal } of proposals) {
        const session = await storage.getSession(scope, proposal.proposalId)

        all.push(session?.state, session?.result, session?.tally, (await storage.find(scope, proposal, own.identity))?.vote)
      }

      for (const policy of POLICIES) {
        all.push(await storage.getScopeConfig(scopeKey(policy)), await storage.listDays(scopeKey(policy)))

        for await (const { proposal } of storage.streamActiveSessions(scopeKey(policy))) {
          all.push(proposal.proposalId)
        }
      }
    } finally {
      await storage.close()
    }

    return JSON.stringify(all)
  }

  /** Result or state of each proposal */
  async function outcomesOf (location: string): Promise<Map<string, boolean | string>> {
    const storage = await LevelStorage.open(location)
    const outcomes = new Map<string, boolean | string>()

    for (const { scope, proposal: { proposalId } } of proposals) {
      const session = await storage.getSession(scope, proposalId)

      if (session != null) {
        outcomes.set(`${scope}#${proposalId}`, session.result ?? session.state)
      }
    }

    await storage.close()

    return outcomes
  }

  /** No proposal has another result than it had; where the end of a log is lost it may be active again */
  async function expectRepaired (location: string, outcomes: Map<string, boolean | string>): Promise<void> {
    const before = (await readdir(location)).sort()

    try {
      await repairStore(location, NOW)
    } catch (err: any) {
      // what LevelDB itself cannot make sense of stays as it is
      expect(err).to.have.property('name', 'StorageOpenError')
      expect(err.message).to.match(/LevelDB gave up on the files .*They are as they were\. Restore/)
      expect((await readdir(location)).sort()).to.deep.equal(before)

      return
    }

    expect(await LevelStorage.check(location)).to.deep.equal([])

    for (const [key, outcome] of await outcomesOf(location)) {
      expect(outcome, key).to.be.oneOf([outcomes.get(key), 'active'])
    }
  }

  /** @returns what was done, in words */
  async function damage (path: string, random: Random): Promise<string> {
    const bytes = await readFile(path)
    const kind = random.below(6)

    switch (kind) {
      case 0:
        await rm(path)

        return 'deleted'
      case 1: {
        const length = random.below(bytes.byteLength + 1)
        await truncate(path, length)

        return `cut to ${length} of ${bytes.byteLength} bytes`
      }
      case 2: {
        const at = random.below(bytes.byteLength + 1)
        const end = Math.min(bytes.byteLength, at + 1 + random.below(4_096))
        bytes.fill(0, at, end)
        await writeFile(path, bytes)

        return `zeros from ${at} to ${end}`
      }
      default: {
        const at = random.below(bytes.byteLength || 1)
        bytes[at] ^= 1 << random.below(8)
        await writeFile(path, bytes)

        return `a bit flipped in byte ${at}`
      }
    }
  }

  it(`answers as before or says so, ${ROUNDS} times`, async function () {
    this.timeout(240_000)

    const seed = Number(process.env.DAMAGE_SEED ?? Date.now() % 2 ** 32)
    const random = new Random(seed)
    const whole = join(folder.path, 'whole')
    const counts = { whole: 0, refused: 0 }

    await fill(whole)
    cpSync(whole, join(folder.path, 'read'), { recursive: true })
    const expected = await answers(join(folder.path, 'read'))
    const outcomes = await outcomesOf(join(folder.path, 'read'))
    const names = (await readdir(whole)).sort()

    expect(names.filter(name => name.endsWith('.ldb')), 'tables').to.have.length.above(0)
    expect((await readFile(join(whole, names.find(name => name.endsWith('.log')) ?? ''))).byteLength, 'bytes in the log').to.be.above(0)

    const play = async (round: number, random: Random): Promise<void> => {
      const location = join(folder.path, `${round}`)
      const name = random.pick(names)

      cpSync(whole, location, { recursive: true })

      const before = await readFile(join(location, name))
      const what = `DAMAGE_SEED=${seed}, round ${round}: ${name} ${await damage(join(location, name), random)}`
      const isChanged = IDLE.test(name) || !(await readFile(join(location, name)).catch(() => undefined))?.equals(before)
      const answer = await answers(location).catch((err: Error) => err)

      if (answer instanceof Error) {
        counts.refused++
        expect(answer.name, `${what}: ${answer.stack}`).to.be.oneOf(REFUSALS)
        expect(answer.message, what).to.include(location)
        expect(isChanged, `${what}: refused what is whole`).to.equal(true)

        // looking closer takes a process of its own each time
        if (round % CLOSE_LOOK === 0) {
          // what refuses is also what the check reports
          expect(await LevelStorage.check(location), what).to.not.be.empty()
          await expectRepaired(location, outcomes).catch(err => { throw new Error(`${what}, repaired: ${err.message}`, { cause: err }) })
        }
      } else {
        counts.whole++
        expect(answer, what).to.equal(expected)
      }

      await rm(location, { recursive: true })
      await rm(`${location}.damaged-${NOW}`, { recursive: true, force: true })
    }

    // mostly files are waited for, so several at a time
    for (let round = 1; round <= ROUNDS; round += SIDE_BY_SIDE) {
      await Promise.all(Array.from({ length: SIDE_BY_SIDE }, async (_, index) => play(round + index, new Random(random.below(2 ** 32)))))
    }

    expect(counts.whole, 'rounds that hit what nothing depends on').to.be.above(0)
    expect(counts.refused).to.be.above(ROUNDS / 3)
  })
})

import { expect } from 'aegir/chai'
import pDefer from 'p-defer'
import pWaitFor from 'p-wait-for'
import { equals } from 'uint8arrays/equals'
import { votingScoreParams } from '../../../src/index.ts'
import { encodeVoteGossip } from '../../../src/network/gossip/envelope.ts'
import { PeerScores } from '../../../src/network/gossip/runtime-members.ts'
import { ethereumScheme } from '../../../src/signers/ethereum.ts'
import { rejection } from '../../consensus/fixtures/service.ts'
import { policyOf, TestNetwork } from '../../utils/nodes.ts'
import { boundVote, quorumProposal } from '../../utils/quorum.ts'
import { know, makeSigned, scopeOf } from '../../utils/sync.ts'
import type { Proposal, SignatureScheme, Vote } from '../../../src/index.ts'
import type { TestNode } from '../../utils/nodes.ts'
import type { GossipsubOpts } from '@chainsafe/libp2p-gossipsub'

const MCACHE_LENGTH = 5
const OPTIONS: Partial<GossipsubOpts> = { asyncValidation: true, awaitRpcHandler: true, awaitRpcMessageHandler: true, mcacheLength: MCACHE_LENGTH, heartbeatInterval: 300 }

describe('hosts whose gossipsub validates side by side', () => {
  let network: TestNetwork

  beforeEach(() => { network = new TestNetwork() })

  afterEach(async () => { await network.stop() })

  /** Three members, of which the first and the last hear each other through the one between */
  async function line (gossipsub: Partial<GossipsubOpts>, verify?: SignatureScheme['verify']): Promise<[TestNode, TestNode, TestNode]> {
    const sync = { interval: 1e6 }
    const first = await network.add({ sync })
    const between = await network.add({ sync, gossipsub, asyncValidation: gossipsub.asyncValidation, ...verify == null ? {} : { scheme: { verify } } })
    const last = await network.add({ sync })

    await network.connect([first, between])
    await network.connect([between, last])
    await Promise.all(network.nodes.map(async ({ voting }) => voting.join(policyOf(network.nodes, { decisionRule: 'quorum' }))))
    await pWaitFor(() => scopeOf(between).peers.length === 2 && network.nodes.every(node => (node.pubsub as any).streamsOutbound.size === scopeOf(node).peers.length), { timeout: 10_000 })

    return [first, between, last]
  }

  for (const options of [{}, OPTIONS]) {
    it(`pass on what others send and come to a decision, ${options.asyncValidation == null ? 'as those do whose gossipsub does not' : 'within both options'}`, async () => {
      const [first, between, last] = await line(options)
      const { proposalId } = await first.voting.propose('council', { name: 'Go?' })

      await pWaitFor(async () => last.voting.get('council', proposalId).then(() => true, () => false), { timeout: 10_000 })
      await Promise.all([first, last].map(async ({ voting }) => voting.vote('council', proposalId, true)))

      for (const { voting } of [first, between, last]) {
        expect(await voting.decision('council', proposalId)).to.have.property('result', true)
      }
    })
  }

  describe('and whose verdict comes late', () => {
    let first: TestNode
    let between: TestNode
    let last: TestNode
    let proposal: Proposal
    let faults: Array<{ peer: string, reason: string }>
    /** Holds up the verification of this signature at the one between */
    let held: Uint8Array
    let busy: ReturnType<typeof pDefer<void>>
    let verifying: number

    beforeEach(async () => {
      const scheme = ethereumScheme()

      held = new Uint8Array()
      busy = pDefer()
      verifying = 0
      faults = []
      ;[first, between, last] = await line(OPTIONS, async (identity, payload, signature) => {
        if (equals(signature, held)) {
          verifying++
          await busy.promise
        }

        return scheme.verify(identity, payload, signature)
      })
      between.voting.addEventListener('voting:fault', ({ detail: { peer, reason } }) => { faults.push({ peer: `${peer}`, reason }) })
      new PeerScores(between.pubsub).add(scopeOf(between).topic, votingScoreParams(scopeOf(between).topic)[scopeOf(between).topic])
      proposal = quorumProposal(first.signer, scopeOf(first).policy)

      for (const node of network.nodes) {
        await know(node, [await makeSigned(first.signer, scopeOf(first).policy, proposal)])
      }
    })

    afterEach(() => { busy.resolve() })

    /** What the one between thinks of the sender, in gossipsub */
    function score (): number {
      return new PeerScores(between.pubsub).of(`${first.libp2p.peerId}`)
    }

    /** Sends a vote to the one between, and lets it be verified when its gossipsub has had so many heartbeats */
    async function send (changes: Partial<Vote>, count: number): Promise<void> {
      const { pubsub } = between
      const vote = await boundVote(first.signer, scopeOf(first).policy, proposal, true, changes)

      held = vote.signature
      await first.pubsub.publish(scopeOf(first).topic, encodeVoteGossip(vote))
      await pWaitFor(() => verifying === 1, { timeout: 10_000 })
      await new Promise<void>(resolve => {
        pubsub.addEventListener('gossipsub:heartbeat', () => {
          if (--count === 0) {
            resolve()
          }
        })
      })
      busy.resolve()
    }

    it('hold an invalid message against its sender themselves, since gossipsub does not', async () => {
      await send({ signature: new Uint8Array(65).fill(1) }, MCACHE_LENGTH)
      await pWaitFor(() => faults.length > 0, { timeout: 10_000 })
      expect(faults).to.deep.equal([{ peer: `${first.libp2p.peerId}`, reason: 'it sent a message that is invalid' }])
      expect(score()).to.be.at.least(0)
    })

    it('leave it to gossipsub where that still has the message', async () => {
      await send({ signature: new Uint8Array(65).fill(1) }, 1)
      await pWaitFor(() => score() < 0, { timeout: 10_000 })
      expect(faults).to.deep.equal([])
    })

    it('have a valid message spread by sync, since gossipsub does not forward it', async () => {
      await send({}, MCACHE_LENGTH)
      await pWaitFor(async () => (await last.voting.get('council', proposal.proposalId)).tally.yes === 1, { timeout: 10_000 })
      expect(faults).to.deep.equal([])
    })
  })

  it('fail to start where the service is not told, or is told of what is not so', async () => {
    for (const [init, message] of [
      [{ gossipsub: OPTIONS }, 'Pass asyncValidation: true to voting()'],
      [{ asyncValidation: true }, 'Pass asyncValidation: true to gossipsub()'],
      [{ asyncValidation: true, gossipsub: { ...OPTIONS, awaitRpcHandler: false } }, 'Pass awaitRpcHandler: true and awaitRpcMessageHandler: true'],
      [{ asyncValidation: true, gossipsub: { ...OPTIONS, awaitRpcMessageHandler: false } }, 'Pass awaitRpcHandler: true and awaitRpcMessageHandler: true']
    ] as const) {
      expect(await rejection(network.add(init))).to.have.property('name', 'InvalidParametersError')
      expect(await rejection(network.add(init))).to.have.property('message').that.includes(message)
    }
  })

  it('fail to start where gossipsub takes no verdicts', async () => {
    const node = await network.add({ gossipsub: OPTIONS, asyncValidation: true, start: false })

    Object.assign(node.pubsub, { reportMessageValidationResult: undefined })
    expect(await rejection(node.libp2p.start() as Promise<void>)).to.have.property('message').that.includes('Leave asyncValidation out of gossipsub() and voting()')
  })
})

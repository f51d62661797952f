import { bytesToHex } from '@noble/hashes/utils.js'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { generatePrivateKey } from 'viem/accounts'
import { inspectEvidenceProof, parsePolicy, policyDigest, verifyCertificate } from '../../../src/consensus/index.ts'
import { ethereumScheme, ethereumSigner, identityToAddress } from '../../../src/signers/ethereum.ts'
import { LevelStorage } from '../../../src/storage/level/level-storage.ts'
import { now } from '../../utils/messages.ts'
import { policyOf, TestNetwork } from '../../utils/nodes.ts'
import { certificateFile, evidenceFile, quorumProposal } from '../../utils/quorum.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { FoundEvidence, Proposal, ScopePolicy, VotingEvents, VotingInit } from '../../../src/index.ts'
import type { TestNode } from '../../utils/nodes.ts'

const scheme = ethereumScheme()
const voters = Array.from({ length: 4 }, () => ethereumSigner(generatePrivateKey()))
const [alice, bob, carol, dave] = voters
const input = policyOf([], { decisionRule: 'quorum', voters: voters.map(({ identity }) => identityToAddress(identity)) })
const policy: ScopePolicy = parsePolicy(input)

describe('proofs of a node', () => {
  const network = new TestNetwork()
  const folder = useTempFolder()
  let node: TestNode
  let proposal: Proposal

  beforeEach(async () => {
    node = await network.add()
    await node.voting.join(input)
    proposal = quorumProposal(alice, policy, { name: 'Go?', timestamp: now() - 10n })
  })

  afterEach(async () => {
    await network.stop()
  })

  async function evidence ({ voting }: TestNode, options = {}): Promise<FoundEvidence[]> {
    const found: FoundEvidence[] = []

    for await (const each of voting.evidence('council', options)) {
      found.push(each)
    }

    return found
  }

  async function listed ({ voting }: TestNode): Promise<number> {
    let count = 0

    for await (const { proposalId } of voting.list('council')) {
      count += proposalId === proposal.proposalId ? 1 : 1000
    }

    return count
  }

  function heard <T extends keyof VotingEvents> ({ voting }: TestNode, type: T): unknown[] {
    const details: unknown[] = []

    voting.addEventListener(type, ({ detail }: any) => { details.push(detail) })

    return details
  }

  it('are taken in as what members send: a certificate decides, and can be given on', async () => {
    const decided = heard(node, 'voting:decided')
    const bytes = await certificateFile(alice, policy, proposal, [alice, carol, dave])
    const { proposalId } = proposal

    expect(await node.voting.importProof(bytes)).to.deep.equal({ kind: 'certificate', scope: 'council', proposalId, isNew: true })
    expect(decided).to.deep.equal([{ scope: 'council', proposalId, state: 'reached', result: true }])
    expect(await node.voting.get('council', proposalId)).to.deep.include({ result: true, tally: { yes: 3, no: 0 } })
    expect(await node.voting.certificate('council', proposalId)).to.deep.equal(bytes)
    expect(await node.voting.importProof(bytes)).to.include({ isNew: false })
    expect(decided).to.have.length(1)
  })

  it('are taken in as what members send: evidence is kept, listed, told of and given on', async () => {
    const told = heard(node, 'voting:evidence')
    const bytes = await evidenceFile(alice, policy, proposal, bob)
    const { proposalId } = proposal

    expect(await node.voting.importProof(bytes)).to.include({ kind: 'evidence', isNew: true })
    expect(told).to.have.length(1)
    expect(await evidence(node)).to.have.length(1)
    expect((await evidence(node))[0]).to.deep.include({ scope: 'council', proposalId, owner: bob.identity })
    expect(await evidence(node, { proposalId })).to.have.length(1)
    expect(await evidence(node, { proposalId: proposalId === 0 ? 1 : 0 })).to.be.empty()
    expect(await evidence(node, { after: { proposalId, owner: bob.identity } })).to.be.empty()
    expect(await node.voting.evidenceProof('council', proposalId, bob.identity)).to.deep.equal(bytes)
    expect(await node.voting.importProof(bytes)).to.include({ isNew: false })
    // what may still be decided is
    expect(await node.voting.get('council', proposalId)).to.include({ state: 'active' })
  })

  it('spread to the other members, though gossip brought none of it', async () => {
    const other = await network.add()

    await network.connect()
    await other.voting.join(input)
    await network.meet('council')
    await node.voting.importProof(await certificateFile(alice, policy, proposal, [alice, carol, dave]))
    await node.voting.importProof(await evidenceFile(alice, policy, proposal, bob))

    await pWaitFor(async () => (await evidence(other)).length === 1, { timeout: 20_000 })
    await pWaitFor(async () => (await other.voting.get('council', proposal.proposalId)).state === 'reached', { timeout: 20_000 })
    await other.voting.certificate('council', proposal.proposalId)
  })

  it('decide a proposal without a result whose votes were pruned, as late, and contradict one that has the opposite result', async () => {
    const time = { now: now() }
    const { voting } = await network.add({ clock: () => time.now })

    await voting.join(input)

    const [undecided, decided] = ['Undecided', 'Decided'].map(name => quorumProposal(alice, policy, { name, timestamp: now() - 10n }))
    const evidence = await evidenceFile(alice, policy, undecided, bob)

    await voting.importProof(evidence)
    await voting.importProof(await certificateFile(alice, policy, decided, [alice, bob, carol]))
    // its time is up, and so is that in which late votes decide it
    time.now = undecided.expirationTimestamp + 10n * 86_400n
    await voting.consensus.handleConsensusTimeout(`council/${bytesToHex(policyDigest(policy))}`, undecided.proposalId).catch(() => {})
    await voting.configure('council', { retainVotesSeconds: 0 })

    for (const { proposalId } of [undecided, decided]) {
      expect(await voting.get('council', proposalId)).to.include({ votesPruned: true })
    }

    const events = heard({ voting } as any, 'voting:decided')
    const certificate = await certificateFile(alice, policy, undecided, [alice, carol, dave], false)

    expect(await voting.importProof(certificate)).to.include({ isNew: true })
    expect(await voting.get('council', undecided.proposalId)).to.include({ state: 'reached', result: false, decidedAt: time.now, late: true })
    await expect(voting.decision('council', undecided.proposalId)).to.eventually.deep.equal({ scope: 'council', proposalId: undecided.proposalId, state: 'reached', result: false, late: true })
    expect(events).to.deep.equal([{ scope: 'council', proposalId: undecided.proposalId, state: 'reached', result: false, late: true }])
    expect((await verifyCertificate(await voting.certificate('council', undecided.proposalId), { policyDigest: policyDigest(policy), scheme })).result).to.equal(false)
    expect(await voting.importProof(certificate)).to.include({ isNew: false })
    expect(await voting.importProof(evidence)).to.include({ isNew: false })

    expect(await voting.importProof(await certificateFile(alice, policy, decided, [bob, carol, dave], false))).to.include({ isNew: true })
    expect(await voting.get('council', decided.proposalId)).to.include({ state: 'reached', result: true, contradicted: true }).and.to.not.have.property('late')
  })

  it('are there after a restart, and when votes are given up', async () => {
    const time = { now: now() }
    const start = async (init: Partial<VotingInit> = {}): Promise<TestNode> => network.add({ clock: () => time.now, ...init })
    const storage = await LevelStorage.open(folder.path)
    const first = await start({ storage })

    await first.voting.join(input)
    await first.voting.importProof(await evidenceFile(alice, policy, proposal, bob))
    await first.voting.importProof(await certificateFile(alice, policy, proposal, [alice, bob, carol, dave]))

    const certificate = await first.voting.certificate('council', proposal.proposalId)

    time.now += 1_000n
    await first.voting.configure('council', { retainVotesSeconds: 0 })
    expect(await first.voting.get('council', proposal.proposalId)).to.include({ votesPruned: true })
    await first.libp2p.stop()
    await storage.close()

    const opened = await LevelStorage.open(folder.path)
    const second = await start({ storage: opened })

    try {
      expect(await second.voting.certificate('council', proposal.proposalId)).to.deep.equal(certificate)
      expect((await evidence(second)).map(({ owner }) => owner)).to.deep.equal([bob.identity])
      await inspectEvidenceProof(await second.voting.evidenceProof('council', proposal.proposalId, bob.identity), { scheme })
      expect((await verifyCertificate(certificate, { policyDigest: second.voting.scopes()[0].digest, scheme })).votes).to.have.length(3)

      // what is known is not refused, what cannot be taken any more is
      expect(await second.voting.importProof(certificate)).to.include({ isNew: false })
      await expect(second.voting.importProof(await evidenceFile(alice, policy, proposal, carol))).to.eventually.be.rejectedWith(/valid, but cannot be taken in: the votes on the proposal were pruned here/)
        .with.property('name', 'ProofRefusedError')
    } finally {
      await second.libp2p.stop()
      await opened.close()
    }
  })

  it('are kept of nothing in scopes where anybody may vote', async () => {
    const time = { now: now() }
    const open = await network.add({ clock: () => time.now })

    await open.voting.join({ name: 'lobby', minLifetimeSeconds: 1 })

    const { proposalId } = await open.voting.propose('lobby', { name: 'Go?', expectedVotersCount: 1, timeoutSeconds: 10 })

    await open.voting.vote('lobby', proposalId, true)
    await expect(open.voting.certificate('lobby', proposalId)).to.eventually.be.rejectedWith(/Anybody may vote/).with.property('name', 'ProofUnavailableError')
    time.now += 1_000n
    await open.voting.configure('lobby', { retainVotesSeconds: 0 })
    expect((await open.voting.get('lobby', proposalId)).votes).to.be.empty()
  })

  it('are refused with the reason where they prove nothing, and nothing is stored', async () => {
    const another = parsePolicy({ ...input, threshold: 1 })
    const elsewhere = parsePolicy({ ...input, name: 'senate' })
    const good = await certificateFile(alice, policy, proposal, [alice, carol, dave])
    const evidenceOf = async (of: ScopePolicy): Promise<Uint8Array> => evidenceFile(alice, of, quorumProposal(alice, of, { timestamp: now() - 10n }), bob)
    const future = quorumProposal(alice, policy, { name: 'Later', timestamp: now() + 10_000n })

    for (const [bytes, name, reason] of [
      [new Uint8Array(0), 'InvalidProofError', /empty/],
      [new TextEncoder().encode('yes'), 'InvalidProofError', /neither/],
      [good.subarray(0, -1), 'InvalidCertificateError', /The certificate is not valid/],
      [(await evidenceOf(policy)).subarray(0, -1), 'InvalidEvidenceError', /The evidence is not valid/],
      [good.with(good.byteLength - 3, good[good.byteLength - 3] ^ 1), 'InvalidCertificateError', /signature/],
      [await certificateFile(alice, another, quorumProposal(alice, another, { timestamp: now() - 10n }), voters), 'InvalidCertificateError', /of another policy of the scope "council"/],
      [await evidenceOf(another), 'InvalidEvidenceError', /of another policy of the scope "council"/],
      [await evidenceOf(elsewhere), 'ScopeNotJoinedError', /not in scope "senate"/],
      [await certificateFile(alice, policy, future, [alice, carol, dave]), 'ProofRefusedError', /valid, but cannot be taken in: .* in the future/]
    ] as const) {
      await expect(node.voting.importProof(bytes)).to.eventually.be.rejectedWith(reason).with.property('name', name)
    }

    expect(await listed(node)).to.equal(0)
    expect(await evidence(node)).to.be.empty()
  })

  it('are not to be had of what is not proved, or not known', async () => {
    await node.voting.importProof(await evidenceFile(alice, policy, proposal, bob))

    await expect(node.voting.certificate('council', proposal.proposalId)).to.eventually.be.rejectedWith(/not decided yet.*council/).with.property('name', 'ProofUnavailableError')
    await expect(node.voting.evidenceProof('council', proposal.proposalId, carol.identity)).to.eventually.be.rejectedWith(/no evidence that this voter/).with.property('name', 'ProofUnavailableError')
    await expect(node.voting.certificate('council', 1)).to.eventually.be.rejected.with.property('name', 'SessionNotFoundError')
    await expect(node.voting.certificate('senate', 1)).to.eventually.be.rejected.with.property('name', 'ScopeNotJoinedError')
    await expect(evidence(node, { signal: AbortSignal.abort() })).to.eventually.be.rejected.with.property('name', 'AbortError')
  })
})

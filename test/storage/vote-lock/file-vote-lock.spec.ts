import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { generatePrivateKey } from 'viem/accounts'
import { ConsensusService } from '../../../src/consensus/service.ts'
import { buildVote } from '../../../src/consensus/vote/vote.ts'
import { ethereumScheme, ethereumSigner } from '../../../src/signers/ethereum.ts'
import { FileVoteLock } from '../../../src/storage/vote-lock/file-vote-lock.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { Proposal } from '../../../src/consensus/proposal/proposal.ts'
import type { Vote } from '../../../src/consensus/vote/vote.ts'

const signer = ethereumSigner(generatePrivateKey())

const proposal: Proposal = {
  name: 'Go?',
  payload: new Uint8Array(),
  proposalId: 7,
  proposalOwner: signer.identity,
  votes: [],
  expectedVotersCount: 3,
  round: 1,
  timestamp: 1_700_000_000n,
  expirationTimestamp: 1_700_000_060n,
  livenessCriteriaYes: true
}

function makeVote (choice: boolean, changes: Partial<Vote> = {}): Vote {
  return {
    ...buildVote({ proposalId: proposal.proposalId, owner: signer.identity, choice, timestamp: proposal.timestamp, votes: [] }),
    ...changes
  }
}

describe('vote lock of files', () => {
  const folder = useTempFolder()

  async function lockFiles (): Promise<string[]> {
    const [identity] = await readdir(folder.path)
    const names = await readdir(join(folder.path, identity))

    return names.filter(name => name !== 'counter').map(name => join(folder.path, identity, name))
  }

  it('binds an identity to its first vote, for every instance on the folder', async () => {
    const first = makeVote(true)

    expect(await new FileVoteLock(folder.path).acquire('council', proposal, first)).to.deep.equal(first)
    expect(await new FileVoteLock(folder.path).acquire('council', proposal, makeVote(false))).to.deep.equal(first)
    expect(await new FileVoteLock(folder.path).find('council', proposal, signer.identity)).to.deep.equal(first)
  })

  it('binds an identity on a content, where votes are bound to it, and not on whatever has its id', async () => {
    const lock = new FileVoteLock(folder.path)
    const [one, other] = [1, 2].map(byte => new Uint8Array(32).fill(byte))
    const [onOne, onOther] = [one, other].map(digest => makeVote(digest === one, { parentHash: digest }))

    expect(await lock.acquire('council', { ...proposal, digest: one }, onOne)).to.deep.equal(onOne)
    expect(await lock.acquire('council', { ...proposal, digest: other }, onOther)).to.deep.equal(onOther)
    expect(await lock.acquire('council', { ...proposal, digest: one }, makeVote(false, { parentHash: one }))).to.deep.equal(onOne)
    expect(await lock.find('council', { ...proposal, digest: other }, signer.identity)).to.deep.equal(onOther)
  })

  it('honours what bound an identity on an id, where it is on this content', async () => {
    const lock = new FileVoteLock(folder.path)
    const [one, other] = [1, 2].map(byte => new Uint8Array(32).fill(byte))
    const before = makeVote(true, { parentHash: one })

    await lock.acquire('council', proposal, before)
    expect(await lock.acquire('council', { ...proposal, digest: one }, makeVote(false, { parentHash: one }))).to.deep.equal(before)
    expect(await lock.find('council', { ...proposal, digest: other }, signer.identity)).to.equal(undefined)

    // one that cannot be read may be on any content
    const [file] = await lockFiles()
    await writeFile(file, 'damaged')
    await expect(lock.acquire('council', { ...proposal, digest: other }, makeVote(false, { parentHash: other }))).to.eventually.be.rejected().with.property('name', 'VoteLockDamagedError')
  })

  it('keeps no signature', async () => {
    const lock = new FileVoteLock(folder.path)
    const vote = makeVote(true, { signature: new Uint8Array(65).fill(1) })

    expect(await lock.acquire('council', proposal, vote)).to.deep.equal({ ...vote, signature: new Uint8Array(0) })
  })

  it('leaves others, other proposals and other scopes free', async () => {
    const lock = new FileVoteLock(folder.path)
    await lock.acquire('council', proposal, makeVote(true))
    const other = makeVote(false, { voteOwner: new Uint8Array(20) })

    expect(await lock.acquire('council', proposal, other)).to.deep.equal(other)
    expect(await lock.acquire('senate', proposal, makeVote(false))).to.have.property('vote', false)
    expect(await lock.acquire('council', { ...proposal, proposalId: 8 }, makeVote(false, { proposalId: 8 }))).to.have.property('vote', false)
    expect(await lock.find('nowhere', proposal, signer.identity)).to.be.undefined()
  })

  it('lets one of many win, and tells the others who', async () => {
    const choices = Array.from({ length: 16 }, (_, i) => i % 2 === 0)

    for (let proposalId = 1; proposalId <= 25; proposalId++) {
      const held = await Promise.all(choices.map(async choice => new FileVoteLock(folder.path).acquire('council', { ...proposal, proposalId }, makeVote(choice, { proposalId }))))

      for (const vote of held) {
        expect(vote).to.deep.equal(held[0])
      }
    }
  })

  it('leaves one file a lock, which only its owner can read, whatever the name of the scope', async () => {
    const lock = new FileVoteLock(folder.path)
    const scope = `../..\u0000/${'ü'.repeat(1000)}`
    await Promise.all([true, false, true].map(async choice => lock.acquire(scope, proposal, makeVote(choice))))

    const files = await lockFiles()
    expect(files).to.have.length(1)
    expect((await stat(files[0])).mode & 0o777).to.equal(0o600)
    expect(await readdir(folder.path)).to.have.length(1)
  })

  it('is not confused by what a crash left behind', async () => {
    const lock = new FileVoteLock(folder.path)
    await lock.acquire('council', { ...proposal, proposalId: 1 }, makeVote(true, { proposalId: 1 }))
    const [file] = await lockFiles()
    await writeFile(`${file}.1.abc.tmp`, 'half')

    expect(await lock.find('council', { ...proposal, proposalId: 1 }, signer.identity)).to.have.property('vote', true)
    expect(await lock.acquire('council', proposal, makeVote(false))).to.have.property('vote', false)
  })

  it('refuses to vote where a lock is damaged in any byte or length', async () => {
    const lock = new FileVoteLock(folder.path)
    await lock.acquire('council', proposal, makeVote(true))
    const [file] = await lockFiles()
    const bytes = await readFile(file)

    const damaged = [...bytes.keys()].map(index => {
      const copy = Uint8Array.from(bytes)
      copy[index] ^= 1 << (index % 8)
      return copy
    })
    damaged.push(...[...bytes.keys()].map(length => Uint8Array.from(bytes.subarray(0, length))))

    for (const copy of damaged) {
      await writeFile(file, copy)
      await expect(lock.acquire('council', proposal, makeVote(true))).to.eventually.be.rejectedWith(file)
        .with.property('name', 'VoteLockDamagedError')
    }

    await writeFile(file, bytes)
    expect(await lock.acquire('council', proposal, makeVote(false))).to.have.property('vote', true)
  })

  it('refuses a lock that was moved to another proposal', async () => {
    const lock = new FileVoteLock(folder.path)
    await lock.acquire('council', proposal, makeVote(true))
    const [file] = await lockFiles()
    await lock.acquire('council', { ...proposal, proposalId: 8 }, makeVote(true, { proposalId: 8 }))
    const [other] = (await lockFiles()).filter(name => name !== file)
    await writeFile(other, await readFile(file))

    await expect(lock.acquire('council', { ...proposal, proposalId: 8 }, makeVote(true, { proposalId: 8 }))).to.eventually.be.rejectedWith(/another proposal/)
  })

  it('signs nothing where the lock cannot be written', async function () {
    const service = new ConsensusService({ scheme: ethereumScheme(), signer, voteLock: new FileVoteLock(join(folder.path, 'file')) })
    await writeFile(join(folder.path, 'file'), 'no folder')
    const { proposalId } = await service.createProposal('council', {
      name: 'Go?',
      payload: new Uint8Array(),
      proposalOwner: signer.identity,
      expectedVotersCount: 1,
      expirationTimestamp: 60n,
      livenessCriteriaYes: true
    })

    await expect(service.castVote('council', proposalId, true)).to.eventually.be.rejected.with.property('name', 'VoteLockError')
    expect((await service.storage.getSession('council', proposalId))?.voteCount).to.equal(0)
  })

  it('finds out before the first vote whether locks can be kept', async () => {
    await new FileVoteLock(join(folder.path, 'a', 'b')).prepare()
    expect(await readdir(join(folder.path, 'a', 'b'))).to.be.empty()

    await writeFile(join(folder.path, 'file'), 'no folder')
    await expect(new FileVoteLock(join(folder.path, 'file')).prepare()).to.eventually.be.rejectedWith(/No vote locks can be kept/)
      .with.property('name', 'VoteLockError')
  })

  it('says that a folder may not be read', async function () {
    if (process.getuid?.() === 0) {
      // root may read everything
      this.skip()
    }

    const locked = join(folder.path, 'locked')
    await mkdir(locked)
    await chmod(locked, 0)

    await expect(new FileVoteLock(locked).acquire('council', proposal, makeVote(true))).to.eventually.be.rejectedWith(/cannot be/)
    await chmod(locked, 0o700)
  })
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { SignatureSchemeError } from '../../src/consensus/index.ts'
import { ethereumScheme, ethereumSigner } from '../../src/signers/ethereum.ts'
import { FreeCores } from '../../src/signers/free-cores.ts'
import { readBatch, writeBatch } from '../../src/signers/verifier-batch.ts'
import { verifierPool } from '../../src/signers/verifier-pool.ts'
import { cast, foreignProposal, rejection, SCOPE, TestService } from '../consensus/fixtures/service.ts'
import type { VerifierPool } from '../../src/signers/verifier-pool.ts'
import type { Worker } from 'node:worker_threads'

const signers = Array.from({ length: 40 }, (_, index) => ethereumSigner(new Uint8Array(32).fill(index + 1)))

interface Thread {
  worker: Worker
  ready: boolean
  batches: number
}

function threadsOf (pool: VerifierPool): Thread[] {
  return [...(pool as any).threads]
}

async function nextTurn (): Promise<false> {
  return new Promise(resolve => { setImmediate(() => { resolve(false) }) })
}

describe('verifierPool', () => {
  let pool: VerifierPool

  beforeEach(() => {
    pool = verifierPool({ workers: 2, batchSize: 8 })
  })

  afterEach(async () => {
    await pool.close()
  })

  /** Tasks with every outcome that the scheme knows, in turn */
  async function tasks (): Promise<Array<[Uint8Array, Uint8Array, Uint8Array]>> {
    return Promise.all(Array.from({ length: 200 }, async (_, index) => {
      const signer = signers[index % signers.length]
      const payload = new Uint8Array(index).fill(index)
      const signature = await signer.sign(payload)

      switch (index % 5) {
        case 0: return [signers[(index + 1) % signers.length].identity, payload, signature]
        case 1: return [signer.identity, payload, signature.subarray(1)]
        case 2: return [signer.identity.subarray(1), payload, signature]
        default: return [signer.identity, payload, signature]
      }
    }))
  }

  async function outcomes (verify: (...args: [Uint8Array, Uint8Array, Uint8Array]) => unknown): Promise<unknown[]> {
    const results = await Promise.allSettled((await tasks()).map(async task => verify(...task)))

    return results.map(result => result.status === 'fulfilled' ? result.value : `${result.reason.name}: ${result.reason.message}`)
  }

  /** Asks for many at once, which threads are at when it resolves with their outcomes to come */
  async function beginInThreads (): Promise<{ verdicts: Promise<unknown[]> }> {
    // they are started by the first that come together
    await pWaitFor(async () => {
      await outcomes(async (...task) => pool.verify(...task))

      return threadsOf(pool).filter(({ ready }) => ready).length === 2
    }, { timeout: 20_000 })

    let begun: { verdicts: Promise<unknown[]> } | undefined

    // where other processes take the cores threads are not asked for a while
    await pWaitFor(async () => {
      const verdicts = outcomes(async (...task) => pool.verify(...task))
      const isOver = verdicts.then(() => true)

      while (!threadsOf(pool).every(({ batches }) => batches > 0)) {
        if (await Promise.race([isOver, nextTurn()])) {
          return false
        }
      }

      begun = { verdicts }

      return true
    }, { timeout: 20_000 })

    return begun ?? expect.fail('not verified in threads')
  }

  it('says what the scheme says, for each of many signatures at once', async () => {
    const scheme = ethereumScheme()
    const expected = await outcomes((...task) => scheme.verify(...task))

    expect(new Set(expected).size).to.be.greaterThan(3)
    expect(await outcomes(async (...task) => pool.verify(...task))).to.deep.equal(expected)
  })

  it('says the same in its threads', async () => {
    const expected = await outcomes((...task) => ethereumScheme().verify(...task))

    const { verdicts } = await beginInThreads()

    expect(await verdicts).to.deep.equal(expected)
  })

  it('starts no thread for lone signatures, nor for a few', async () => {
    const signature = await signers[0].sign(new Uint8Array(3))
    const verify = async (): Promise<boolean> => pool.verify(signers[0].identity, new Uint8Array(3), signature)

    expect(await verify()).to.equal(true)
    expect(await Promise.all([verify(), verify(), verify()])).to.deep.equal([true, true, true])
    expect(threadsOf(pool)).to.be.empty()
  })

  it('throws the error of the scheme', async () => {
    const err = await rejection(pool.verify(signers[0].identity, new Uint8Array(3), new Uint8Array(64)))

    expect(err).to.be.an.instanceOf(SignatureSchemeError)
    expect(err.message).to.include('65 bytes, got 64')
    expect(err.owner).to.deep.equal(signers[0].identity)
  })

  it('serves a service whose votes come at the same time', async () => {
    const service = new TestService({ scheme: pool })
    await (await service.scope(SCOPE)).withThreshold(1).initialize()
    await service.processIncomingProposal(SCOPE, foreignProposal({ expectedVotersCount: 40 }))
    const votes = await Promise.all(signers.map(async (signer, index) => cast(signer, 42, index % 2 === 0)))

    await Promise.all(votes.map(async vote => service.processIncomingVote(SCOPE, vote)))

    expect((await service.session(42)).tally).to.deep.equal({ yes: 20, no: 20 })
  })

  it('loses no signature when a thread dies, nor when all do', async () => {
    const expected = await outcomes((...task) => ethereumScheme().verify(...task))
    const { verdicts } = await beginInThreads()

    await Promise.all(threadsOf(pool).map(async ({ worker }) => {
      const { promise, resolve } = Promise.withResolvers<void>()

      worker.once('exit', () => { resolve() })
      // what is no batch
      worker.postMessage(Uint8Array.of(1))
      await promise
    }))

    expect(await verdicts).to.deep.equal(expected)
    expect(await outcomes(async (...task) => pool.verify(...task))).to.deep.equal(expected)
  })

  it('goes on in the thread that asks when it is closed', async () => {
    const expected = await outcomes((...task) => ethereumScheme().verify(...task))
    const { verdicts } = await beginInThreads()

    await pool.close()
    await pool.close()

    expect(await verdicts).to.deep.equal(expected)
    expect(threadsOf(pool)).to.be.empty()
    expect(await outcomes(async (...task) => pool.verify(...task))).to.deep.equal(expected)
    expect(threadsOf(pool)).to.be.empty()
  })

  it('takes what it verifies by value', async () => {
    const payload = Uint8Array.of(1, 2, 3)
    const signature = await signers[0].sign(payload)

    expect(await pool.verify(signers[0].identity, payload, signature)).to.equal(true)
    expect(payload.byteLength + signature.byteLength).to.equal(68)
  })

  it('refuses counts that are none, and arguments that are no bytes', async () => {
    for (const count of [0, -1, 1.5, NaN, '2' as any]) {
      expect(() => verifierPool({ workers: count })).to.throw(TypeError, 'workers must be')
      expect(() => verifierPool({ batchSize: count })).to.throw(TypeError, 'batchSize must be')
    }

    expect(await rejection(pool.verify('0x12' as any, new Uint8Array(1), new Uint8Array(1)))).to.be.an.instanceOf(TypeError).with.property('message').that.includes('identity')
  })
})

describe('free cores', () => {
  let cores: FreeCores
  let active: number
  let cpu: number

  beforeEach(() => {
    active = 1_000
    cpu = 5_000
    cores = new FreeCores({ active: () => active, cpu: () => cpu })
  })

  /** Some milliseconds in which there is something to do all the time, with a share of a core */
  function work (milliseconds: number, share: number): void {
    active += milliseconds
    cpu += milliseconds * share
  }

  it('are there as long as nothing is known', () => {
    expect(cores.areThere()).to.equal(true)

    work(49, 0)
    expect(cores.areThere()).to.equal(true)
  })

  it('are there while the process gets a core or more whenever it has something to do', () => {
    for (const share of [0.8, 1, 2]) {
      work(50, share)
      expect(cores.areThere()).to.equal(true)
    }
  })

  it('are not there while it gets much less, and are there again afterwards', () => {
    for (let time = 0; time < 2; time++) {
      for (let window = 0; window < 10; window++) {
        work(50, 0.5)
        cores.areThere()
      }

      expect(cores.areThere()).to.equal(false)
      work(50, 1)
      expect(cores.areThere()).to.equal(false)

      for (let window = 0; window < 10; window++) {
        work(50, 1)
        cores.areThere()
      }

      expect(cores.areThere()).to.equal(true)
    }
  })

  it('are there though it had to wait once', () => {
    work(50, 1)
    cores.areThere()
    work(50, 0.2)
    expect(cores.areThere()).to.equal(true)
  })

  it('are told by what the system says', async () => {
    const busy = Array.from({ length: 3 * availableParallelism() }, () => spawn(process.execPath, ['-e', 'for (;;) {}']))

    try {
      const shared = new FreeCores()

      await pWaitFor(() => {
        for (const end = performance.now() + 20; performance.now() < end;) {
          // has something to do
        }

        return !shared.areThere()
      }, { interval: 1 })
    } finally {
      busy.forEach(child => { child.kill() })
      await Promise.all(busy.map(async child => once(child, 'exit')))
    }
  })
})

describe('batches', () => {
  it('are read as they were written, empty parts too', () => {
    const tasks = [0, 1, 200].map(length => ({
      identity: new Uint8Array(length).fill(1),
      payload: new Uint8Array(length * 2).fill(2),
      signature: new Uint8Array(length + 1).fill(3)
    }))

    expect([...readBatch(writeBatch(tasks))]).to.deep.equal(tasks)
    expect([...readBatch(writeBatch([]))]).to.deep.equal([])
  })
})

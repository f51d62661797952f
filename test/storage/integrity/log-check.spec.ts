import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { Level } from 'level'
import { logProblem } from '../../../src/storage/integrity/log-check.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'

/** Bytes that no record can end with by chance */
const END = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8)

describe('A log of LevelDB', () => {
  const folder = useTempFolder()

  /** What LevelDB writes for values of these lengths */
  async function makeLog (lengths: number[]): Promise<Buffer> {
    const db = new Level<string, Uint8Array>(folder.path, { valueEncoding: 'view' })

    for (const [index, length] of lengths.entries()) {
      await db.put(`${index}`, Uint8Array.of(...Array.from({ length }, (_, at) => (at * 7 + index) % 256), ...END))
    }

    const name = (await readdir(folder.path)).find(name => name.endsWith('.log')) ?? ''
    const log = await readFile(join(folder.path, name))

    await db.close()

    return log
  }

  it('is whole where records are of any length, also longer than a block, and wherever the next one begins', async () => {
    const log = await makeLog([10, 0, 70_000, 32_700, 1, 3, 32_735, ...Array.from({ length: 40 }, (_, index) => 800 + index)])

    expect(logProblem(log)).to.equal(undefined)
  })

  it('may be cut off anywhere, as a process that is killed leaves it', async () => {
    const log = await makeLog([10, 33_000, 40, 50])

    for (const length of [0, 1, 6, 7, 8, 20, 32_767, 32_768, 32_769, ...Array.from({ length: 200 }, (_, index) => log.byteLength - index)]) {
      expect(logProblem(log.subarray(0, length)), `${length} bytes`).to.equal(undefined)
    }
  })

  it('may have an end that was never written, as a loss of power leaves it', async () => {
    const log = await makeLog([10, 1_000, 1_000])

    for (const from of [0, 512, 1_024, 1_536]) {
      expect(logProblem(Buffer.concat([log.subarray(0, from), Buffer.alloc(log.byteLength - from)])), `from ${from}`).to.equal(undefined)
    }

    expect(logProblem(Buffer.concat([log, Buffer.alloc(100_000)]))).to.equal(undefined)
  })

  it('has any bit that is not as it was written noticed, the last record\'s as well', async () => {
    const log = await makeLog([30, 0, 900, 40])

    for (let bit = 0; bit < log.byteLength * 8; bit++) {
      const damaged = Buffer.from(log)

      damaged[bit >> 3] ^= 1 << (bit & 7)
      expect(logProblem(damaged), `bit ${bit}`).to.match(/is not as it was written: what is at byte \d+/)
    }
  })

  it('has bytes noticed that are zeros in the middle', async () => {
    const log = await makeLog([10, 1_000, 1_000, 1_000])

    for (const from of [0, 512, 700, 1_024]) {
      expect(logProblem(Buffer.from(log).fill(0, from, from + 512)), `from ${from}`).to.be.a('string')
    }
  })
})

import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'aegir/chai'
import { runFolder, VECTOR_FILES } from '../../scripts/vectors/run.ts'
import type { FileResult } from '../../scripts/vectors/run.ts'

// tests run from the source, or from dist
const folder = ['../vectors/', '../../../test/vectors/'].map(path => fileURLToPath(new URL(path, import.meta.url)))
  .find(path => !path.includes(`${join('dist', 'test')}`)) ?? ''

async function results (folder: string): Promise<Map<string, FileResult>> {
  const results = new Map<string, FileResult>()

  for await (const result of runFolder(folder)) {
    results.set(result.file, result)
  }

  return results
}

describe('vectors of the Rust crate', () => {
  for (const file of VECTOR_FILES) {
    it(`${file} holds`, async () => {
      const result = (await results(folder)).get(file)

      expect(result).to.deep.include({ file, failed: [] })
      expect(result?.passed).to.be.greaterThan(0)
      expect(result?.problem).to.equal(undefined)
    })
  }

  describe('the runner', () => {
    let copy: string

    beforeEach(async () => {
      copy = await mkdtemp(join(tmpdir(), 'libp2p-voting-vectors-'))
      await cp(folder, copy, { recursive: true })
    })

    afterEach(async () => {
      await rm(copy, { recursive: true })
    })

    async function problemOf (file: string): Promise<string | undefined> {
      const all = await results(copy)

      for (const [other, { problem }] of all) {
        if (other !== file) {
          expect(problem).to.equal(undefined, other)
        }
      }

      return all.get(file)?.problem
    }

    it('finds a file that is missing', async () => {
      await rm(join(copy, 'trim.json'))

      expect(await problemOf('trim.json')).to.equal('missing')
    })

    it('finds a file that is empty, is no JSON, or has no cases', async () => {
      for (const [text, problem] of [
        ['', 'empty'],
        [' \n', 'empty'],
        ['{', 'JSON'],
        ['null', 'not an object'],
        ['{}', 'list of cases'],
        ['{"cases": {}}', 'list of cases'],
        ['{"cases": []}', 'no cases']
      ]) {
        await writeFile(join(copy, 'trim.json'), text)

        expect(await problemOf('trim.json')).to.include(problem)
      }
    })

    it('finds a file that it does not know, and lets the README be', async () => {
      await writeFile(join(copy, 'evidence.json'), '{"cases": []}')

      expect(await problemOf('evidence.json')).to.include('not a file of vectors')
      expect((await results(copy)).has('README.md')).to.equal(false)
    })

    it('fails a case that says nothing to compare with', async () => {
      for (const text of ['{"cases": [{}]}', '{"cases": [null]}', '{"cases": [{"created": 2, "maxSessionsPerScope": 1}]}']) {
        await writeFile(join(copy, 'trim.json'), text)

        expect((await results(copy)).get('trim.json')).to.have.property('failed').with.lengthOf(1)
      }

      await writeFile(join(copy, 'decision.json'), '{"cases": [{"n": 3, "threshold": 0.5, "rows": []}]}')
      expect((await results(copy)).get('decision.json')).to.have.property('failed').with.lengthOf(1)
    })

    it('shows what was expected and what came out', async () => {
      const path = join(copy, 'trim.json')
      const content = JSON.parse(await readFile(path, 'utf8'))
      content.cases[1].kept[0]--
      await writeFile(path, JSON.stringify(content))

      const result = (await results(copy)).get('trim.json')

      expect(result?.passed).to.equal(content.cases.length - 1)
      expect(result?.failed[0].name).to.include('case 2')
      expect(result?.failed[0].differences).to.deep.equal([{ what: 'kept', expected: '[1,3,4]', got: '[2,3,4]' }])
    })
  })
})

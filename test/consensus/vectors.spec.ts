import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'aegir/chai'
import { OWN_FILES, runFile, runFolder, VECTOR_FILES } from '../../scripts/vectors/run.ts'
import type { FileResult } from '../../scripts/vectors/run.ts'

const folder = fileURLToPath(new URL('../vectors/', import.meta.url))

async function resultsOf (folder: string): Promise<FileResult[]> {
  const results: FileResult[] = []

  for await (const result of runFolder(folder)) {
    results.push(result)
  }

  return results
}

describe('vectors of other programs', () => {
  for (const file of [...VECTOR_FILES, ...OWN_FILES]) {
    it(`${file} holds`, async () => {
      const { passed, failed, problem } = await runFile(folder, file)

      expect(failed.flatMap(({ name, differences }) => differences.map(difference => ({ name, ...difference })))).to.deep.equal([])
      expect(problem).to.equal(undefined)
      expect(passed).to.be.greaterThan(0)
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

    it('finds a file that is missing', async () => {
      await rm(join(copy, 'trim.json'))
      await rm(join(copy, 'policies.json'))

      const problems = (await resultsOf(copy)).map(({ file, problem }) => `${file}: ${problem ?? 'runs'}`)

      expect(problems).to.have.lengthOf(VECTOR_FILES.length)
      expect(problems.filter(problem => !problem.endsWith('runs'))).to.deep.equal(['trim.json: missing'])
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

        expect((await runFile(copy, 'trim.json')).problem).to.include(problem)
      }
    })

    it('finds a file that it does not know, and lets the README be', async () => {
      await writeFile(join(copy, 'evidence.json'), '{"cases": []}')

      const all = await resultsOf(copy)

      expect(all.find(({ file }) => file === 'evidence.json')?.problem).to.include('not a file of vectors')
      expect(all.map(({ file }) => file)).to.have.members([...VECTOR_FILES, ...OWN_FILES, 'evidence.json'])
    })

    it('fails a case that says nothing to compare with', async () => {
      for (const text of ['{"cases": [{}]}', '{"cases": [null]}', '{"cases": [{"created": 2, "maxSessionsPerScope": 1}]}']) {
        await writeFile(join(copy, 'trim.json'), text)

        expect(await runFile(copy, 'trim.json')).to.have.property('failed').with.lengthOf(1)
      }

      await writeFile(join(copy, 'decision.json'), '{"cases": [{"n": 3, "threshold": 0.5, "rows": []}]}')
      expect(await runFile(copy, 'decision.json')).to.have.property('failed').with.lengthOf(1)
    })

    it('shows what was expected and what came out', async () => {
      const path = join(copy, 'trim.json')
      const content = JSON.parse(await readFile(path, 'utf8'))
      content.cases[1].kept[0]--
      await writeFile(path, JSON.stringify(content))

      const result = await runFile(copy, 'trim.json')

      expect(result.passed).to.equal(content.cases.length - 1)
      expect(result.failed[0].name).to.include('case 2')
      expect(result.failed[0].differences).to.deep.equal([{ what: 'kept', expected: '[1,3,4]', got: '[2,3,4]' }])
    })
  })
})

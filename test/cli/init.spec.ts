import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { expect } from 'aegir/chai'
import pWaitFor from 'p-wait-for'
import { toString } from 'uint8arrays/to-string'
import { QUESTIONS, policyOf } from '../../src/cli/init/questions.ts'
import { parsePolicy, policyDigest } from '../../src/consensus/policy/policy.ts'
import { Binary } from '../utils/binary.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import { hasTerminals, type } from '../utils/terminal.ts'
import type { Running } from '../utils/binary.ts'

const VOTERS = ['11', '22', '33', '44', '55'].map(byte => `0x${byte.repeat(20)}`)
const CTRL_C = '\u0003'

describe('libp2p-voting init', () => {
  const binary = new Binary(() => folder.path)
  const folder = useTempFolder()
  const file = (): string => join(folder.path, 'council.json')

  it('writes the policy file that its options say, and what the members do with it', async () => {
    const { code, stdout } = await binary.run('init', '--name', 'council', '--voters', ...VOTERS, '--threshold', '0.75', '--time', '2h', '--silence', 'nothing', '--output', file())
    const policy = parsePolicy(JSON.parse(await readFile(file(), 'utf8')))

    expect(code).to.equal(0)
    expect(policy).to.deep.include({ name: 'council', voters: VOTERS.map(address => ({ address, name: null })), threshold: '3/4', defaultTimeoutSeconds: 7_200, onSilence: 'none' })
    expect(stdout).to.include(`scope add ${file()}`).and.include('libp2p-voting scope add council.json')
    expect(stdout).to.include(toString(policyDigest(policy), 'hex'))
    expect(stdout).to.match(/quorum +4 of 5 voters\n/)
    expect(stdout).to.match(/tolerates +2 voters who vote both yes and no\n/)
    expect(await readdir(folder.path)).to.deep.equal(['council.json'])
  })

  it('writes a file that a node joins, under the digest it printed', async () => {
    const node = await binary.start('a')
    const { voter } = await binary.json('id', '--data-dir', node.dataDirectory)
    const { digest } = await binary.json('init', '--name', 'council', '--voters', voter, '--time', '5', '--output', file())

    expect(await binary.json('scope', 'add', file(), '--data-dir', node.dataDirectory)).to.include({ name: 'council', digest, open: false })
  })

  it('takes the file with line endings of Windows as the same policy', async () => {
    const node = await binary.start('a')
    const { digest } = await binary.json('init', '--name', 'council', '--voters', ...VOTERS, '--output', file())

    await writeFile(file(), (await readFile(file(), 'utf8')).replaceAll('\n', '\r\n'))
    expect(await binary.json('scope', 'add', file(), '--data-dir', node.dataDirectory)).to.include({ digest })
  })

  it('takes nobody\'s place', async () => {
    await writeFile(file(), 'mine')

    const { code, stdout, stderr } = await binary.run('init', '--name', 'council', '--voters', 'open', '--output', file())

    expect(stderr).to.match(/^error: The file .*council\.json is there already, and is left as it is\. Give another name with --output\n$/)
    expect(stdout).to.equal('')
    expect(code).to.equal(2)
    expect(await readFile(file(), 'utf8')).to.equal('mine')
    expect(await readdir(folder.path)).to.deep.equal(['council.json'])
  })

  it('says what is missing where nobody can be asked, and what is wrong, and writes nothing', async () => {
    const good = ['--name', 'council', '--voters', VOTERS[0]]
    const wrong: Array<[args: string[], pattern: RegExp]> = [
      [['--voters', 'open'], /--name is needed, since there is no terminal to ask in/],
      [['--name', 'council'], /--voters is needed, since there is no terminal to ask in: addresses/],
      [['--name', 'Council', '--voters', 'open'], /--name must be 1 to 64 of a-z, 0-9/],
      [['--name', 'council', '--voters', '0x12'], /--voters must be an address: 0x and 40 hex digits, got "0x12"/],
      [['--name', 'council', '--voters', VOTERS[0], VOTERS[0]], /--voters names 0x11\w+ twice/],
      [[...good, '--threshold', '1.5'], /--threshold must be more than 0 and at most 1, got "1\.5"/],
      [[...good, '--threshold', 'most'], /--threshold must be a fraction like "2\/3", a percentage/],
      [[...good, '--time', 'soon'], /--time must be seconds, or a number and s, m, h or d, like 90s or 2h/],
      [[...good, '--time', '31d'], /--time .*2592000/],
      [[...good, '--silence', 'maybe'], /--silence.*Allowed choices are nothing, proposer, yes, no/],
      [[...good, '--output', join(folder.path, 'none', 'x.json')], /cannot be written: there is no such folder/]
    ]

    for (const [args, pattern] of wrong) {
      const { code, stderr } = await binary.run('init', '--output', file(), ...args)

      expect(stderr).to.match(pattern)
      expect(stderr.trimEnd().split('\n')).to.have.lengthOf(1)
      expect(code).to.equal(2)
    }

    expect(await readdir(folder.path)).to.deep.equal([])
  })

  it('says of silence what the policy has for it', () => {
    const answers = { name: 'council', voters: VOTERS, threshold: '2/3', seconds: 60 }

    expect(policyOf({ ...answers, silence: 'nothing' })).to.not.have.any.keys('onSilence')
    expect(policyOf({ ...answers, silence: 'no' })).to.include({ onSilence: 'no' })
    expect(policyOf({ ...answers, silence: 'nothing', seconds: 5 })).to.include({ defaultTimeoutSeconds: 5, minLifetimeSeconds: 5, threshold: '2/3' })
    expect(policyOf({ ...answers, silence: 'yes' })).to.include({ minLifetimeSeconds: 40, onSilence: 'yes' })
    expect(policyOf({ ...answers, silence: 'proposer' })).to.include({ onSilence: 'liveness' }).and.not.have.property('livenessCriteriaYes')
    expect(() => QUESTIONS.silence.parse('yes', { voters: null })).to.throw('must be nothing where anyone may vote')
    expect(() => QUESTIONS.silence.parse('proposer', { voters: VOTERS, seconds: 39 })).to.throw('must be nothing where a proposal is open for 39 seconds')
    expect(QUESTIONS.silence.parse('proposer', { voters: VOTERS, seconds: 40 })).to.equal('proposer')
    expect(QUESTIONS.seconds.parse('90')).to.equal(90)
    expect(QUESTIONS.voters.parse('open')).to.equal(null)
  })

  it('takes voters with names, and writes them', () => {
    const [one, other, third] = VOTERS

    expect(QUESTIONS.voters.parse(`Zoë Smith=${one} Bob = ${other}, ${third}`)).to.deep.equal([{ address: one, name: 'Zoë Smith' }, { address: other, name: 'Bob' }, third])
    expect(() => QUESTIONS.voters.parse(`Bob=${one}, BOB=${other}`)).to.throw('names two voters "BOB"')
    expect(() => QUESTIONS.voters.parse(`deadbeef=${one}`)).to.throw(/^must not look like an address or a digest/)
    expect(() => QUESTIONS.voters.parse('Bob=0x12')).to.throw(/^must be an address/)
  })

  it('says where the quorum is not that of two thirds, and so does joining', async () => {
    const node = await binary.start('a')
    const { voter } = await binary.json('id', '--data-dir', node.dataDirectory)
    const difference = '67/100 is a quorum of 3 of 3 voters that tolerates 2 double voters; 2/3 would be a quorum of 2 of 3 voters that tolerates 0 double voters'
    const flat = (text: string): string => text.replaceAll(/\s+/g, ' ')
    const { stdout } = await binary.run('init', '--name', 'council', '--voters', `Zoë=${voter}`, ...VOTERS.slice(0, 2), '--threshold', '0.67', '--silence', 'proposer', '--output', file())

    expect(flat(stdout)).to.include(`threshold ${difference}`)
    expect(flat(stdout)).to.include('silence the node of a voter who has not voted votes for the side that the proposer chooses automatically')

    const added = await binary.run('scope', 'add', file(), '--data-dir', node.dataDirectory)

    expect(added.stderr).to.equal('')
    expect(added.stdout).to.include('Joined council (3 voters, the proposer chooses for the silent).').and.include(`Its threshold: ${difference}.`).and.include('Silence: the node of')
    expect((await binary.run('scope', 'add', 'lobby', '--data-dir', node.dataDirectory)).stdout).to.include('whoever makes the most keys wins')
    expect((await binary.run('init', '--name', 'senate', '--voters', ...VOTERS, '--threshold', '0.67', '--output', join(folder.path, 'senate.json'))).stdout).to.not.include('would be')
  })

  describe('in a terminal', () => {
    before(function () {
      if (!hasTerminals) {
        // without script of util-linux there is no terminal to type in
        this.skip()
      }
    })

    async function answer (terminal: Running, question: RegExp, text: string): Promise<void> {
      await pWaitFor(() => question.test(stripVTControlCharacters(terminal.stdout)), { interval: 20, timeout: 30_000 })
      type(terminal, `${text}\r`)
    }

    it('asks, asks again if an answer is not valid, and takes what is usual for none', async () => {
      const terminal = binary.terminal({ columns: 80, rows: 24 }, ['init', '--output', file()])

      await answer(terminal, /Name of the scope .*: $/, 'Council!')
      await answer(terminal, /It must be 1 to 64 of a-z[^]*Name of the scope .*: $/, 'council')
      await answer(terminal, /No node runs here[^]*Who may vote [^]*: $/, VOTERS.slice(0, 4).join(', '))
      await answer(terminal, /Share of the voters that a side needs .* \[2\/3\]: $/, '')
      await answer(terminal, /How long a proposal is open [^]* \[1h\]: $/, '10m')
      await answer(terminal, /What the silence of a voter means[^]* \[nothing\]: $/, 'no')

      const { code, stdout } = await terminal.ended

      expect(stdout).to.match(/"decisionRule": "reference"/)
      expect(stdout).to.match(/tolerates +1 voter who votes both yes and no/)
      expect(code).to.equal(0)
      expect(JSON.parse(await readFile(file(), 'utf8'))).to.deep.equal({ name: 'council', voters: VOTERS.slice(0, 4), threshold: '2/3', defaultTimeoutSeconds: 600, minLifetimeSeconds: 40, onSilence: 'no' })
    })

    for (const [key, name] of [[CTRL_C, 'Ctrl-C'], ['\u0004', 'Ctrl-D']]) {
      it(`writes nothing if it is left with ${name}`, async () => {
        const terminal = binary.terminal({ columns: 80, rows: 24 }, ['init', '--output', file()])

        await terminal.prints(/Name of the scope/)
        type(terminal, key)

        const { code, stdout } = await terminal.ended

        expect(stdout).to.include('Nothing was written')
        expect(code).to.equal(130)
        expect(await readdir(folder.path)).to.deep.equal([])
      })
    }
  })
})

import { execFileSync, spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'aegir/chai'
import { Binary, clientOf } from '../utils/binary.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { VotingClient } from '../../src/client/index.ts'
import type { StartedNode } from '../utils/binary.ts'

const CLI = fileURLToPath(new URL('../../dist/src/cli/index.js', import.meta.url))

function has (shell: string): boolean {
  return spawnSync(shell, ['--version']).status === 0
}

describe('completion of command lines', () => {
  const binary = new Binary(() => folder.path)
  const folder = useTempFolder()

  async function values (...words: string[]): Promise<string[]> {
    const { code, stdout, stderr } = await binary.run('__complete', '--', ...words)

    expect(stderr).to.equal('')
    expect(code).to.equal(0)

    return stdout.split('\n').slice(0, -1).map(line => line.split('\t')[0])
  }

  it('knows commands, options, choices, files and folders', async () => {
    expect(await values('')).to.include.members(['start', 'vote', 'scope', 'completion']).and.not.include('__complete')
    expect(await values('sc')).to.deep.equal(['scope'])
    expect(await values('scope', '')).to.include.members(['add', 'list', 'show', 'retain', 'remove'])
    expect(await values('vote', '--')).to.have.members(['--data-dir', '--json', '--full', '--wait', '--force', '--help'])
    expect(await values('list', 'council', '--state', '')).to.deep.equal(['active', 'reached', 'failed', 'conflict'])
    expect(await values('start', '--json', '--gossip-signing', 'StrictN')).to.deep.equal(['StrictNoSign'])
    expect(await values('propose', 'council', 'Question', '--liveness', '')).to.deep.equal(['yes', 'no'])
    expect(await values('vote', 'council', '123', '')).to.deep.equal(['yes', 'no'])
    expect(await values('start', '--config', '')).to.deep.equal([':files'])
    expect(await values('start', '--data-dir', '/t')).to.deep.equal([':folders'])
    expect(await values('completion', '')).to.deep.equal(['bash', 'zsh', 'fish'])
  })

  it('has nothing to offer after words that are none, and where no node runs', async () => {
    expect(await values('elect', '')).to.deep.equal([])
    expect(await values('vote', '')).to.deep.equal([])
    expect(await values('id', '')).to.deep.equal([])
  })

  describe('with a node', () => {
    let node: StartedNode
    let client: VotingClient

    beforeEach(async () => {
      node = await binary.start('a')
      client = await clientOf(node)

      for (const name of ['council', 'lobby']) {
        await client.join({ name })
      }
    })

    /** What bash offers, as somebody who presses the tabulator key after these words */
    async function bash (words: string[]): Promise<string[]> {
      const program = join(folder.path, 'libp2p-voting')

      await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`, { mode: 0o755 })
      await writeFile(join(folder.path, 'try.sh'), `
        source <(libp2p-voting completion bash)
        COMP_WORDS=(libp2p-voting "$@")
        COMP_CWORD=$#
        $(complete -p libp2p-voting | sed -E 's/.*-F ([^ ]+).*/\\1/')
        printf '%s\\n' "\${COMPREPLY[@]}"
      `)

      const { NODE_OPTIONS, ...env } = process.env
      const stdout = execFileSync('bash', [join(folder.path, 'try.sh'), ...words], {
        encoding: 'utf8',
        env: { ...env, HOME: folder.path, XDG_STATE_HOME: folder.path, LIBP2P_VOTING_DATA_DIR: node.dataDirectory, PATH: `${folder.path}:${env.PATH}` }
      })

      return stdout.split('\n').filter(line => line !== '')
    }

    it('asks it for scopes, and for what is being voted on, with what it is called', async () => {
      const { proposalId } = await client.propose('lobby', { name: 'Lunch\u001b[2J?', expectedVotersCount: 2 })
      const at = ['--data-dir', node.dataDirectory]

      expect(await values('vote', ...at, '')).to.deep.equal(['council', 'lobby'])
      expect(await values('scope', 'show', ...at, 'co')).to.deep.equal(['council'])
      expect(await values('vote', ...at, 'lobby', '')).to.deep.equal([`${proposalId}`])
      expect(await values('vote', ...at, 'council', '')).to.deep.equal([])
      expect((await binary.run('__complete', '--', 'vote', ...at, 'lobby', '')).stdout).to.equal(`${proposalId}\tLunch\\u{1b}[2J?\n`)
    })

    it('works in bash', async function () {
      if (!has('bash')) {
        return this.skip()
      }

      expect(await bash(['vo'])).to.deep.equal(['vote'])
      expect(await bash(['scope', 'show', ''])).to.deep.equal(['council', 'lobby'])

      const first = await client.propose('lobby', { name: 'Lunch at "noon"?', expectedVotersCount: 2 })

      expect(await bash(['vote', 'lobby', ''])).to.deep.equal([`${first.proposalId}`])

      const second = await client.propose('lobby', { name: 'Tea $(date)?', expectedVotersCount: 2 })

      expect(await bash(['vote', 'lobby', ''])).to.have.members([`${first.proposalId} (Lunch at "noon"?)`, `${second.proposalId} (Tea $(date)?)`])
      expect(await bash(['vote', 'lobby', `${first.proposalId}`, 'n'])).to.deep.equal(['no'])
    })
  })

  for (const shell of ['bash', 'zsh', 'fish']) {
    it(`has a script that ${shell} can read`, async function () {
      if (!has(shell)) {
        // it is not on this machine
        return this.skip()
      }

      const script = join(folder.path, `completion.${shell}`)

      await writeFile(script, (await binary.run('completion', shell)).stdout)
      execFileSync(shell, ['-n', script])
    })
  }

  it('is what fish offers to somebody who presses the tabulator key', async function () {
    if (!has('fish')) {
      // it is not on this machine
      return this.skip()
    }

    const program = join(folder.path, 'libp2p-voting')
    const script = join(folder.path, 'completion.fish')

    await writeFile(program, `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`, { mode: 0o755 })
    await writeFile(script, (await binary.run('completion', 'fish')).stdout)

    const offered = execFileSync('fish', ['-c', `source '${script}'; complete -C 'libp2p-voting completion '`], {
      encoding: 'utf8',
      env: { ...process.env, HOME: folder.path, PATH: `${folder.path}:${process.env.PATH}` }
    })

    expect(offered.trim().split('\n').sort()).to.deep.equal(['bash', 'fish', 'zsh'])
  })

  it('refuses other shells', async () => {
    const { code, stderr } = await binary.run('completion', 'cmd')

    expect(stderr).to.match(/Allowed choices are bash, zsh, fish/)
    expect(code).to.equal(2)
  })
})

import { randomBytes } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { toString } from 'uint8arrays/to-string'
import { VotingClient } from '../../src/client/index.ts'
import { Binary, addressOf, clientOf } from '../utils/binary.ts'
import { useTempFolder } from '../utils/temp-folder.ts'
import type { StartedNode } from '../utils/binary.ts'

/** How programs write down bytes; multibase is a letter before one of them, and padding comes after */
const ENCODINGS = ['base16', 'base16upper', 'base64', 'base64url', 'base58btc', 'base32'] as const

describe('the logs of libp2p-voting start', function () {
  this.timeout(120_000)

  const binary = new Binary(() => folder.path)
  const folder = useTempFolder()

  it('tell much, but none of the secrets that the node has or is told', async () => {
    const swarmKey = randomBytes(32)
    const swarmKeyFile = join(folder.path, 'swarm.key')
    const swarmKeyText = `/key/swarm/psk/1.0.0/\n/base16/\n${swarmKey.toString('hex')}\n`

    await writeFile(swarmKeyFile, swarmKeyText, { mode: 0o600 })

    const other = await binary.start('b', '--swarm-key', swarmKeyFile)
    const node = await startTalkative('a', '--swarm-key', swarmKeyFile, '--bootstrap', addressOf(other))
    const client = await clientOf(node)
    const wrongToken = toString(randomBytes(32), 'base64url')

    await takePart(client, await clientOf(other))
    await expect(new VotingClient({ url: /API +(\S+)/.exec(node.stdout)?.[1] ?? '', token: wrongToken }).status()).to.eventually.be.rejected()

    const code = await openPage(node)
    const [peerKey, voterKey, token] = await Promise.all(['keys/peer.key', 'keys/voter.key', 'api.token'].map(async name => readFile(join(node.dataDirectory, name), 'utf8')))
    const { stdout, stderr } = await node.end('SIGTERM')
    const printed = stdout + stderr
    const peerKeyBytes = Buffer.from(peerKey, 'base64')

    expect(stderr).to.match(/libp2p:voting/)
    // of the transport and of gossip, too
    expect(stderr).to.match(/libp2p:tcp/)
    expect(stderr).to.match(/libp2p:gossipsub/)

    const secrets: Record<string, string[]> = {
      'swarm key': [swarmKeyText, ...written(swarmKey)],
      // the protobuf as it is in the file; its seed and its public key, of which the latter is known to all; the seed alone
      'peer key': [peerKey.trim(), ...written(peerKeyBytes), ...written(peerKeyBytes.subarray(-64)), ...written(peerKeyBytes.subarray(-64, -32))],
      'voter key': written(Buffer.from(voterKey.trim().slice(2), 'hex')),
      token: [token.trim(), ...written(Buffer.from(token.trim())), ...written(Buffer.from(token.trim(), 'base64url'))],
      'wrong token': [wrongToken],
      'code of a link': [code]
    }

    for (const [name, forms] of Object.entries(secrets)) {
      for (const form of forms) {
        expect(form.length, name).to.be.at.least(16)
        expect(printed.includes(form), `${name} as ${form.slice(0, 4)}…`).to.equal(false)
      }
    }
  })

  async function startTalkative (name: string, ...args: string[]): Promise<StartedNode> {
    const dataDirectory = join(folder.path, name)
    const node = binary.spawnIn({ DEBUG: 'libp2p*' }, 'start', '--local', '--data-dir', dataDirectory, ...args)

    await node.prints(/Ctrl-C stops the node/)

    return Object.assign(node, { dataDirectory })
  }

  /** Joins a scope of two voters with another, and decides something with it */
  async function takePart (client: VotingClient, other: VotingClient): Promise<void> {
    const policy = { name: 'council', voters: [(await client.id()).voter, (await other.id()).voter] }

    await Promise.all([client, other].map(async member => member.join({ policy })))

    const { proposalId } = await client.propose('council', { name: 'Upgrade?' })

    await client.vote('council', proposalId, 'yes', { force: true })
    await expect(client.vote('council', proposalId, 'no')).to.eventually.be.rejected()
    await expect(client.proposal('council', 1)).to.eventually.be.rejected()
  }

  /** Lets a browser in, twice with the same link, and resolves with what lets it in */
  async function openPage ({ dataDirectory }: StartedNode): Promise<string> {
    const { stdout } = await binary.run('open', '--print', '--data-dir', dataDirectory)
    const [url] = stdout.split('\n')

    expect((await fetch(url, { redirect: 'manual' })).headers.get('set-cookie')).to.match(/HttpOnly/i)
    await fetch(url, { redirect: 'manual' })

    return /[\w-]{16,}$/.exec(url)?.[0] ?? ''
  }

  function written (bytes: Uint8Array): string[] {
    return ENCODINGS.map(encoding => toString(bytes, encoding))
  }
})

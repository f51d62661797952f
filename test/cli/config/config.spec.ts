import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'aegir/chai'
import { effectiveConfig } from '../../../src/cli/config/effective.ts'
import { parseConfigFile } from '../../../src/cli/config/file.ts'
import { SETTINGS, configJsonSchema, configSchema } from '../../../src/cli/config/settings.ts'
import { Binary } from '../../utils/binary.ts'
import { useTempFolder } from '../../utils/temp-folder.ts'
import type { Effective } from '../../../src/cli/config/effective.ts'

const LISTEN = '/ip4/127.0.0.1/tcp/4001'

describe('the configuration of a node', () => {
  const folder = useTempFolder()

  async function effective (yaml: string, env: NodeJS.ProcessEnv = {}, options: Record<string, unknown> = {}): Promise<Effective> {
    const config = join(folder.path, 'node.yaml')

    await writeFile(config, yaml)

    return effectiveConfig({ options, config }, env)
  }

  it('is taken from options before the environment, from there before the file, and from there before the defaults', async () => {
    const yaml = `listen: [${LISTEN}]\nmdns: true\napiPort: 1\n`
    const file = join(folder.path, 'node.yaml')

    expect(await effective(yaml)).to.deep.include({ settings: { ...await defaults(), listen: [LISTEN], mdns: true, apiPort: 1 } })
    expect((await effective(yaml)).from).to.include({ listen: `${file}, line 1`, mdns: `${file}, line 2`, apiPort: `${file}, line 3`, local: 'default' })

    const env = { LIBP2P_VOTING_MDNS: 'false', LIBP2P_VOTING_API_PORT: '2', LIBP2P_VOTING_LISTEN: '' }

    expect((await effective(yaml, env)).settings).to.include({ mdns: false, apiPort: 2 }).and.deep.include({ listen: [LISTEN] })
    expect((await effective(yaml, env)).from).to.include({ mdns: 'LIBP2P_VOTING_MDNS', apiPort: 'LIBP2P_VOTING_API_PORT' })

    expect((await effective(yaml, env, { apiPort: 3 })).settings).to.include({ mdns: false, apiPort: 3 })
    expect((await effective(yaml, env, { apiPort: 3 })).from).to.include({ apiPort: '--api-port' })
  })

  async function defaults (): Promise<Effective['settings']> {
    return (await effective('')).settings
  }

  it('has a variable for every setting, with lists and yes or no as text', async () => {
    const { settings } = await effective('', {
      LIBP2P_VOTING_DATA_DIR: '/data',
      LIBP2P_VOTING_LOCK_DIR: '/locks',
      LIBP2P_VOTING_LISTEN: `${LISTEN}, /ip6/::1/tcp/0`,
      LIBP2P_VOTING_ALLOW_UNREACHABLE: '1',
      LIBP2P_VOTING_LOCAL: 'yes',
      LIBP2P_VOTING_GOSSIP_SIGNING: 'StrictNoSign',
      LIBP2P_VOTING_SWARM_KEY: '/swarm.key'
    })

    expect(settings).to.deep.include({ dataDirectory: '/data', lockDirectory: '/locks', listen: [LISTEN, '/ip6/::1/tcp/0'], allowUnreachable: true, local: true, gossipSigning: 'StrictNoSign', swarmKey: '/swarm.key' })
    expect(Object.keys(configSchema.shape)).to.have.members(['dataDirectory', ...Object.keys(SETTINGS)])
  })

  it('refuses variables that are not valid, by their name, and names those that mean nothing', async () => {
    for (const [name, value, pattern] of [
      ['MDNS', 'maybe', /^LIBP2P_VOTING_MDNS: must be true or false, got "maybe"$/],
      ['API_PORT', '65536', /^LIBP2P_VOTING_API_PORT: must be a port, 0 to 65535, got "65536"$/],
      ['LISTEN', '127.0.0.1', /^LIBP2P_VOTING_LISTEN: must be a multiaddr/],
      ['GOSSIP_SIGNING', 'no', /^LIBP2P_VOTING_GOSSIP_SIGNING: must be StrictSign or StrictNoSign/]
    ] as const) {
      await expect(effective('', { [`LIBP2P_VOTING_${name}`]: value })).to.eventually.be.rejectedWith(pattern)
    }

    expect((await effective('', { LIBP2P_VOTING_BOOTSTRAPS: 'x' })).unknownVariables).to.deep.equal(['LIBP2P_VOTING_BOOTSTRAPS'])
  })

  it('may be JSON, begin with a byte order mark, and have the line endings of Windows', async () => {
    const expected = { mdns: true, listen: [LISTEN] }

    expect(parseConfigFile('c.json', `{\r\n\t"mdns": true,\r\n\t"listen": ["${LISTEN}"]\r\n}\r\n`)).to.deep.include({ settings: expected, lines: { mdns: 2, listen: 3 } })
    expect(parseConfigFile('c.yaml', `\ufeff# ours\r\nmdns: true\r\nlisten:\r\n  - ${LISTEN}\r\n`)).to.deep.include({ settings: expected, lines: { mdns: 2, listen: 3 } })
    expect(parseConfigFile('c.yaml', '# nothing yet\n').settings).to.deep.equal({})
  })

  it('says the file, the line, the setting and what is accepted for everything that is wrong', () => {
    const wrong: Array<[text: string, pattern: RegExp]> = [
      ['local: true\nmdns: 3\n', /^c\.yaml, line 2: mdns: must be true or false, got 3$/],
      [`listen:\n  - ${LISTEN}\n  - /ip4/127.0.0.1/udp/1\n`, /^c\.yaml, line 3: listen\.1: must be an IP address and a TCP port, like \/ip4\/0\.0\.0\.0\/tcp\/4001, got "\/ip4\/127\.0\.0\.1\/udp\/1"$/],
      ['listen: []\n', /line 1: listen: must name at least one address, got \[\]/],
      ['bootstrap: /ip4/127.0.0.1/tcp/1\n', /line 1: bootstrap: must be a list of multiaddrs/],
      ['apiPort: -1\nmdns: x\n', /^c\.yaml, line 1: apiPort: must be a port, 0 to 65535, got -1; line 2: mdns: must be true or false, got "x"$/],
      ['\nboostrap: []\n', /^c\.yaml, line 2: boostrap: there is no such setting; there are dataDirectory, lockDirectory, listen, bootstrap/],
      ['mdns: true\nmdns: false\n', /^c\.yaml, line 2: Map keys must be unique/],
      ['mdns: [\n', /^c\.yaml, line \d: /],
      ['hello\n', /^c\.yaml, line 1: must be settings, a name and a value each/]
    ]

    for (const [text, pattern] of wrong) {
      expect(() => parseConfigFile('c.yaml', text), text).to.throw(pattern)
    }
  })

  it('has paths that are relative to its file', async () => {
    const { settings } = await effective('dataDirectory: data\nswarmKey: ./swarm.key\n')

    expect(settings).to.include({ dataDirectory: join(folder.path, 'data'), swarmKey: join(folder.path, 'swarm.key') })
  })

  it('is read from the data directory if no other file is given, unless it is not clear which', async () => {
    await writeFile(join(folder.path, 'config.yaml'), 'mdns: true\n')
    expect(await effectiveConfig({ options: {}, dataDirectory: folder.path }, {})).to.deep.include({ file: join(folder.path, 'config.yaml') }).and.to.have.nested.property('settings.mdns', true)

    await writeFile(join(folder.path, 'config.json'), '{}')
    await expect(effectiveConfig({ options: {}, dataDirectory: folder.path }, {})).to.eventually.be.rejectedWith(/config\.yaml and .*config\.json: it is not clear which is meant/)

    await mkdir(join(folder.path, 'b'))
    await writeFile(join(folder.path, 'b', 'config.yaml'), 'dataDirectory: c\n')
    await expect(effectiveConfig({ options: {}, dataDirectory: join(folder.path, 'b') }, {})).to.eventually.be.rejectedWith(/line 1: dataDirectory: cannot be said in a file that is in the data directory/)
    await expect(effectiveConfig({ options: {}, config: join(folder.path, 'none.yaml') }, {})).to.eventually.be.rejectedWith(/none\.yaml cannot be read: there is no such file/)
  })

  it('has a JSON Schema that is up to date', async () => {
    expect(JSON.parse(await readFile('docs/config.schema.json', 'utf8')), 'run npm run generate:schema').to.deep.equal(JSON.parse(JSON.stringify(configJsonSchema())))
  })
})

describe('libp2p-voting start with a configuration file', () => {
  const binary = new Binary(() => folder.path)
  const folder = useTempFolder()

  it('starts a node of it, in a data directory that has nothing else yet', async () => {
    await mkdir(join(folder.path, 'a'))
    await writeFile(join(folder.path, 'a', 'config.yaml'), 'local: true\nlisten:\n  - /ip4/127.0.0.1/tcp/0\n  - /ip6/::1/tcp/0\n')

    const node = await binary.start('a')

    expect(node.stdout).to.match(/listening +\/ip4\/127\.0\.0\.1\/tcp\/\d+\/p2p\/\w+\n +\/ip6\/::1\/tcp\/\d+/)
  })

  it('prints what holds and where it comes from, and starts nothing', async () => {
    const config = join(folder.path, 'node.yaml')

    await writeFile(config, 'dataDirectory: data\nmdns: true\n')

    const { code, stdout } = await binary.run('start', '--config', config, '--print-config', '--api-port', '7')

    expect(code).to.equal(0)
    expect(stdout).to.match(new RegExp(`^Configuration file: ${config}\n`))
    expect(stdout).to.match(new RegExp(`\ndataDirectory +${folder.path}/data +${config}, line 1\n`))
    expect(stdout).to.match(/\nlisten +\/ip4\/0\.0\.0\.0\/tcp\/0 +default\n/)
    expect(stdout).to.match(/\napiPort +7 +--api-port\n/)
    expect((await binary.json('start', '--config', config, '--print-config')).settings.mdns).to.deep.equal({ value: true, from: `${config}, line 2` })
    expect((await binary.run('store', 'check', '--data-dir', join(folder.path, 'data'))).stderr).to.match(/no node has run there/)
  })

  it('refuses a file that is not valid before it makes anything', async () => {
    const config = join(folder.path, 'node.yaml')

    await writeFile(config, 'mdns: often\n')

    const { code, stdout, stderr } = await binary.run('start', '--config', config)

    expect(stderr).to.equal(`error: ${config}, line 1: mdns: must be true or false, got "often"\n`)
    expect(stdout).to.equal('')
    expect(code).to.equal(2)
  })
})

/**
 * What can be said about a node in its configuration file, in the environment, and by options of `start`: one list for all
 * three.
 */

import * as z from 'zod'
import { parseAllowedHost, parseApiHost, parseBootstrapAddress, parseListenAddress } from '../../node/host/config.ts'
import { defaultLockDirectory } from '../../node/host/running-node.ts'

const MAX_PORT = 65_535

/** Where the node says what is wrong with a value, its message begins with the name of the value, which is known here */
function checked (check: (text: string) => unknown): z.ZodType<string> {
  return z.string('must be a text').superRefine((text, context) => {
    try {
      check(text)
    } catch (err) {
      context.addIssue({ code: 'custom', message: (err as Error).message.replace(/^\w+ (?=must )/, '').replace(/, got "(?:[^"\\]|\\.)*"/, '') })
    }
  })
}

const path = z.string('must be a path').min(1, 'must be a path')
const yesNo = z.boolean('must be true or false')
const port = z.int(`must be a port, 0 to ${MAX_PORT}`).min(0, `must be a port, 0 to ${MAX_PORT}`).max(MAX_PORT, `must be a port, 0 to ${MAX_PORT}`)

const list = (item: z.ZodType<string>, what: string): z.ZodArray<z.ZodType<string>> => z.array(item, `must be a list of ${what}`)

export const configSchema = z.strictObject({
  dataDirectory: path.describe('Where keys, scopes, proposals and votes are kept. Not in the config.yaml that is in the data directory'),
  lockDirectory: path.describe('Where it is kept what the keys of this user have voted, the same for all nodes of a user on a machine'),
  listen: list(checked(parseListenAddress), 'multiaddrs').min(1, 'must name at least one address').describe('TCP multiaddrs to listen on, like /ip4/0.0.0.0/tcp/4001; port 0 for any that is free').meta({ examples: [['/ip4/0.0.0.0/tcp/4001']] }),
  bootstrap: list(checked(parseBootstrapAddress), 'multiaddrs').describe('Multiaddrs of peers to join by and to stay connected with, that end in /p2p/ and the peer id. All nodes can have the same list'),
  allowUnreachable: yesNo.describe('Whether the node starts although no bootstrap peer answers, and goes on trying').meta({ default: false }),
  mdns: yesNo.describe('Whether nodes on the local network are looked for, and connected').meta({ default: false }),
  local: yesNo.describe('Whether all nodes are on this machine: the node listens on loopback then, and allows many peers with one address').meta({ default: false }),
  gossipSigning: z.enum(['StrictSign', 'StrictNoSign'], 'must be StrictSign or StrictNoSign').describe('Whether gossip messages are signed besides the votes in them; all members must have the same').meta({ default: 'StrictSign' }),
  syncPastDays: z.int('must be a whole number of days').min(0, 'must be a whole number of days').describe('How many days back from today expired proposals are asked of other members. All if it is not said'),
  swarmKey: path.describe('File with a swarm key: only peers that have it can connect'),
  apiPort: port.describe('Port of the control API, 0 for any that is free').meta({ default: 0 }),
  apiHost: checked(parseApiHost).describe('IP address that the control API listens on. With another than loopback whoever reaches it needs only the token to vote').meta({ default: '127.0.0.1' }),
  apiAllowedHosts: list(checked(parseAllowedHost), 'names').describe('Names that the control API answers to besides, for proxies and containers, like vote.example.org').meta({ default: [] }),
  openMetrics: yesNo.describe('Whether /metrics is given to anybody who asks, without the token').meta({ default: false })
}).partial()

export type Settings = z.infer<typeof configSchema>
export type SettingName = keyof Settings

export interface Setting {
  /** As `start` has it */
  option: string
  /** As commander gives its value */
  attribute: string
  variable: string
  /** How its value is written in the environment */
  kind: 'text' | 'path' | 'list' | 'yes-no' | 'number'
  defaultValue (settings: Settings): unknown
}

const setting = (name: string, kind: Setting['kind'], defaultValue: Setting['defaultValue']): Setting => ({
  option: `--${name}`,
  attribute: name.replaceAll(/-(.)/g, (match, letter: string) => letter.toUpperCase()),
  variable: `LIBP2P_VOTING_${name.replaceAll('-', '_').toUpperCase()}`,
  kind,
  defaultValue
})

/** All but the data directory, which is known before the rest is read */
export const SETTINGS: Record<Exclude<SettingName, 'dataDirectory'>, Setting> = {
  lockDirectory: setting('lock-dir', 'path', () => defaultLockDirectory({ ...process.env, LIBP2P_VOTING_LOCK_DIR: undefined })),
  listen: setting('listen', 'list', ({ local }) => [local === true ? '/ip4/127.0.0.1/tcp/0' : '/ip4/0.0.0.0/tcp/0']),
  bootstrap: setting('bootstrap', 'list', () => []),
  allowUnreachable: setting('allow-unreachable', 'yes-no', () => false),
  mdns: setting('mdns', 'yes-no', () => false),
  local: setting('local', 'yes-no', () => false),
  gossipSigning: setting('gossip-signing', 'text', () => 'StrictSign'),
  syncPastDays: setting('sync-past-days', 'number', () => undefined),
  swarmKey: setting('swarm-key', 'path', () => undefined),
  apiPort: setting('api-port', 'number', () => 0),
  apiHost: setting('api-host', 'text', () => '127.0.0.1'),
  apiAllowedHosts: setting('api-allowed-hosts', 'list', () => []),
  openMetrics: setting('open-metrics', 'yes-no', () => false)
}

/** Variables that mean something, besides those of the settings */
export const OTHER_VARIABLES = ['LIBP2P_VOTING_DATA_DIR', 'LIBP2P_VOTING_CONFIG']

/**
 * JSON Schema (draft 2020-12) of a configuration file, for editors. Whether addresses are some is checked when it is read.
 */
export function configJsonSchema (): object {
  return { title: 'Configuration of a libp2p-voting node', ...z.toJSONSchema(configSchema, { io: 'input' }) }
}

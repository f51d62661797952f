/**
 * Whether others can reach the node's ports, and it the peers it joins by.
 */

import { once } from 'node:events'
import { connect, createServer, isIP } from 'node:net'
import { count } from '../output.ts'
import { ok, problem, warning } from './findings.ts'
import type { Finding, Subject } from './findings.ts'

/** Milliseconds: a connection across the world, several times over */
const CONNECT_TIMEOUT = 4_000

interface Address {
  host: string
  port: number
}

const REASONS: Record<string, string> = {
  EADDRINUSE: 'another program uses the port',
  EACCES: 'ports below 1024 are not for this user',
  EADDRNOTAVAIL: 'this machine does not have the address',
  ECONNREFUSED: 'connection refused',
  ENOTFOUND: 'there is no such name',
  EAI_AGAIN: 'the name cannot be looked up now',
  EHOSTUNREACH: 'there is no way to it',
  ENETUNREACH: 'there is no way to it',
  ABORT_ERR: `no answer within ${CONNECT_TIMEOUT / 1_000} seconds`
}

export async function checkPorts ({ settings, status }: Subject): Promise<Finding[]> {
  if (status != null) {
    return Promise.all(status.addresses.map(async address => {
      const failure = await tryConnection(address)

      return failure == null
        ? ok('ports', `the node listens on ${short(address)}`)
        : problem('ports', `the node says that it listens on ${short(address)}, but cannot be reached there from this machine: ${failure}`, 'Look for a firewall on this machine')
    }))
  }

  const { apiHost = '127.0.0.1', apiPort = 0 } = settings
  const listen = [...settings.listen ?? [], `/ip${isIP(apiHost)}/${apiHost}/tcp/${apiPort}`]

  return (await Promise.all(listen.map(async (address, index): Promise<Finding[]> => {
    const parsed = parseAddress(address)

    // any that is free always is
    if (parsed == null || parsed.port === 0) {
      return []
    }

    const failure = await tryListening(parsed)
    const [what, option] = index === listen.length - 1 ? ['the control API', '--api-port'] : ['peers', '--listen']

    return [failure == null ? ok('ports', `${short(address)} is free for ${what}`) : problem('ports', `${short(address)} cannot be used for ${what}: ${failure}`, `Stop what uses it, or choose another with ${option}`)]
  }))).flat()
}

export async function checkBootstrap ({ settings, status }: Subject): Promise<Finding[]> {
  if (status != null) {
    const { peers, bootstrap } = status

    return [
      peers === 0
        ? warning('peers', 'none is connected: nobody hears this node', 'Start it with --bootstrap and the address of another node, which "libp2p-voting id" prints there')
        : ok('peers', `${count(peers, 'peer')} connected`),
      ...await Promise.all(bootstrap.map(async ({ address, connected }) => connected ? ok('bootstrap', `${short(address)} is connected`) : unreachable(address, await tryConnection(address))))
    ]
  }

  return Promise.all((settings.bootstrap ?? []).map(async address => {
    const failure = await tryConnection(address)

    return failure == null ? ok('bootstrap', `something answers at ${short(address)}; who it is only a node can tell`) : unreachable(address, failure)
  }))
}

function unreachable (address: string, failure?: string): Finding {
  return failure == null
    ? problem('bootstrap', `something answers at ${short(address)}, but is not connected: it may be another peer, have another swarm key, or have cut this node off`, 'Compare the address with what "libp2p-voting id" prints there, and look at the swarm keys')
    : problem('bootstrap', `${short(address)} cannot be reached: ${failure}`, 'Is the node there running, the address right, and the port open in its firewall?')
}

async function tryListening ({ host, port }: Address): Promise<string | undefined> {
  const server = createServer()

  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (err) {
    return reason(err)
  } finally {
    server.close()
  }
}

/** Why none can be made, undefined if one can */
async function tryConnection (address: string): Promise<string | undefined> {
  const parsed = parseAddress(address)

  if (parsed == null) {
    return 'it is no TCP address'
  }

  const socket = connect(parsed)

  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_TIMEOUT) })
  } catch (err) {
    return reason(err)
  } finally {
    socket.destroy()
  }
}

function reason (err: any): string {
  return REASONS[err.code] ?? err.message
}

function parseAddress (address: string): Address | undefined {
  const [, host, port] = /^\/(?:ip4|ip6|dns|dns4|dns6)\/([^/]+)\/tcp\/(\d+)/.exec(address) ?? []

  return host == null ? undefined : { host, port: Number(port) }
}

/** Without the peer id, which says nothing about the way there */
function short (address: string): string {
  return address.replace(/\/p2p\/.*$/, '')
}

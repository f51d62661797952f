/**
 * IP addresses that a server listens on
 */

import { isIPv6 } from 'node:net'

/** Whether only programs of this machine reach an address */
export function isLoopback (host: string): boolean {
  return host === '::1' || host.startsWith('127.')
}

/** An address as URLs have it */
export function literal (host: string): string {
  return isIPv6(host) ? `[${host}]` : host
}

/** By which address a server that listens on all is reached from this machine */
const OF_WILDCARDS: Record<string, string> = { '0.0.0.0': '127.0.0.1', '::': '::1' }

/** An address by which a server that listens on one is reached from this machine */
export function reachable (host: string): string {
  return OF_WILDCARDS[host] ?? host
}

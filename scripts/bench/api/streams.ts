/**
 * What it costs to tell many what is voted on, while it is voted on.
 */

import { once } from 'node:events'
import { get } from 'node:http'
import { createInterface } from 'node:readline'
import { createGunzip } from 'node:zlib'
import { median } from '../votes.ts'
import type { RemoteNode } from './remote.ts'
import type { IncomingMessage } from 'node:http'

/** Events of a decision: the proposal, the vote, the result */
const EVENTS = 3

/** What is in a stream once for each event, at the beginning of a line */
const MARK = 'data: '

/** Turns before the first that is timed: a process is slow while it is new */
const WARM_UP = 10

/** Decisions before each time that is taken */
const LEAD = 50

export interface StreamFigures {
  streams: number
  decisions: number
  /** Decisions a second */
  without: number
  withStreams: number
  /** The second divided by the first: the median of turns that follow each other */
  ratio: number
  /** The same of the processor time of the node for a decision */
  ratioOfProcessorTime: number
}

export async function measureStreams (node: RemoteNode, streams: number, turns: number, decisions: number): Promise<StreamFigures> {
  const rates: Array<{ without: number, withStreams: number, cpuWithout: number, cpuWith: number }> = []

  await node.decide(WARM_UP * decisions)

  for (let turn = 0; turn < turns; turn++) {
    // each is first in its turn
    const first = turn % 2 === 0 ? undefined : await withFollowers(node, streams, decisions)
    const alone = await decide(node, decisions)
    const followed = first ?? await withFollowers(node, streams, decisions)

    rates.push({ without: decisions / alone.seconds, withStreams: decisions / followed.seconds, cpuWithout: alone.cpuSeconds, cpuWith: followed.cpuSeconds })
  }

  return {
    streams,
    decisions,
    without: median(rates.map(({ without }) => without)),
    withStreams: median(rates.map(({ withStreams }) => withStreams)),
    ratio: median(rates.map(({ without, withStreams }) => withStreams / without)),
    ratioOfProcessorTime: median(rates.map(({ cpuWithout, cpuWith }) => cpuWith / cpuWithout))
  }
}

/** Not timed is what the turn before may have left to do */
async function decide (node: RemoteNode, decisions: number): ReturnType<RemoteNode['decide']> {
  await node.decide(LEAD)

  return node.decide(decisions)
}

async function withFollowers (node: RemoteNode, streams: number, decisions: number): ReturnType<RemoteNode['decide']> {
  const followers = await Promise.all(Array.from({ length: streams }, async () => follow(node.api)))
  const result = await decide(node, decisions)

  // all of them are told of everything
  await Promise.all(followers.map(async follower => follower.received(EVENTS * (LEAD + decisions))))
  followers.forEach(follower => { follower.close() })

  return result
}

/** Follows as browsers and the client do, compressed. To read what has come is left for when the time is not taken. */
async function follow ({ url, token }: { url: string, token: string }): Promise<{ received (count: number): Promise<void>, close (): void }> {
  const request = get(`${url}/events`, { agent: false, headers: { authorization: `Bearer ${token}`, 'accept-encoding': 'gzip' } })
  const [response] = await once(request, 'response') as [IncomingMessage]
  const chunks: Buffer[] = []

  if (response.statusCode !== 200 || response.headers['content-encoding'] !== 'gzip') {
    throw new Error(`the node gives no event stream that is compressed: status ${response.statusCode}`)
  }

  response.on('data', chunk => { chunks.push(chunk) })

  return {
    received: async count => {
      const text = createGunzip()

      chunks.forEach(chunk => { text.write(chunk) })
      response.on('data', chunk => { text.write(chunk) })

      for await (const line of createInterface(text)) {
        count -= line.startsWith(MARK) ? 1 : 0

        if (count === 0) {
          return
        }
      }

      throw new Error(`an event stream has ended ${count} events too early`)
    },
    close: () => { request.destroy() }
  }
}

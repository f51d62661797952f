/**
 * What it costs to tell many what is voted on, while it is voted on.
 */

import { once } from 'node:events'
import { get } from 'node:http'
import { median } from '../votes.ts'
import type { RemoteNode } from './remote.ts'
import type { IncomingMessage } from 'node:http'

/** Events of a decision: the proposal, the vote, the result */
const EVENTS = 3

/** What is in a stream once for each event */
const MARK = '\ndata: '

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

  await node.decide(decisions)

  for (let turn = 0; turn < turns; turn++) {
    // each is first in its turn
    const first = turn % 2 === 0 ? undefined : await withFollowers(node, streams, decisions)
    const alone = await node.decide(decisions)
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

async function withFollowers (node: RemoteNode, streams: number, decisions: number): ReturnType<RemoteNode['decide']> {
  const followers = await Promise.all(Array.from({ length: streams }, async () => follow(node.api)))
  const result = await node.decide(decisions)

  // all of them are told of everything
  await Promise.all(followers.map(async follower => follower.received(EVENTS * decisions)))
  followers.forEach(follower => { follower.close() })

  return result
}

/** Counts the events of a stream with next to no work of its own */
async function follow ({ url, token }: { url: string, token: string }): Promise<{ received (count: number): Promise<void>, close (): void }> {
  const request = get(`${url}/events`, { agent: false, headers: { authorization: `Bearer ${token}` } })
  const [response] = await once(request, 'response') as [IncomingMessage]
  let events = 0
  let end: Buffer = Buffer.alloc(0)

  if (response.statusCode !== 200) {
    throw new Error(`the node gives no event stream: status ${response.statusCode}`)
  }

  response.on('data', (chunk: Buffer) => {
    // a mark may begin in one chunk and end in the next
    events += marks(Buffer.concat([end, chunk.subarray(0, MARK.length - 1)])) + marks(chunk)
    end = chunk.length < MARK.length ? Buffer.concat([end, chunk]).subarray(1 - MARK.length) : chunk.subarray(1 - MARK.length)
  })

  return {
    received: async count => {
      for (;;) {
        if (events >= count) {
          return
        }

        await once(response, 'data')
      }
    },
    close: () => { request.destroy() }
  }
}

function marks (bytes: Buffer): number {
  let count = 0

  for (let at = bytes.indexOf(MARK); at !== -1; at = bytes.indexOf(MARK, at + MARK.length)) {
    count++
  }

  return count
}

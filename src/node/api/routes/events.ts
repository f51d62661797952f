import { OpenAPIHono, z } from '@hono/zod-openapi'
import { accepts } from 'hono/accepts'
import { sessionOf } from '../guard.ts'
import { Gzip, SharedText } from '../gzip.ts'
import { operation } from '../operation.ts'
import { ApiError } from '../problems.ts'
import type { NodeMetrics } from '../../host/metrics.ts'
import type { EventLog } from '../event-log.ts'
import type { Credentials } from '../guard.ts'
import type { NodeEvent } from '../types.ts'

const MAX_STREAMS = 100

/** Milliseconds after which a quiet stream says that it is alive, so that both ends notice when it is not */
const IDLE = 15_000

const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  vary: 'accept-encoding'
}

const NOTHING_NEW = new SharedText(': nothing new\n\n')
const texts = new WeakMap<NodeEvent[], SharedText>()

const followEvents = operation({
  method: 'get',
  path: '/events',
  operationId: 'followEvents',
  tags: ['events'],
  summary: 'What happens, as server-sent events',
  description: 'From now on, until either side ends it, or the session that it was asked for in. Who comes back with the id of the last event it has got, in Last-Event-ID, gets all that came after it, and nothing twice; ' +
    'after an event `reset` if they are gone, or the node was started again meanwhile: read again what matters then. It is compressed with gzip for who takes that. Events and their data are described by the schema NodeEvent.',
  request: {
    headers: z.object({ 'last-event-id': z.string().optional().describe('The id of the last event that is known') })
  },
  responses: { 200: { description: 'A stream that does not end by itself', content: { 'text/event-stream': { schema: z.string() } } } }
}, 'TooManyStreamsError')

/** What happens, as server-sent events. A client that comes back with Last-Event-ID gets what it missed. */
export function eventRoutes (events: EventLog, metrics: NodeMetrics, credentials: Credentials): OpenAPIHono {
  const routes = new OpenAPIHono()
  let streams = 0

  metrics.addGauge('libp2p_voting_event_streams', 'Event streams of the control API that are open now', () => streams)

  routes.openapi(followEvents, context => {
    // hono answers HEAD by this route, too, and nobody would ever end the stream
    if (context.req.method === 'HEAD') {
      return context.body(null, 200, HEADERS)
    }

    if (streams >= MAX_STREAMS) {
      throw new ApiError('TooManyStreamsError', `There are ${MAX_STREAMS} event streams already. Close one first`)
    }

    const ended = new AbortController()
    const session = sessionOf(context, credentials)
    const endings = [events.signal, ended.signal, ...session == null ? [] : [credentials.sessions.signal(session)]]
    const lastId = context.req.valid('header')['last-event-id']
    // where it begins, so that who loses the connection before the first event misses none, too
    const position = lastId == null ? `id: ${events.lastId}\n` : ''
    const feed = events.follow(lastId, IDLE, AbortSignal.any(endings))
    const gzip = accepts(context, { header: 'Accept-Encoding', supports: ['gzip', 'identity'], default: 'identity' }) === 'gzip' ? new Gzip() : undefined

    streams++
    ended.signal.addEventListener('abort', () => { streams-- })

    const send = (controller: ReadableStreamDefaultController<Uint8Array>, text: SharedText): void => {
      controller.enqueue(gzip == null ? text.bytes : gzip.add(text))
    }

    const stream = new ReadableStream<Uint8Array>({
      start: controller => {
        if (gzip != null) {
          controller.enqueue(gzip.begin())
        }

        send(controller, new SharedText(`: connected\n${position}\n`))
      },
      pull: async controller => {
        const { done, value } = await feed.next()

        if (ended.signal.aborted) {
          return
        }

        // to follow is to use it, as often as there is something to send
        if (done === true || (session != null && !credentials.sessions.use(session))) {
          ended.abort()

          if (gzip != null) {
            controller.enqueue(gzip.end())
          }

          controller.close()
        } else {
          send(controller, textOf(value))
        }
      },
      cancel: () => {
        ended.abort()
      }
    })

    return new Response(stream, { headers: gzip == null ? HEADERS : { ...HEADERS, 'content-encoding': 'gzip' } })
  })

  return routes
}

/** Followers at the same place get the same group, which is put into bytes once */
function textOf (group: NodeEvent[]): SharedText {
  if (group.length === 0) {
    return NOTHING_NEW
  }

  let text = texts.get(group)

  if (text == null) {
    text = new SharedText(group.map(format).join(''))
    texts.set(group, text)
  }

  return text
}

function format ({ id, type, data }: NodeEvent): string {
  return `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`
}

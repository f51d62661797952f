/**
 * The live view of `watch`: reads, follows and draws until it is ended.
 */

import { setTimeout } from 'node:timers/promises'
import { commandLine } from '../command.ts'
import { Screen } from '../terminal/screen.ts'
import { WatchModel, keyOf } from './model.ts'
import { renderWatch } from './view.ts'
import type { VotingClient } from '../../client/index.ts'

/** Milliseconds. Votes that come together are drawn together, and nobody reads faster. */
const REFRESH_INTERVAL = 150

/** Milliseconds: the time that is left is in seconds */
const TICK = 1_000

/** In ticks: of scopes and peers no events tell */
const NODE_INTERVAL = 2

export interface LiveOptions {
  scope?: string
  dataDirectory: string
  /** Whether a node that stops is waited for */
  reconnect: boolean
  /** Ends it without an error */
  signal: AbortSignal
}

/**
 * Resolves with the model when the node ends the stream, or at the signal.
 */
export async function watchLive (client: VotingClient, { scope, dataDirectory, reconnect, signal }: LiveOptions): Promise<WatchModel> {
  const view = new LiveView(client, scope, commandLine(dataDirectory, 'vote', scope ?? 'SCOPE', 'ID', 'yes'))

  await view.run(signal, reconnect)

  return view.model
}

interface Wanted {
  all?: boolean
  /** Scopes and peers */
  node?: boolean
  /** Only to draw again */
  frame?: boolean
}

class LiveView {
  readonly model: WatchModel
  private readonly client: VotingClient
  private readonly hint: string
  private readonly screen: Screen
  /** Aborts when something fails behind the view */
  private readonly failure = new AbortController()
  /** Keys of proposals that an event has changed */
  private readonly stale = new Set<string>()
  private shown: ReturnType<WatchModel['active']> = []
  private wanted: Wanted = {}
  private working = false
  private ticks = 0

  constructor (client: VotingClient, scope: string | undefined, hint: string) {
    this.client = client
    this.model = new WatchModel(client, scope)
    this.hint = hint
    this.screen = new Screen(process.stdout, (columns, rows) => this.draw(columns, rows))
  }

  async run (signal: AbortSignal, reconnect: boolean): Promise<void> {
    const ended = AbortSignal.any([signal, this.failure.signal])
    let timer: ReturnType<typeof setInterval> | undefined

    try {
      for await (const event of this.client.events({
        signal: ended,
        reconnect,
        onDisconnect: () => {
          this.model.away = true
          this.want({ frame: true })
        },
        onConnect: () => {
          this.model.away = false
          timer ??= this.begin()
          this.want({ all: true })
        }
      })) {
        const changed = this.model.apply(event)

        if (changed != null) {
          this.stale.add(keyOf(changed))
        }

        this.want({ all: event.type === 'reset', frame: true })
      }
    } catch (err) {
      if (!signal.aborted) {
        throw this.failure.signal.aborted ? this.failure.signal.reason : err
      }
    } finally {
      clearInterval(timer)
      this.screen.close()
    }
  }

  private begin (): ReturnType<typeof setInterval> {
    this.screen.open()

    return setInterval(() => { this.tick() }, TICK)
  }

  private tick (): void {
    this.ticks++
    this.want({ node: this.ticks % NODE_INTERVAL === 0, frame: true })
  }

  private want ({ all, node, frame }: Wanted): void {
    this.wanted = { all: all === true || this.wanted.all, node: node === true || this.wanted.node, frame: frame === true || this.wanted.frame }

    if (!this.working) {
      this.working = true
      this.work().catch((err: Error) => {
        // a node that has stopped ends the stream of events as well, which says it better; one that was started again has another token
        if (!this.model.away && err.name !== 'NodeUnreachableError' && (err as Error & { status?: number }).status !== 401) {
          this.failure.abort(err)
        }
      }).finally(() => { this.working = false })
    }
  }

  private async work (): Promise<void> {
    while (this.wanted.all === true || this.wanted.node === true || this.wanted.frame === true || (!this.model.away && this.toRead().length > 0)) {
      const { all, node } = this.wanted

      this.wanted = {}

      if (this.model.away) {
        this.screen.redraw()
        await setTimeout(REFRESH_INTERVAL)
        continue
      }

      if (all === true) {
        await this.model.load()
      } else if (node === true) {
        await this.model.loadNode()
      }

      const proposals = this.toRead()

      proposals.forEach(proposal => this.stale.delete(keyOf(proposal)))
      await this.model.refresh(proposals)
      await this.model.readEndings()
      this.screen.redraw()
      await setTimeout(REFRESH_INTERVAL)
    }
  }

  /** Of those that are seen; the others are read when they are */
  private toRead (): ReturnType<WatchModel['active']> {
    return this.shown.filter(proposal => proposal.votes == null || this.stale.has(keyOf(proposal)))
  }

  private draw (columns: number, rows: number): string[] {
    const { lines, shown } = renderWatch(this.model, { columns, rows, now: Date.now() / 1_000, hint: this.hint })

    this.shown = shown

    return lines
  }
}

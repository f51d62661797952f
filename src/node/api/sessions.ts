/**
 * How a browser is let in: by a link that is good once and for a few minutes, for which it gets a cookie. Of both only hashes are
 * kept. Links end with the process; sessions are in a file, so that a page that is open goes on when the node was started
 * again.
 */

import { createHash, randomBytes } from 'node:crypto'
import { z } from '@hono/zod-openapi'
import { replaceFile } from '../host/files.ts'
import { readIfThere } from '../host/running-node.ts'
import { ApiError } from './problems.ts'

const second = 1_000
const minute = 60 * second
const hour = 60 * minute

/** A link is opened at once, or by hand on the same machine */
export const LINK_TIME = 5 * minute

/** A session that is not used ends */
export const SESSION_TIME = 12 * hour

/** The oldest are given up beyond these */
const MAX_LINKS = 100
const MAX_SESSIONS = 100

const NEW_LINK = 'Get a new one with: libp2p-voting open'

/** That a session was used is written so often */
const SAVE_INTERVAL = hour

/** When a session ends, milliseconds, by the hash of its cookie */
const fileSchema = z.record(z.string(), z.number())

interface Link {
  /** Milliseconds */
  expiresAt: number
  used: boolean
}

export class Sessions {
  private readonly file: string
  private readonly clock: () => number
  /** By the hash of its code */
  private readonly links = new Map<string, Link>()
  /** When a session ends, milliseconds, by the hash of its cookie */
  private sessions = new Map<string, number>()
  /** Told of the end of a session that something goes on in, by the hash of its cookie */
  private readonly endings = new Map<string, AbortController>()
  private savedAt = -Infinity
  private saving: Promise<void> = Promise.resolve()

  /**
   * @param file - where sessions are kept
   * @param clock - milliseconds
   */
  constructor (file: string, clock: () => number = Date.now) {
    this.file = file
    this.clock = clock
  }

  /** Reads what the process before has left. A file that is damaged lets nobody in, and is replaced by the next one. */
  async load (): Promise<void> {
    const parsed = fileSchema.safeParse(parse(await readIfThere(this.file)))

    this.sessions = new Map(Object.entries(parsed.data ?? {}))
  }

  /** When this resolves the file is not written any more */
  async stop (): Promise<void> {
    await this.saving.catch(() => {})
  }

  /** The code of a new link, and when it expires, milliseconds */
  createLink (): { code: string, expiresAt: number } {
    const code = secret()
    const expiresAt = this.clock() + LINK_TIME

    keep(this.links, hash(code), { expiresAt, used: false }, MAX_LINKS)

    return { code, expiresAt }
  }

  /**
   * Opens a link, and gives the value of the cookie for it
   *
   * @throws {ApiError} that says why it is not good
   */
  async open (code: string): Promise<string> {
    const link = this.links.get(hash(code))

    if (link == null) {
      throw new ApiError('LinkNotValidError', `The link is none of this node, or from before it was started. ${NEW_LINK}`)
    }

    if (link.used) {
      throw new ApiError('LinkNotValidError', `The link has been used: each is good once. ${NEW_LINK}`)
    }

    if (link.expiresAt <= this.clock()) {
      throw new ApiError('LinkNotValidError', `The link has expired: each is good for ${LINK_TIME / minute} minutes. ${NEW_LINK}`)
    }

    link.used = true

    const session = secret()

    this.keepSession(hash(session))
    await this.save()

    return session
  }

  /** Whether a cookie is one of ours and good; using it keeps it so */
  use (session: string): boolean {
    const key = hash(session)
    const end = this.sessions.get(key)

    if (end == null || end <= this.clock()) {
      this.forget(key)

      return false
    }

    this.keepSession(key)

    if (this.clock() >= this.savedAt + SAVE_INTERVAL) {
      this.save().catch(() => {
        // it is good all the same, and the next use tries again
        this.savedAt = -Infinity
      })
    }

    return true
  }

  /** Ends a session, and what goes on in it */
  async end (session: string): Promise<void> {
    if (this.forget(hash(session))) {
      await this.save()
    }
  }

  /** Aborted when the session ends: for answers that last. Time alone ends none, but the next use of it that is refused. */
  signal (session: string): AbortSignal {
    const key = hash(session)

    if (!this.sessions.has(key)) {
      return AbortSignal.abort()
    }

    const ending = this.endings.get(key) ?? new AbortController()

    this.endings.set(key, ending)

    return ending.signal
  }

  private keepSession (key: string): void {
    const forgotten = keep(this.sessions, key, this.clock() + SESSION_TIME, MAX_SESSIONS)

    if (forgotten != null) {
      this.forget(forgotten)
    }
  }

  private forget (key: string): boolean {
    this.endings.get(key)?.abort()
    this.endings.delete(key)

    return this.sessions.delete(key)
  }

  private async save (): Promise<void> {
    this.savedAt = this.clock()
    // one after the other, so that the last is what stays
    this.saving = this.saving.catch(() => {}).then(async () => {
      await replaceFile(this.file, `${JSON.stringify(Object.fromEntries(this.sessions))}\n`)
    })

    await this.saving
  }
}

function parse (text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '{}')
  } catch {
    return {}
  }
}

function secret (): string {
  return randomBytes(32).toString('base64url')
}

/** Looking up a hash tells nothing of the secret by the time it takes */
function hash (text: string): string {
  return createHash('sha256').update(text).digest('base64')
}

/** Puts a value last, and gives up the first where there are too many: gives the key of that one */
function keep <T> (map: Map<string, T>, key: string, value: T, limit: number): string | undefined {
  map.delete(key)
  map.set(key, value)

  if (map.size > limit) {
    const [first] = map.keys()

    map.delete(first)

    return first
  }
}

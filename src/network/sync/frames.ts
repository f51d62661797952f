/**
 * Bounded frames on a stream: a protobuf message after its length, within a time, so many and no more.
 */

import { lpStream } from '@libp2p/utils'
import { decodeMessage } from 'protons-runtime'
import { encodeMessage } from '../../consensus/encoding/encode.ts'
import { FRAME_TIMEOUT, MAX_FRAME_LENGTH, MAX_FRAMES, MAX_SYNC_LENGTH, STANDSTILL } from './constants.ts'
import { SyncCutOffError, SyncFaultError, SyncLimitError, SyncStalledError } from './errors.ts'
import type { Encodable } from '../../consensus/encoding/encode.ts'
import type { AbortOptions, Stream } from '@libp2p/interface'
import type { LengthPrefixedStream } from '@libp2p/utils'
import type { Codec } from 'protons-runtime'

/** Bytes on the wire, lengths of frames included */
export interface Traffic {
  bytesIn: number
  bytesOut: number
}

export interface FramesInit {
  /** Ends all reading and writing */
  signal: AbortSignal
  /** Is added to */
  traffic: Traffic
  /** Milliseconds; how long one frame may take */
  frameTimeout?: number
  maxFrames?: number
}

const TOO_LONG = new Set(['InvalidDataLengthError', 'InvalidDataLengthLengthError', 'InvalidMessageLengthError', 'StreamBufferError'])

export class Frames <In, Out> {
  private readonly frames: LengthPrefixedStream<Stream>
  private readonly incoming: Codec<In>
  private readonly outgoing: Codec<Out>
  /** Ends all reading and writing: aborts with the signal that was given, or once the other side has stalled */
  private readonly end = new AbortController()
  private readonly traffic: Traffic
  private readonly timeout: number
  private readonly left: Record<'in' | 'out', { frames: number, bytes: number }>

  constructor (stream: Stream, incoming: Codec<In>, outgoing: Codec<Out>, init: FramesInit) {
    // one frame is read while another may come
    this.frames = lpStream(stream, { maxDataLength: MAX_FRAME_LENGTH, maxBufferSize: 4 * MAX_FRAME_LENGTH })
    this.incoming = incoming
    this.outgoing = outgoing
    // the signal goes with the stream, and the listener with the signal
    init.signal.addEventListener('abort', () => { this.end.abort(init.signal.reason) })
    this.traffic = init.traffic
    this.timeout = init.frameTimeout ?? FRAME_TIMEOUT

    if (init.signal.aborted) {
      this.end.abort(init.signal.reason)
    }

    this.left = {
      in: { frames: init.maxFrames ?? MAX_FRAMES, bytes: MAX_SYNC_LENGTH },
      out: { frames: init.maxFrames ?? MAX_FRAMES, bytes: MAX_SYNC_LENGTH }
    }
  }

  /**
   * @throws {SyncFaultError} if the frame is too long or no such message
   * @throws {SyncStalledError} | {SyncCutOffError} | {SyncLimitError}, the reason if it is aborted
   */
  async read ({ signal }: AbortOptions = {}): Promise<In> {
    const frame = await this.timed('sent nothing', async signal => this.frames.read({ signal }), signal)
    const length = framed(frame.byteLength)

    this.traffic.bytesIn += length
    this.count('in', length)

    try {
      return decodeMessage(frame.subarray(), this.incoming)
    } catch (err: any) {
      throw new SyncFaultError(`sent a frame that is no message: ${err.message}`)
    }
  }

  /**
   * @throws {SyncStalledError} | {SyncCutOffError} | {SyncLimitError}
   */
  async write (message: Encodable<Partial<Out>>): Promise<void> {
    const frame = encodeMessage(this.outgoing, message)

    this.count('out', framed(frame.byteLength))
    await this.send(frame)
  }

  /** Writes a frame after which nothing comes: there is room for it in any case */
  async writeLast (message: Encodable<Partial<Out>>): Promise<void> {
    await this.send(encodeMessage(this.outgoing, message))
  }

  private async send (frame: Uint8Array): Promise<void> {
    this.traffic.bytesOut += framed(frame.byteLength)
    await this.timed('took nothing', async signal => this.frames.write(frame, { signal }))
  }

  private count (way: 'in' | 'out', length: number): void {
    const left = this.left[way]

    left.frames--
    left.bytes -= length

    if (left.frames < 0 || left.bytes < 0) {
      throw new SyncLimitError('the sync has as many frames and bytes as it may have')
    }
  }

  /**
   * Does something that must not take longer than a frame may. After one that did nothing more is read or written.
   *
   * @param given - ends this alone
   */
  private async timed <T> (problem: string, task: (signal: AbortSignal) => Promise<T>, given?: AbortSignal): Promise<T> {
    const signal = given == null ? this.end.signal : AbortSignal.any([this.end.signal, given])
    const stop = onTimeout(this.timeout, () => {
      this.end.abort(new SyncStalledError(`${problem} for ${this.timeout / 1000} s`))
    })

    try {
      return await task(signal)
    } catch (err: any) {
      signal.throwIfAborted()

      if (TOO_LONG.has(err.name)) {
        throw new SyncFaultError(`sent too long a frame: ${err.message}`)
      }

      throw new SyncCutOffError(`hung up: ${err.message}`, { cause: err })
    } finally {
      stop()
    }
  }
}

/**
 * Calls back after some milliseconds in which this process ran: where it was suspended, or too busy to read, the answer may be
 * there unread. Returns what prevents that.
 */
function onTimeout (timeout: number, callback: () => void): () => void {
  let timer: ReturnType<typeof setTimeout>

  const begin = (): void => {
    const begun = performance.now()

    timer = setTimeout(() => {
      if (performance.now() - begun > timeout + STANDSTILL) {
        begin()
      } else {
        callback()
      }
    }, timeout)
  }

  begin()

  return () => { clearTimeout(timer) }
}

/** The length of a frame with the varint before it */
function framed (length: number): number {
  return length + 1 + [2 ** 7, 2 ** 14].filter(limit => length >= limit).length
}

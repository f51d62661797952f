/**
 * What the verifier pool and its threads say to each other. A batch is one array of bytes, so that handing it over costs
 * nothing however many signatures are in it.
 */

export interface VerifierTask {
  identity: Uint8Array
  payload: Uint8Array
  signature: Uint8Array
}

export const INVALID = 0
export const VALID = 1
/** The scheme threw its error */
export const REFUSED = 2

/** Comes in place of a batch: there are no more */
export const END = null

export interface BatchVerdicts {
  /** One of the constants above a task */
  verdicts: number[]
  /** What was wrong with those refused, in order */
  errors: string[]
}

/** Three lengths of four bytes */
const HEADER_LENGTH = 12

export function writeBatch (tasks: readonly VerifierTask[]): Uint8Array<ArrayBuffer> {
  const length = tasks.reduce((sum, { identity, payload, signature }) => sum + HEADER_LENGTH + identity.byteLength + payload.byteLength + signature.byteLength, 0)
  const batch = new Uint8Array(length)
  const view = new DataView(batch.buffer)
  let offset = 0

  for (const { identity, payload, signature } of tasks) {
    const parts = [identity, payload, signature]

    for (const { byteLength } of parts) {
      view.setUint32(offset, byteLength)
      offset += 4
    }

    for (const part of parts) {
      batch.set(part, offset)
      offset += part.byteLength
    }
  }

  return batch
}

export function * readBatch (batch: Uint8Array): Generator<VerifierTask> {
  const view = new DataView(batch.buffer, batch.byteOffset, batch.byteLength)

  for (let offset = 0; offset < batch.byteLength;) {
    const lengths = [0, 4, 8].map(at => view.getUint32(offset + at))
    offset += HEADER_LENGTH

    const [identity, payload, signature] = lengths.map(length => {
      const part = batch.subarray(offset, offset + length)
      offset += length

      return part
    })

    yield { identity, payload, signature }
  }
}

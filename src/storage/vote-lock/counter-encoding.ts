/**
 * The records of lock counters, in files and in LevelDB.
 */

import { equals } from 'uint8arrays/equals'
import { encodeMessage } from '../../consensus/encoding/encode.ts'
import { sha256 } from '../../consensus/encoding/sha256.ts'
import { EARLIER_MARK_LENGTH, LOCK_MARK_LENGTH, MAX_EARLIER_MARKS, MAX_LOCK_COUNT } from '../../consensus/vote/lock-counter.ts'
import { decodeCanonical } from '../../consensus/vote/vote.ts'
import { LockCounterRecord } from '../../pb/record.ts'
import { StorageFormatError } from '../errors.ts'
import type { LockCounter } from '../../consensus/vote/lock-counter.ts'

const RECORD_VERSION = 1
const NO_BYTES = new Uint8Array(0)

export function encodeCounter ({ id, count, mark, earlier, restoredAt }: LockCounter): Uint8Array {
  const record: LockCounterRecord = {
    version: RECORD_VERSION,
    id: id as Uint8Array<ArrayBuffer>,
    count,
    mark: mark as Uint8Array<ArrayBuffer>,
    ...restoredAt == null ? {} : { restoredAt },
    earlier: earlier as Uint8Array<ArrayBuffer>,
    checksum: NO_BYTES
  }

  return encodeRecord({ ...record, checksum: checksum(record) })
}

/** Throws if the record is damaged, or StorageFormatError if a newer version of this package has written it */
export function decodeCounter (bytes: Uint8Array): LockCounter {
  const record = decodeCanonical(bytes, 'lock counter', LockCounterRecord.decode, encodeRecord)
  const { version, id, count, mark, earlier, restoredAt } = record

  if (!equals(checksum(record), record.checksum)) {
    throw new Error('its checksum does not fit')
  }

  if (version !== RECORD_VERSION) {
    throw new StorageFormatError(`it has form ${version}, this version reads form ${RECORD_VERSION}. Use the version of libp2p-voting that wrote it, or a newer one`)
  }

  if (id.byteLength !== LOCK_MARK_LENGTH || mark.byteLength !== LOCK_MARK_LENGTH || count < 1n || count > MAX_LOCK_COUNT) {
    throw new Error(`its id and mark must have ${LOCK_MARK_LENGTH} bytes, and its count be from 1 to ${MAX_LOCK_COUNT}`)
  }

  if (earlier.byteLength % EARLIER_MARK_LENGTH !== 0 || earlier.byteLength > MAX_EARLIER_MARKS * EARLIER_MARK_LENGTH) {
    throw new Error(`its earlier marks must be at most ${MAX_EARLIER_MARKS} of ${EARLIER_MARK_LENGTH} bytes, and have ${earlier.byteLength} bytes`)
  }

  return { id, count, mark, earlier, ...restoredAt == null ? {} : { restoredAt } }
}

/** Throws if it is no id or mark of a counter */
export function checkMark (bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength !== LOCK_MARK_LENGTH) {
    throw new Error(`it must have ${LOCK_MARK_LENGTH} bytes, and has ${bytes.byteLength}`)
  }

  return bytes
}

function encodeRecord (record: LockCounterRecord): Uint8Array {
  return encodeMessage(LockCounterRecord.codec(), record)
}

function checksum (record: LockCounterRecord): Uint8Array<ArrayBuffer> {
  return sha256(encodeRecord({ ...record, checksum: NO_BYTES })) as Uint8Array<ArrayBuffer>
}

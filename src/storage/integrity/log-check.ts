/**
 * Tells whether a log of LevelDB was damaged. LevelDB itself leaves out what it cannot read of one, without a word.
 *
 * A log is blocks of records: CRC-32C over type and content, length, type, content. A process that is killed leaves a record
 * at the end that is cut off, and a loss of power a part at the end that is missing, or was never written and is zeros.
 * Whatever else does not fit was written and has changed since.
 */

/** Bytes */
const BLOCK = 32 * 1024
const HEADER = 7

/** What disks write at once: where power is lost, what was not written begins at a multiple */
const SECTOR = 512

/** The highest type of a record; zero is of room that was never used */
const LAST_TYPE = 4

const POLYNOMIAL = 0x82f63b78
const MASK_DELTA = 0xa282ead8

/**
 * What is wrong with a log, in words; undefined if nothing is but that its end was never written
 */
export function logProblem (log: Uint8Array): string | undefined {
  const written = lengthWithoutZeros(log)
  let at = 0

  while (log.byteLength - at >= HEADER) {
    const room = BLOCK - at % BLOCK

    if (room < HEADER) {
      at += room
      continue
    }

    const { length, type } = headerAt(log, at)
    const end = at + HEADER + length

    if (isUnwritten(at, written)) {
      return
    }

    if (end > log.byteLength && length <= room - HEADER) {
      return isCutOff(log, at) ? undefined : problemAt(at)
    }

    if (length > room - HEADER || !isRecord(log, at, length, type)) {
      // its beginning may have been written where the rest was not
      const lastSector = Math.floor((Math.min(end, log.byteLength) - 1) / SECTOR) * SECTOR

      return lastSector > at && isUnwritten(lastSector, written) ? undefined : problemAt(at)
    }

    at = end
  }
}

function problemAt (at: number): string {
  return `is not as it was written: what is at byte ${at} has a checksum that does not fit`
}

/** Whether from here on nothing was written */
function isUnwritten (at: number, written: number): boolean {
  return written <= at
}

/** Whether a record that says it is longer than the log is the last one, and not one whose length has changed */
function isCutOff (log: Uint8Array, at: number): boolean {
  if (isRecord(log, at, log.byteLength - at - HEADER, log[at + 6])) {
    return false
  }

  for (let next = at + 1; next + HEADER <= log.byteLength; next++) {
    const { length, type } = headerAt(log, next)

    if (type > 0 && type <= LAST_TYPE && length > 0 && next + HEADER + length <= log.byteLength && isRecord(log, next, length, type)) {
      return false
    }
  }

  return true
}

function headerAt (log: Uint8Array, at: number): { length: number, type: number } {
  return { length: log[at + 4] | log[at + 5] << 8, type: log[at + 6] }
}

function isRecord (log: Uint8Array, at: number, length: number, type: number): boolean {
  const expected = (log[at] | log[at + 1] << 8 | log[at + 2] << 16 | log[at + 3] << 24) >>> 0

  return type > 0 && type <= LAST_TYPE && mask(crc32c(log, at + HEADER - 1, at + HEADER + length)) === expected
}

function lengthWithoutZeros (bytes: Uint8Array): number {
  let length = bytes.byteLength

  while (length > 0 && bytes[length - 1] === 0) {
    length--
  }

  return length
}

/** LevelDB does so since checksums over what contains checksums are weak */
function mask (crc: number): number {
  return ((crc >>> 15 | crc << 17) + MASK_DELTA) >>> 0
}

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte

  for (let bit = 0; bit < 8; bit++) {
    crc = (crc & 1) === 1 ? crc >>> 1 ^ POLYNOMIAL : crc >>> 1
  }

  return crc
})

function crc32c (bytes: Uint8Array, from: number, to: number): number {
  let crc = 0xffffffff

  for (let index = from; index < to; index++) {
    crc = TABLE[(crc ^ bytes[index]) & 0xff] ^ crc >>> 8
  }

  return ~crc >>> 0
}

/**
 * The record that says which form a store has, and how an older one is brought to this version's.
 */

import { encodeMessage } from '../../consensus/encoding/encode.ts'
import { SchemaRecord } from '../../pb/record.ts'
import { StorageDamagedError, StorageFormatError } from '../errors.ts'
import { SCHEMA_KEY } from './keys.ts'
import { migrations } from './migrations.ts'
import type { Database } from './database.ts'
import type { Migration } from './migrations.ts'

/** The oldest form that can be brought up to date. No release has written an earlier one. */
export const OLDEST_VERSION = 5

/** The form that this version writes, and the only one it works with */
export const SCHEMA_VERSION = OLDEST_VERSION + migrations.length

/** Says of a database that it is ours and has this form. Of one that is there and empty it is not known: it may have lost all it had. */
export async function writeSchema (database: Database, version = SCHEMA_VERSION): Promise<void> {
  await database.write('the version of its form', [{
    type: 'put',
    key: SCHEMA_KEY,
    value: encodeMessage(SchemaRecord.codec(), { version })
  }])
}

/**
 * Brings a store of an older form to this version's, a form at a time. The record that says so comes last, so what was cut
 * off goes on when it is opened again.
 *
 * @throws {StorageFormatError} if the store is of a newer version, older than the oldest form, or of somebody else
 * @throws {StorageDamagedError} if the version cannot be read
 */
export async function bringUpToDate (database: Database, steps: readonly Migration[] = migrations): Promise<void> {
  const last = OLDEST_VERSION + steps.length

  for (let version = await readVersion(database, last); version < last; version++) {
    await steps[version - OLDEST_VERSION](database)
    await writeSchema(database, version + 1)
  }
}

/**
 * @throws {StorageFormatError} if the store is of another version, or of somebody else
 * @throws {StorageDamagedError} if the version cannot be read
 */
export async function checkSchema (database: Database): Promise<void> {
  const version = await readVersion(database)

  if (version !== SCHEMA_VERSION) {
    throw new StorageFormatError(`The store ${database.location} has form ${version}, this version works with form ${SCHEMA_VERSION}. Open it once, as starting a node does: that brings it to form ${SCHEMA_VERSION}`)
  }
}

/** Whether the records are those of this version, as far as can be told */
export async function hasPresentForm (database: Database): Promise<boolean> {
  try {
    return await readVersion(database) === SCHEMA_VERSION
  } catch (err) {
    if (err instanceof StorageDamagedError || err instanceof StorageFormatError) {
      return false
    }

    throw err
  }
}

async function readVersion (database: Database, newest = SCHEMA_VERSION): Promise<number> {
  const { location } = database
  const record = await database.get(SCHEMA_KEY)

  if (record == null) {
    const [key] = await database.keys({ limit: 1 })

    throw new StorageFormatError(`The LevelDB database ${location} ${key == null ? 'is empty' : `begins with the key ${JSON.stringify(key.slice(0, 80))}`} and has no record that says it is a store of libp2p-voting. Give another folder; if it was a store, restore it from a backup; if nothing was ever stored there, remove it`)
  }

  const { version } = SchemaRecord.decode(record)

  if (version < OLDEST_VERSION) {
    throw new StorageFormatError(`The store ${location} has form ${version}, which a version of libp2p-voting wrote that was never released. No version reads it: move the store away, and start with a new one`)
  }

  if (version > newest) {
    throw new StorageFormatError(`The store ${location} has form ${version}, this version reads forms up to ${newest}. Use the version of libp2p-voting that wrote it, or a newer one`)
  }

  return version
}

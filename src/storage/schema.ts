/**
 * The record that says which form a store has.
 */

import { encodeMessage } from '../consensus/encode.ts'
import { SchemaRecord } from '../pb/record.ts'
import { StorageFormatError } from './errors.ts'
import { SCHEMA_KEY } from './keys.ts'
import type { Database } from './database.ts'

/** The form that this version writes, and the only one it reads */
export const SCHEMA_VERSION = 1

/** Marks a database that was just made as ours. One that is there and empty may have lost all it had. */
export async function writeSchema (database: Database): Promise<void> {
  await database.write('the version of its form', [{
    type: 'put',
    key: SCHEMA_KEY,
    value: encodeMessage(SchemaRecord.codec(), { version: SCHEMA_VERSION })
  }])
}

/**
 * @throws {StorageFormatError} if the store is of another version, or of somebody else
 * @throws {StorageDamagedError} if the version cannot be read
 */
export async function checkSchema (database: Database): Promise<void> {
  const { location } = database
  const record = await database.get(SCHEMA_KEY)

  if (record == null) {
    const [key] = await database.keys({ limit: 1 })

    throw new StorageFormatError(`The LevelDB database ${location} ${key == null ? 'is empty' : `begins with the key ${JSON.stringify(key.slice(0, 80))}`} and has no record that says it is a store of libp2p-voting. Give another folder; if it was a store, restore it from a backup; if nothing was ever stored there, remove it`)
  }

  const { version } = SchemaRecord.decode(record)

  if (version !== SCHEMA_VERSION) {
    throw new StorageFormatError(`The store ${location} has form ${version}, this version reads form ${SCHEMA_VERSION}. Use the version of libp2p-voting that wrote it${version > SCHEMA_VERSION ? ', or a newer one' : ''}`)
  }
}

import { Database } from '../level/database.ts'
import { hasPresentForm } from '../level/schema.ts'
import { checkStore } from './check.ts'
import { settle } from './power-loss.ts'
import type { DamagedRecord } from '../errors.ts'

/** All that is wrong with the records of a store, whose files are as LevelDB left them */
export async function inspectRecords (location: string): Promise<DamagedRecord[]> {
  const db = await Database.open(location)

  try {
    if (await hasPresentForm(db)) {
      await settle(db)
    }

    return await checkStore(db)
  } finally {
    await db.close()
  }
}

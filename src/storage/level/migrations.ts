/**
 * The steps that bring a store from one form to the next, in order: the first from `OLDEST_VERSION` to the form after it.
 *
 * A step works in batches of bounded size. A crash or a full disk may end it between any two of them. The step then runs again
 * from the beginning, so it must find what is left to do. What is damaged stays as it is, and is reported where it is needed.
 */

import type { Database } from './database.ts'

export type Migration = (db: Database) => Promise<void>

export const migrations: readonly Migration[] = []

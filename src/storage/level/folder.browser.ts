import { StorageOpenError } from '../errors.ts'

/** IndexedDB undoes what fails and needs not be opened anew */
export async function hasRoomToOpen (): Promise<boolean> {
  return true
}

/** Whether there is a database of this name, which abstract-level's browser store prefixes */
export async function hasDatabase (location: string): Promise<boolean> {
  return (await indexedDB.databases()).some(({ name }) => name === `level-js-${location}`)
}

/** Databases of IndexedDB may be opened by several pages */
export async function holdFolder (): Promise<() => void> {
  return () => {}
}

/** Never called: nobody has to wait */
export function alreadyOpen (location: string, cause?: unknown): StorageOpenError {
  return new StorageOpenError(`The database ${location} cannot be opened`, { cause, inUse: true })
}

export async function expectClosed (): Promise<void> {}

/** What IndexedDB does with its files is not ours to see */
export async function manifestProblems (): Promise<string[]> {
  return []
}

/** There whose a store is is known once it is open */
export async function manifestOwnership (): Promise<object> {
  return {}
}

/** IndexedDB makes a database as a whole or not at all, and its first record comes soon enough */
export async function isUnfinished (): Promise<boolean> {
  return false
}

export const PROBE_NAME = /^$/

export async function removeLeftovers (): Promise<void> {}

export class FolderManifest {
  readonly mayLackVotes = false

  async settled (): Promise<void> {}

  async beginNew (): Promise<void> {}

  async made (): Promise<void> {}

  async belongsTo (): Promise<void> {}

  async begin (): Promise<void> {}

  async opened (): Promise<void> {}

  async verify (): Promise<undefined> {}

  async end (): Promise<void> {}
}

/** Only called where there are problems */
export async function withCopy (location: string): Promise<never> {
  throw new Error(`The database ${location} cannot be copied`)
}

/** Only called where there are problems */
export async function inProcess (task: string, location: string): Promise<never> {
  throw new Error(`There are no files of the database ${location} to ${task}`)
}

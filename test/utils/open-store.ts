/**
 * Opens a store in a process of its own, tells what came of it, and closes it again.
 */

import { LevelStorage } from '../../src/storage/level/level-storage.ts'

const [, , location] = process.argv

async function open (): Promise<string> {
  try {
    await (await LevelStorage.open(location)).close()

    return 'opened'
  } catch (err: any) {
    return `${err.name}: ${err.message}`
  }
}

process.send?.(await open(), () => { process.disconnect() })

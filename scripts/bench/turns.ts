/**
 * What is compared is done in turns, so that all have the same share of whatever else the machine does.
 */

/** Calls a task for each number, so many at a time */
export async function inParallel (underWay: number, from: number, to: number, task: (index: number) => Promise<void>): Promise<void> {
  let next = from

  await Promise.all(Array.from({ length: underWay }, async () => {
    while (next < to) {
      await task(next++)
    }
  }))
}

/** Does all tasks one after the other, each first in its turn */
export async function inTurn (turn: number, tasks: Array<() => Promise<void>>): Promise<void> {
  for (let index = 0; index < tasks.length; index++) {
    await tasks[(turn + index) % tasks.length]()
  }
}

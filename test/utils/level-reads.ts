import { Level } from 'level'

/** Counts the records that LevelDB is asked for while a task runs, those of iterators included: how many of which table */
export async function countReads (task: () => Promise<void>): Promise<Record<string, number>> {
  const proto: any = Level.prototype
  const { get, getMany, iterator, keys } = proto
  const counts: Record<string, number> = {}
  const count = (names: unknown[]): void => {
    for (const name of names) {
      const table = String(name).split('/')[0]

      counts[table] = (counts[table] ?? 0) + 1
    }
  }

  proto.get = async function (key: string, ...rest: any[]) {
    count([key])

    return get.call(this, key, ...rest)
  }
  proto.getMany = async function (names: string[], ...rest: any[]) {
    count(names)

    return getMany.call(this, names, ...rest)
  }
  proto.iterator = counting(iterator, (entry: [string, unknown]) => entry[0])
  proto.keys = counting(keys, (key: string) => key)

  try {
    await task()
  } finally {
    Object.assign(proto, { get, getMany, iterator, keys })
  }

  return counts

  function counting (method: any, keyOf: (found: any) => string) {
    return function (this: any, ...args: any[]) {
      const iterator = method.apply(this, args)
      const all = iterator.all.bind(iterator)
      const unknown = (): never => { throw new Error('count what this reads, too') }

      return Object.assign(iterator, {
        next: unknown,
        nextv: unknown,
        async all () {
          const found = await all()

          count(found.map(keyOf))

          return found
        }
      })
    }
  }
}

/**
 * Cuts what is sent into pages, reading no more of it than the page that is made and one item.
 */

import { PAGE_LENGTH } from './constants.ts'

export interface Page <T> {
  items: T[]
  /** Whether there is another */
  more: boolean
}

/**
 * Pages of at most `maxLength` bytes, or of a single item that is longer. There is at least one, which may be empty.
 *
 * @param lengthOf - bytes that an item takes
 */
export async function * inPages <T> (items: Iterable<T> | AsyncIterable<T>, lengthOf: (item: T) => number, maxLength = PAGE_LENGTH): AsyncGenerator<Page<T>, void, undefined> {
  let page: T[] = []
  let length = 0

  for await (const item of items) {
    const itemLength = lengthOf(item)

    if (page.length > 0 && length + itemLength > maxLength) {
      yield { items: page, more: true }
      page = []
      length = 0
    }

    page.push(item)
    length += itemLength
  }

  yield { items: page, more: false }
}

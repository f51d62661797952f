/** IndexedDB undoes what fails and needs not be opened anew */
export async function hasRoomToOpen (): Promise<boolean> {
  return true
}

/** Whether there is a database of this name, which abstract-level's browser store prefixes */
export async function hasDatabase (location: string): Promise<boolean> {
  return (await indexedDB.databases()).some(({ name }) => name === `level-js-${location}`)
}

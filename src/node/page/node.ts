/**
 * The node this page comes from. The browser sends the cookie that the one-time link has set.
 */

import { VotingClient } from '../../client/client.ts'
import { Feed } from './feed.ts'
import { Notes } from './notes.ts'

export const client = new VotingClient({ url: '' })
export const feed = new Feed(client)
export const notes = new Notes(feed)

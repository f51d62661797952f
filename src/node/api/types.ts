/**
 * The types of the API are described once, for both its ends. Only types: nothing of the client runs here.
 */

export type * from '../../client/types.ts'
